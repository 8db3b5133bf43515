"""Sign somebody in whom an identity provider knows: find or make the user, and give him the role and groups that it says."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.errors import ConflictError, ForbiddenError
from galleria.gallery.actors import Role, strongest, system
from galleria.gallery.audit import service as audit
from galleria.gallery.audit.service import Event
from galleria.gallery.groups.records import Group
from galleria.gallery.groups.service import actor_for, add_members, create_group, groups_of, remove_member
from galleria.gallery.identities.records import Identity
from galleria.gallery.sessions.service import SignedIn, open_session
from galleria.gallery.users.records import User
from galleria.gallery.users.service import NewUser, UserChange, change_user, create_user, find_by_email, find_user

VIA = "single sign-on"
ENTITY = "Identity"


@dataclass(frozen=True)
class Claims:
    """What an identity provider says, checked."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    first_name: str = ""
    last_name: str = ""
    memberships: frozenset[str] = frozenset()
    """Values of the claim that roles and groups hang on."""


@dataclass(frozen=True)
class Rules:
    """What becomes of it here."""

    roles: Mapping[str, Role] = field(default_factory=dict[str, Role], hash=False)
    """By membership; where there are none, roles are given here and not there."""
    groups: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """Names of groups here, by membership; in and out of these one goes with each sign-in, others are left alone."""
    role: Role = Role.EVALUATED
    """Of those who are made at their first sign-in, and of those whose memberships name no role."""
    makes_users: bool = True
    trusts_emails: bool = False
    """Whether an e-mail counts that the provider does not call verified."""


def sign_in_as(db: Session, claims: Claims, rules: Rules, lifetime_s: float) -> SignedIn:
    """Sign in whom the claims name. Raises ForbiddenError, in words for whoever signs in."""
    identity = db.get(Identity, (claims.issuer, claims.subject))
    user = find_user(db, identity.user_id) if identity is not None else None
    if user is None:
        user = _first_time(db, claims, rules)
    _follow_memberships(db, user, claims, rules)
    actor = actor_for(db, user, VIA)
    if actor.role is Role.NO_ACCESS:
        raise ForbiddenError("your account here has no access; whoever runs this gallery can give it")
    return SignedIn(open_session(db, actor, user, lifetime_s), actor)


def _first_time(db: Session, claims: Claims, rules: Rules) -> User:
    if not claims.email:
        raise ForbiddenError("the identity provider tells no e-mail address of yours, and without one nobody is let in")
    # Whoever may write any address into his account there must not become whoever has it here.
    if not claims.is_email_verified and not rules.trusts_emails:
        raise ForbiddenError(f"the identity provider has not verified that {claims.email} is yours; verify it there first")
    user = find_by_email(db, claims.email)
    if user is None:
        if not rules.makes_users:
            raise ForbiddenError(f"nobody here has the e-mail {claims.email}; ask whoever runs this gallery for an account")
        user = create_user(db, system(VIA), NewUser(claims.email, rules.role, claims.first_name[:200], claims.last_name[:200]))
    _remember(db, claims, user)
    return user


def _remember(db: Session, claims: Claims, user: User) -> None:
    old = db.get(Identity, (claims.issuer, claims.subject))
    if old is not None:
        old.user_id = user.id
    else:
        db.add(Identity(issuer=claims.issuer, subject=claims.subject, user_id=user.id))
    audit.record(db, system(VIA), Event.INSERT, ENTITY, user.id, new={"issuer": claims.issuer, "subject": claims.subject})
    db.flush()


def _follow_memberships(db: Session, user: User, claims: Claims, rules: Rules) -> None:
    if rules.roles:
        named = [rules.roles[one] for one in claims.memberships if one in rules.roles]
        role = strongest(named) if named else rules.role
        # The last curator stays one, whatever is said elsewhere: nobody could govern the gallery any more.
        with suppress(ConflictError):
            change_user(db, system(VIA), user.id, UserChange(role=role))
    present = {group.name: group.id for group in groups_of(db, user.id)}
    wanted = {name for membership, name in rules.groups.items() if membership in claims.memberships}
    if not user.is_active:
        return
    for name in wanted - present.keys():
        add_members(db, system(VIA), _group_named(db, name), [user.id])
    for name in (set(rules.groups.values()) - wanted) & present.keys():
        remove_member(db, system(VIA), present[name], user.id)


def _group_named(db: Session, name: str) -> str:
    found = db.scalars(select(Group.id).where(Group.name == name).order_by(Group.created_at).limit(1)).first()
    return found or create_group(db, system(VIA), name, Role.EVALUATED).id
