"""Keep accounts for runs: made and shared by whose they are and by Curators, their passwords never shown again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, delete, or_, select, true
from sqlalchemy.orm import Session

from galleria.database.base import new_id
from galleria.database.connect import vault_of
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.credentials.records import Credential, CredentialShare
from galleria.gallery.pages import EVERYTHING, Page
from galleria.gallery.shares import lending
from galleria.gallery.shares.records import Party

ENTITY = "Credential"


@dataclass(frozen=True)
class Secret:
    """An account as a run is given it. Never to be logged, shown or stored."""

    user_name: str
    password: str = field(repr=False)


def create_credential(db: Session, actor: Actor, user_name: str, password: str, credential_id: str | None = None) -> Credential:
    """Keep an account. A Curator's is the gallery's, its name given once; a Member's is his own, and lent to him."""
    actor.require(Role.MEMBER, "create a credential")
    if not 1 <= len(user_name.strip()) <= 300 or not 1 <= len(password) <= 10_000:
        raise InvalidError("a credential has a user name of 1 to 300 characters and a password")
    same = select(Credential.id).where(Credential.user_name == user_name.strip())
    # Of others' accounts a Member does not learn even their names.
    if db.scalars(same if actor.is_curator else same.where(_visible_to(actor))).first() is not None:
        raise ConflictError(f"a credential for {user_name.strip()} exists")
    if actor.user_id is None and not actor.is_curator:
        raise ForbiddenError("only a user keeps a credential; a studio's key is nobody")
    credential = Credential(
        id=credential_id or new_id(), user_name=user_name.strip(), password_sealed=vault_of(db).seal(password), created_by=actor.user_id
    )
    db.add(credential)
    audit.record(db, actor, Event.INSERT, ENTITY, credential.id, new={"userName": credential.user_name})
    db.flush()
    if not actor.is_curator:
        lending.lend(db, actor, CredentialShare, ENTITY, credential.id, Party.USER, actor.user_id or "")
    return credential


def change_password(db: Session, actor: Actor, credential_id: str, password: str) -> Credential:
    credential = _get_own(db, actor, credential_id, "change a credential")
    if not 1 <= len(password) <= 10_000:
        raise InvalidError("a credential has a password")
    credential.password_sealed = vault_of(db).seal(password)
    audit.record(db, actor, Event.UPDATE, ENTITY, credential.id, new={"password": "changed"})
    db.flush()
    return credential


def _get_own(db: Session, actor: Actor, credential_id: str, deed: str) -> Credential:
    credential = get_credential(db, actor, credential_id)
    lending.require_lender(actor, credential.created_by, deed)
    return credential


def _usable_by(actor: Actor) -> ColumnElement[bool]:
    """Say which credentials an actor may use: those shared with him, a group of his or his studio."""
    return Credential.id.in_(lending.lent_to(actor, CredentialShare))


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """All for a Curator; else those that the actor may use, and his own."""
    if actor.is_curator:
        return true()
    return or_(_usable_by(actor), and_(Credential.created_by.is_not(None), Credential.created_by == actor.user_id))


def get_credential(db: Session, actor: Actor, credential_id: str) -> Credential:
    """Find a credential: any for a Curator, else one that the actor may use."""
    credential = db.scalars(select(Credential).where(Credential.id == credential_id, _visible_to(actor))).first()
    if credential is None:
        raise NotFoundError(f"no credential {credential_id}")
    return credential


def list_credentials(
    db: Session, actor: Actor, page: Page = EVERYTHING, *, user_id: str | None = None, group_id: str | None = None
) -> Sequence[Credential]:
    """List all (for a Curator, who may narrow it to those shared with one user or group) or those that the actor may use."""
    query = select(Credential).where(_visible_to(actor))
    for party, party_id in ((Party.USER, user_id), (Party.GROUP, group_id)):
        if party_id and actor.is_curator:
            shares = select(CredentialShare.credential_id).where(CredentialShare.party == party, CredentialShare.party_id == party_id)
            query = query.where(Credential.id.in_(shares))
    return db.scalars(page.of(query.order_by(Credential.user_name, Credential.id))).all()


def usable_credentials(db: Session, actor: Actor) -> Sequence[Credential]:
    """List those that are shared with the actor, Curator or not: what he may name for a run."""
    return db.scalars(select(Credential).where(_usable_by(actor)).order_by(Credential.user_name, Credential.id)).all()


def share_credential(db: Session, actor: Actor, credential_id: str, party: Party, party_id: str) -> Credential:
    """Let a user, group or studio use a credential; sharing twice changes nothing."""
    credential = _get_own(db, actor, credential_id, "share a credential")
    lending.lend(db, actor, CredentialShare, ENTITY, credential_id, party, party_id)
    return credential


def unshare_credential(db: Session, actor: Actor, credential_id: str, party: Party, party_id: str) -> Credential:
    """End it; what was not shared is no error."""
    credential = _get_own(db, actor, credential_id, "share a credential")
    lending.take_back(db, actor, CredentialShare, ENTITY, credential_id, party, party_id)
    return credential


def delete_credential(db: Session, actor: Actor, credential_id: str, *, with_shares: bool = False) -> None:
    """Remove a credential; one that is shared only `with_shares`."""
    credential = _get_own(db, actor, credential_id, "delete a credential")
    if not with_shares and lending.shares_of(db, CredentialShare, [credential_id]):
        raise ConflictError(f"the credential for {credential.user_name} is shared; take it from those who use it first")
    db.execute(delete(CredentialShare).where(CredentialShare.credential_id == credential_id))
    db.delete(credential)
    audit.record(db, actor, Event.DELETE, ENTITY, credential_id, {"userName": credential.user_name})
    db.flush()


def require_usable(db: Session, actor: Actor, credential_id: str) -> None:
    """Raise NotFoundError unless the actor may name this credential for a run."""
    query = select(Credential.id).where(Credential.id == credential_id, _visible_to(actor))
    if db.scalars(query).first() is None:
        raise NotFoundError(f"no credential {credential_id}")


def use_credential(db: Session, actor: Actor, credential_id: str, job_id: str) -> Secret:
    """Open a credential for a run that it was named for, and note the use. For the worker only."""
    credential = db.get(Credential, credential_id)
    if credential is None:
        raise NotFoundError(f"the credential {credential_id} that the job names is gone")
    audit.record(db, actor, Event.USE, ENTITY, credential_id, new={"jobId": job_id})
    return Secret(credential.user_name, vault_of(db).open(credential.password_sealed))
