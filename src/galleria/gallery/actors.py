"""Who does something: roles, what they allow, and the one who asks."""

from dataclasses import dataclass
from enum import StrEnum

from galleria.errors import ForbiddenError


class Role(StrEnum):
    """In rising power, but for Evaluated, which stands for the best of a user's groups or the default role."""

    NO_ACCESS = "NoAccess"
    VIEWER = "Viewer"
    MEMBER = "Member"
    ARTISAN = "Artisan"
    CURATOR = "Curator"
    EVALUATED = "Evaluated"


_POWER = {Role.NO_ACCESS: 0, Role.VIEWER: 1, Role.MEMBER: 2, Role.ARTISAN: 3, Role.CURATOR: 4}


@dataclass(frozen=True)
class Actor:
    """Whoever a door found to be calling; verbs check it and the audit log names it."""

    role: Role
    """As decided at run time, never Evaluated."""
    user_id: str | None = None
    """None for a studio's key, and for the system itself."""
    subscription_id: str | None = None
    email: str = ""
    group_ids: frozenset[str] = frozenset()
    via: str = ""
    """The door: `web`, `subscription api`, `command line`, `schedule` ..."""
    is_system: bool = False
    can_schedule: bool = False
    can_set_priority: bool = False
    can_assign_jobs: bool = False
    can_create_collections: bool = False

    @property
    def is_curator(self) -> bool:
        return self.role is Role.CURATOR

    @property
    def is_studio(self) -> bool:
        """A studio's own key: no person, and nothing outside that studio."""
        return self.user_id is None and not self.is_system

    def has(self, role: Role) -> bool:
        return _POWER[self.role] >= _POWER[role]

    def require(self, role: Role, deed: str) -> None:
        """Raise ForbiddenError unless the actor's role is at least this one; `deed` reads "publish a workflow"."""
        if not self.has(role):
            raise ForbiddenError(f"to {deed} takes the role {role.value}; this caller's is {self.role.value}")


def system(via: str) -> Actor:
    """The server itself, or whoever has a shell on its machine."""
    return Actor(role=Role.CURATOR, via=via, is_system=True, can_schedule=True, can_set_priority=True, can_assign_jobs=True)


def strongest(roles: list[Role]) -> Role:
    return max((role for role in roles if role in _POWER), key=_POWER.__getitem__, default=Role.NO_ACCESS)
