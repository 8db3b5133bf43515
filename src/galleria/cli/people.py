"""`galleria user ...`: who may do what, for scripts and for whoever has a shell on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.gallery import VIA, find_user
from galleria.cli.printing import AsJson, print_key, print_record, print_rows
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

    wanted = role_named(role)
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

    wanted = UserFilter(role=role_named(role) if role else None, search=search)
    with opened(Settings()) as parts, parts.database.read() as db:
        print_rows([_shown(user) for user in list_users(db, system(VIA), wanted)], _COLUMNS, as_json=as_json)


@app.command("role")
def setrole_named(email: Email, role: Annotated[str, typer.Argument(help="The new role.")], as_json: AsJson = False) -> None:
    """Give a user another role."""
    from galleria.gallery.users.service import UserChange

    _change(email, UserChange(role=role_named(role)), as_json=as_json)


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
        print_key("user", user.id, present, lambda: set_user_keys(db, system(VIA), user.id, new_pair()), as_json=as_json)


@app.command("link")
def link(
    email: Email,
    hours: Annotated[float, typer.Option(min=0.1, max=720, help="How long it holds.")] = 24,
    mail: Annotated[bool, typer.Option("--mail", help="Send it by mail instead, as an invitation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs a user in, once: for whoever has no password."""
    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.sessions.letters import invite_by_mail
    from galleria.gallery.sessions.service import new_link
    from galleria.settings import Settings

    settings = Settings()
    if mail and not settings.smtp_host:
        raise InvalidError("this gallery sends no mail: GALLERIA_SMTP_HOST names no mail server")
    with opened(settings) as parts, parts.database.write() as db:
        user = find_user(db, email)
        if mail:
            invite_by_mail(db, system(VIA), user.id)
            print_record({"user": user.id, "mail": user.email}, as_json=as_json)
            return
        token = new_link(db, system(VIA), user.id, hours * 3600)
        print_record({"user": user.id, "link": f"{settings.gallery_url}/sign-in/{token}"}, as_json=as_json)


@app.command("change")
def change(
    email: Email,
    new_email: Annotated[str | None, typer.Option("--email", help="Another e-mail address.")] = None,
    first_name: Annotated[str | None, typer.Option(help="First name.")] = None,
    last_name: Annotated[str | None, typer.Option(help="Last name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone, like Europe/Berlin.")] = None,
    can_schedule: Annotated[bool | None, typer.Option(help="May have workflows run by themselves.")] = None,
    can_set_priority: Annotated[bool | None, typer.Option(help="May choose the priority of runs.")] = None,
    can_assign_jobs: Annotated[bool | None, typer.Option(help="May choose the workers of runs.")] = None,
    can_create_collections: Annotated[bool | None, typer.Option(help="May create collections.")] = None,
    api: Annotated[bool | None, typer.Option("--api/--no-api", help="May call the APIs.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change what is known of a user, and what he may do beside his role."""
    from galleria.gallery.users.service import UserChange

    wanted = UserChange(
        email=new_email,
        first_name=first_name,
        last_name=last_name,
        timezone=timezone,
        can_schedule=can_schedule,
        can_set_priority=can_set_priority,
        can_assign_jobs=can_assign_jobs,
        can_create_collections=can_create_collections,
        is_api_enabled=api,
    )
    _change(email, wanted, as_json=as_json)


@app.command("password")
def password(email: Email) -> None:
    """Give a user a password, read from standard input; all his sign-ins end."""
    import sys

    from galleria.bootstrap import opened
    from galleria.gallery.actors import system
    from galleria.gallery.sessions.service import set_password
    from galleria.settings import Settings

    given = sys.stdin.readline().rstrip("\r\n")
    with opened(Settings()) as parts:
        with parts.database.read() as db:
            user_id = find_user(db, email).id
        set_password(parts.database, system(VIA), user_id, given)


@app.command("mails")
def choose_mails(
    email: Email, kind: Annotated[list[str] | None, typer.Option(help="failure, change, comment or request; several times.")] = None
) -> None:
    """Say which mails a user wants; without any kind, those alone that he asks for himself."""
    from galleria.cli.acting import acting
    from galleria.gallery.mails.service import CHOSEN, choose_kinds

    kinds = {one.value: one for one in CHOSEN}
    if wrong := [one for one in kind or [] if one not in kinds]:
        raise InvalidError(f"a kind of mail is one of {', '.join(kinds)}, not {wrong[0]!r}")
    with acting(email) as (db, actor):
        choose_kinds(db, actor, [kinds[one] for one in kind or []])


@app.command("sign-out")
def sign_out(email: Email) -> None:
    """End a user's sign-ins in all browsers."""
    from galleria.cli.acting import acting
    from galleria.gallery.sessions.presence import end_other_sessions

    with acting(email) as (db, actor):
        end_other_sessions(db, actor, "")


def role_named(text: str) -> Role:
    """Read a role in any letter case."""
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
