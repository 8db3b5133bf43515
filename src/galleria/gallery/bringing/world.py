"""Brings a whole server along: everybody first, then what is theirs, then what is shared."""

from collections.abc import Iterator, Mapping, Sequence

from galleria.errors import NotFoundError
from galleria.gallery.bringing.lines import Line
from galleria.gallery.bringing.notes import Ids, Move
from galleria.gallery.bringing.packages import bring_workflows
from galleria.gallery.bringing.pairs import KeyLine, KeyOf, keep_keys
from galleria.gallery.bringing.people import bring_studios, bring_users
from galleria.gallery.bringing.plans import bring_schedules
from galleria.gallery.bringing.server import OtherServer
from galleria.gallery.bringing.sharing import Ours, bring_collections, bring_insights
from galleria.gallery.bringing.there import World
from galleria.gallery.users.service import find_by_email

NOT_TOLD = (
    "passwords: nobody's are told by an API; each user sets one by a link that a curator sends",
    "key pairs, but for those in the file of --keys",
    "credentials (accounts that runs use) and with whom they are shared",
    "data connections' passwords",
    "user groups, and collections' sharing with them",
    "runs so far, their messages and outputs, and how often something ran",
    "versions of workflows but the published one",
    "tags of workflows, and answers that a schedule gives to an app",
)
"""What the admin APIs of no server tell, so that it has to be made anew where it is wanted."""


def bring_world(move: Move, server: OtherServer, world: World, keys: Sequence[KeyOf] = ()) -> Iterator[Line | KeyLine]:
    """Bring everything, one transaction a thing; gives a line for each as it is done.

    Run again it changes only what the other server says differently, so that what was changed here stays.
    """
    studios: Ids = {}
    users: Ids = {}
    workflows: Ids = {}
    insights: Ids = {}
    schedules: Ids = {}
    yield from bring_studios(move, world.studios, studios)
    yield from bring_users(move, world.users, studios, users)
    yield from keep_keys(move, keys, _studios_by_name(world, studios), _users_by_email(world, users))
    yield from bring_workflows(move, server, world.workflows, users, studios, workflows)
    yield from bring_insights(move, world.insights, users, insights)
    yield from bring_schedules(move, world, users, workflows, schedules)
    yield from bring_collections(move, world.collections, Ours(users, studios, workflows, schedules, insights))


def _studios_by_name(world: World, studios: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for there in world.studios:
        if there.id in studios:
            found.setdefault(there.id, []).append(studios[there.id])
            found.setdefault(there.name.lower(), []).append(studios[there.id])
    return found


def _users_by_email(world: World, users: Mapping[str, str]) -> dict[str, str]:
    return {there.email.lower(): users[there.id] for there in world.users if there.id in users}


def owners_from(move: Move, texts: Sequence[str]) -> dict[str, str]:
    """Read `theirs@example.com=ours@example.com`, or `ours@example.com` for everybody else. Raises NotFoundError."""
    owners: dict[str, str] = {}
    with move.database.read() as db:
        for text in texts:
            theirs, sign, ours = text.partition("=")
            email = (ours if sign else theirs).strip()
            user = find_by_email(db, email)
            if user is None:
                raise NotFoundError(f"no user has the e-mail {email}; add one with `galleria user add {email}`")
            owners[theirs.strip().lower() if sign else ""] = user.id
    return owners
