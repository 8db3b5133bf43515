"""What another server has, as records: plain data with its ids, checked but not yet ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from galleria.gallery.actors import Role
from galleria.gallery.collections.service import Rights
from galleria.gallery.jobs.records import Priority
from galleria.gallery.shares.records import Party, Shared


@dataclass(frozen=True)
class StudioThere:
    id: str
    name: str
    is_active: bool = True
    worker_tag: str = ""
    contact: Mapping[str, Any] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class UserThere:
    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    role: Role = Role.EVALUATED
    studio_id: str = ""
    is_active: bool = True
    is_validated: bool = True
    can_schedule: bool = False
    can_set_priority: bool = False
    can_assign_jobs: bool = False
    timezone: str = ""
    language: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class WorkflowThere:
    id: str
    name: str
    studio_id: str
    owner_id: str
    version_id: str
    """Of the published version; empty where the server does not say."""
    is_public: bool = False
    is_run_disabled: bool = False
    worker_tag: str = ""
    can_download: bool = True
    is_ready_to_migrate: bool = False
    comments: str = ""
    version_count: int = 1


@dataclass(frozen=True)
class InsightThere:
    id: str
    name: str
    owner_id: str


@dataclass(frozen=True)
class ScheduleThere:
    id: str
    name: str
    comment: str
    workflow_id: str
    owner_id: str
    is_enabled: bool
    priority: Priority | None
    worker_tag: str
    account: str
    """User name of the credential that it runs with; empty for none."""
    timezone: str
    frequency: str
    iteration: Mapping[str, Any]
    next_run_at: datetime | None


@dataclass(frozen=True)
class MemberThere:
    party: Party
    id: str
    rights: Rights
    expires_at: datetime | None = None


@dataclass(frozen=True)
class CollectionThere:
    id: str
    name: str
    owner_id: str
    items: tuple[tuple[Shared, str], ...] = ()
    members: tuple[MemberThere, ...] = ()
    unknown_members: int = 0
    """Members that the server names by no id of its own (of a directory)."""


@dataclass(frozen=True)
class World:
    """Everything that the admin APIs tell about a server."""

    studios: tuple[StudioThere, ...]
    users: tuple[UserThere, ...]
    workflows: tuple[WorkflowThere, ...]
    insights: tuple[InsightThere, ...]
    schedules: tuple[ScheduleThere, ...]
    collections: tuple[CollectionThere, ...]
    forecast: Mapping[str, tuple[datetime, ...]] | None
    """Times to come by schedule within `forecast_window`; None where the server tells none."""
    forecast_window: tuple[datetime, datetime]
    connections: tuple[str, ...] = ()
    """Names of data connections."""
    oddities: tuple[str, ...] = field(default=())
    """What the server sent that could not be read."""

    @property
    def worker_tags(self) -> tuple[str, ...]:
        """The tags that its jobs ask for: without a worker that has them they wait for ever."""
        tags = {one.worker_tag for some in (self.studios, self.workflows, self.schedules) for one in some}
        return tuple(sorted(tags - {""}))
