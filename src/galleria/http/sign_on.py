"""Where people sign in who do not do so here: an OpenID Connect provider, as the administrator named it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.identities.service import Rules


@dataclass(frozen=True)
class SignOn:
    issuer: str
    """Its address as its tokens name it; below it lies `.well-known/openid-configuration`."""
    client_id: str
    client_secret: str = field(default="", repr=False)
    """Empty for a public client."""
    name: str = "single sign-on"
    """As the button says: "Sign in with ..."."""
    scopes: str = "openid email profile"
    claim: str = "groups"
    """The claim whose values give roles and groups; dots lead into objects: `realm_access.roles`."""
    rules: Rules = field(default_factory=Rules)
    takes_passwords: bool = True
    """Whether people may sign in with a password of this gallery, too."""


def read_roles(lines: Sequence[str]) -> Mapping[str, Role]:
    """Read `value=Role`; raises InvalidError for what is no role."""
    known = {role.value.lower(): role for role in Role}
    found: dict[str, Role] = {}
    for value, word in _pairs(lines, "a role (GALLERIA_OIDC_ROLES)"):
        if word.lower() not in known:
            raise InvalidError(f"{word[:40]!r} in GALLERIA_OIDC_ROLES is no role; a role is one of {', '.join(Role)}")
        found[value] = known[word.lower()]
    return found


def read_groups(lines: Sequence[str]) -> Mapping[str, str]:
    """Read `value=name of a group`."""
    return dict(_pairs(lines, "a group (GALLERIA_OIDC_GROUPS)"))


def _pairs(lines: Sequence[str], what: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in lines:
        # From the right: values are often names of directories, with = inside.
        value, separator, word = line.rpartition("=")
        if not separator or not value.strip() or not word.strip():
            raise InvalidError(f"{what} is written value=name, not {line[:80]!r}")
        found.append((value.strip(), word.strip()))
    return found
