"""`galleria user ...`: who may do what, for scripts and for whoever has a shell on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.gallery import VIA, find_user
from galleria.cli.printing import AsJson, print_record, print_rows
from galleria.errors import InvalidError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from galleria.gallery.actors import Role
    from galleria.gallery.users.records import User
    from galleria.gallery.users.service import UserChange

app = typer.Typer(no_args_is_help=True, help="Add users, say what they may do, give them keys.")
Email = Annotated[str, typer.Argument(help="The user's e-mail address.")]
RoleName = Annotated[str, typer.Option(help="NoAccess, Viewer, Member, Artisan, Curator or Evaluated.")]
_COLUMNS = ("id", "email", "name", "role", "active", "studio")


@app.command("add")
def add_user(
    email: Email,
    role: RoleName = "Artisan",
    first_name: Annotated[str, typer.Option(help="First name.")] = "",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "",
    studio: Annotated[str | None, typer.Option(help="Id or name of a studio to join; otherwise he gets one of his own.")] = None,
    can_schedule: Annotated[bool, typer.Option("--can-schedule", help="May have workflows run by themselves.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a user, and print his keys and his studio's: this once with their secrets."""
    from galleria.bootstrap import opened
    from galleria.cli.studios import find_studio
    from galleria.gallery.actors import system
    from galleria.gallery.users.service import NewUser, create_user
    from galleria.settings import Settings

    wanted = _role(role)
    with opened(Settings()) as parts, parts.database.write() as db:
        studio_id = find_studio(db, studio).id if studio else None
        new = NewUser(email, wanted, first_name, last_name, studio_id, can_schedule=can_schedule)
        print_record(_with_keys(db, create_user(db, system(VIA), new), shows_studio=studio is None), as_json=as_json)


@app.command("list")
def list_all(
    search: Annotated[str, typer.Option(help="Found in e-mail or name.")] = "",
    role: Annotated[str | None, typer.Option(help="Only those who have this role.")] = None,
    as_json: AsJson = False,
) -> None:
    """List users."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.users.service import UserFilter, list_users
    from galleria.settings import Settings

    wanted = UserFilter(role=_role(role) if role else None, search=search)
    with opened(Settings()) as parts, parts.database.read() as db:
        print_rows([_shown(user) for user in list_users(db, system(VIA), wanted)], _COLUMNS, as_json=as_json)


@app.command("role")
def set_role(email: Email, role: Annotated[str, typer.Argument(help="The new role.")], as_json: AsJson = False) -> None:
    """Give a user another role."""
    from galleria.gallery.users.service import UserChange

    _change(email, UserChange(role=_role(role)), as_json=as_json)


@app.command("activate")
def activate(email: Email, as_json: AsJson = False) -> None:
    """Let a user in again."""
    from galleria.gallery.users.service import UserChange

    _change(email, UserChange(is_active=True, is_locked=False), as_json=as_json)


@app.command("deactivate")
def deactivate(email: Email, as_json: AsJson = False) -> None:
    """Shut a user out: his sign-ins and keys end; what is his stays."""
    from galleria.gallery.users.service import UserChange

    _change(email, UserChange(is_active=False), as_json=as_json)


@app.command("key")
def key(
    email: Email,
    new: Annotated[bool, typer.Option("--new", help="Replace the pair: clients that use the old one end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a user's key; a secret only when it is made, by `--new` or because there was none."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.keys.service import find_user_key, new_pair, set_user_keys
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() as db:
        user = find_user(db, email)
        present = None if new else find_user_key(db, system(VIA), user.id)
        record: dict[str, object] = {"user": user.id, "user-key": present}
        if present is None:
            pair = set_user_keys(db, system(VIA), user.id, new_pair())
            record |= {"user-key": pair.key, "user-secret": pair.secret}
        print_record(record, as_json=as_json)


@app.command("link")
def link(
    email: Email, hours: Annotated[float, typer.Option(min=0.1, max=720, help="How long it holds.")] = 24, as_json: AsJson = False
) -> None:
    """Print a link that signs a user in, once: for whoever has no password."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.sessions.service import new_link
    from galleria.settings import Settings

    settings = Settings()
    with opened(settings) as parts, parts.database.write() as db:
        user = find_user(db, email)
        token = new_link(db, system(VIA), user.id, hours * 3600)
        print_record({"user": user.id, "link": f"{settings.gallery_url}/sign-in/{token}"}, as_json=as_json)


def _role(text: str) -> Role:
    from galleria.gallery.actors import Role

    roles = {role.value.lower(): role for role in Role}
    if text.strip().lower() not in roles:
        raise InvalidError(f"a role is one of {', '.join(Role)}, not {text!r}")
    return roles[text.strip().lower()]


def _change(email: str, change: UserChange, *, as_json: bool) -> None:
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.users.service import change_user
    from galleria.settings import Settings

    with opened(Settings()) as parts, parts.database.write() as db:
        print_record(_shown(change_user(db, system(VIA), find_user(db, email).id, change)), as_json=as_json)


def _shown(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.full_name,
        "role": user.role.value,
        "active": user.is_active,
        "studio": user.subscription_id,
    }


def _with_keys(db: Session, user: User, *, shows_studio: bool) -> dict[str, object]:
    from galleria.gallery.actors import system
    from galleria.gallery.keys.service import studio_keys, user_keys

    own = user_keys(db, system(VIA), user.id)
    record: dict[str, object] = {"user": user.id, "studio": user.subscription_id, "user-key": own.key, "user-secret": own.secret}
    if shows_studio:
        pair = studio_keys(db, system(VIA), user.subscription_id)
        record |= {"studio-key": pair.key, "studio-secret": pair.secret}
    return record
