"""What a job's run is given to log in with: the connections that it names and its user may use, and its credential."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from galleria.gallery.actors import Actor, Role
from galleria.gallery.connections.records import Connection
from galleria.gallery.connections.service import Opened, use_connections
from galleria.gallery.credentials.service import Secret, use_credential
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs.dispatch import ClaimedJob
from galleria.gallery.users.records import User

VIA = "run"


@dataclass(frozen=True)
class Given:
    """Never to be logged, shown or stored."""

    connections: Opened = field(default_factory=Opened)
    account: Secret | None = None


def give(db: Session, job: ClaimedJob, is_named: Callable[[Connection], bool], *, wants_account: bool) -> Given:
    """Open what the job's run needs and note each use in the audit log; raises NotFoundError for a credential that is gone.

    The credential is opened only for a run that has a connection to log in to: a named one, or `wants_account`.
    """
    actor = _actor_of(db, job)
    if not actor.has(Role.VIEWER):
        return Given()
    connections = use_connections(db, actor, job.id, is_named)
    wants_account = wants_account or bool(connections.addresses)
    account = use_credential(db, actor, job.credential_id, job.id) if job.credential_id and wants_account else None
    return Given(connections, account)


def _actor_of(db: Session, job: ClaimedJob) -> Actor:
    """As whom a job runs: its owner as he is now or, where a studio's key queued it, that studio."""
    owner = db.get(User, job.owner_id) if job.owner_id else None
    if owner is not None:
        return actor_for(db, owner, VIA)
    return Actor(role=Role.ARTISAN, subscription_id=job.subscription_id, via=VIA)
