"""What the pages of credentials and of connections have in common: who may use what, how often it was, and the forms to change that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from galleria.errors import InvalidError
from galleria.gallery.actors import Actor
from galleria.gallery.audit.service import uses_of
from galleria.gallery.connections import service as connections
from galleria.gallery.connections.records import Connection
from galleria.gallery.credentials import service as credentials
from galleria.gallery.credentials.records import Credential
from galleria.gallery.groups.service import groups_by_id, groups_of, list_groups
from galleria.gallery.shares.lending import is_near, shares_of
from galleria.gallery.shares.records import Lent, Party
from galleria.gallery.subscriptions.service import subscriptions_by_id
from galleria.gallery.users.service import find_by_email, users_by_id
from galleria.web.forms import Form
from galleria.web.pages.home import Choice


@dataclass(frozen=True)
class User:
    """Somebody who may use a secret."""

    party: str
    party_id: str
    name: str


@dataclass(frozen=True)
class SecretLine:
    secret_id: str
    name: str
    detail: str
    """Of a connection: its string, passwords replaced by stars."""
    owner: str
    """Empty for the gallery's own."""
    users: Sequence[User]
    """Told to those alone who may change it."""
    uses: int
    """By runs."""
    last_used_at: datetime | None
    can_change: bool


def secret_lines(
    db: Session, actor: Actor, found: Sequence[Credential] | Sequence[Connection], kind: type[Lent], entity: str
) -> list[SecretLine]:
    """Describe what a list holds, with what only owners and Curators are told where the actor is one."""
    ids = [one.id for one in found]
    users, uses = _users(db, shares_of(db, kind, ids)), uses_of(db, entity, ids)
    owners = users_by_id(db, [one.created_by for one in found if one.created_by])
    lines: list[SecretLine] = []
    for one in found:
        can_change = actor.is_curator or (actor.user_id is not None and one.created_by == actor.user_id)
        is_used = uses.get(one.id)
        owner = owners.get(one.created_by or "")
        lines.append(
            SecretLine(
                secret_id=one.id,
                name=one.user_name if isinstance(one, Credential) else one.name,
                detail="" if isinstance(one, Credential) else one.address,
                owner=owner.full_name if owner is not None else "",
                users=users.get(one.id, ()) if can_change else (),
                uses=is_used.count if is_used else 0,
                last_used_at=is_used.last_at if is_used else None,
                can_change=can_change,
            )
        )
    return lines


def _users(db: Session, shares: Sequence[Lent]) -> Mapping[str, Sequence[User]]:
    ids = {party: [share.party_id for share in shares if share.party is party] for party in Party}
    names = {user.id: user.email for user in users_by_id(db, ids[Party.USER]).values()}
    names |= {group.id: f"group {group.name}" for group in groups_by_id(db, ids[Party.GROUP]).values()}
    names |= {studio.id: f"studio {studio.name}" for studio in subscriptions_by_id(db, ids[Party.STUDIO]).values()}
    found: dict[str, list[User]] = {}
    for share in shares:
        user = User(share.party.value, share.party_id, names.get(share.party_id, "somebody who is gone"))
        found.setdefault(share.thing_id, []).append(user)
    return found


def circles(db: Session, actor: Actor) -> list[Choice]:
    """List to whom, beside single people, the actor may lend something: groups, and for others than Curators their studio."""
    groups = list_groups(db, actor) if actor.is_curator else groups_of(db, actor.user_id or "")
    found = [Choice(f"group {group.id}", group.name, False) for group in groups]
    if not actor.is_curator and actor.subscription_id:
        found.insert(0, Choice(f"studio {actor.subscription_id}", "Everybody in my studio", False))
    return [Choice("", "Choose a group", True), *found] if found else []


def wanted(db: Session, actor: Actor, form: Form) -> tuple[Party, str]:
    """Read whom a form wants to let use something."""
    circle = form.text("group", 60)
    if circle:
        return _party(circle)
    user = find_by_email(db, form.text("email", 400))
    if user is None or not (actor.is_curator or is_near(db, actor, Party.USER, user.id)):
        # The same words as for somebody whom one may not lend to: who has an account here is not told to everybody.
        raise InvalidError("nobody here has this e-mail" if actor.is_curator else "nobody of your studio or your groups has this e-mail")
    return Party.USER, user.id


def change_credential(db: Session, actor: Actor, form: Form, credential_id: str) -> None:
    """Do what the button of a credential's card says."""
    match form.text("deed"):
        case "share":
            credentials.share_credential(db, actor, credential_id, *wanted(db, actor, form))
        case "password":
            credentials.change_password(db, actor, credential_id, form.raw("password"))
        case "delete":
            credentials.delete_credential(db, actor, credential_id, with_shares=True)
        case _:
            credentials.unshare_credential(db, actor, credential_id, *present(form))


def change_connection(db: Session, actor: Actor, form: Form, connection_id: str) -> None:
    """Do what the button of a connection's card says."""
    match form.text("deed"):
        case "share":
            connections.share_connection(db, actor, connection_id, *wanted(db, actor, form))
        case "address":
            connections.change_address(db, actor, connection_id, form.text("address"))
        case "delete":
            connections.delete_connection(db, actor, connection_id)
        case _:
            connections.unshare_connection(db, actor, connection_id, *present(form))


def present(form: Form) -> tuple[Party, str]:
    """Read whom a form wants to take something from."""
    return _party(form.text("member", 60))


def _party(text: str) -> tuple[Party, str]:
    party, _, party_id = text.partition(" ")
    if party not in [one.value for one in Party]:
        raise InvalidError("choose a user, a group or a studio")
    return Party(party), party_id
