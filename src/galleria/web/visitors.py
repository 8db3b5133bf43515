"""Who is looking: found by the session's cookie, once a request."""

from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Depends
from starlette.requests import Request

from galleria.database.base import now
from galleria.errors import UnauthorizedError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.sessions.presence import find_presence
from galleria.gallery.sessions.service import prolong
from galleria.web.confirmation import FRESH, is_confirmed
from galleria.web.cookies import SESSION, ZONE
from galleria.web.door import door_of

_LONGEST_ZONE = 64


class SignInFirst(UnauthorizedError):
    """Answered with the way to the sign-in page rather than with an error."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in."""

    actor: Actor
    name: str
    zone: tzinfo
    zone_name: str
    """IANA name: of his profile, else his browser's; empty for UTC."""
    token: str
    is_fresh: bool
    """He signed in, or gave his password, a moment ago: secrets may be shown to him."""

    @property
    def user_id(self) -> str:
        return self.actor.user_id or ""

    @property
    def email(self) -> str:
        return self.actor.email

    @property
    def is_curator(self) -> bool:
        return self.actor.is_curator

    @property
    def is_artisan(self) -> bool:
        return self.actor.has(Role.ARTISAN)

    @property
    def initials(self) -> str:
        parts = self.name.partition("@")[0].replace(".", " ").split()
        return "".join(part[0] for part in (*parts[:1], *parts[1:][-1:])).upper() or "?"


def find_visitor(request: Request) -> Visitor | None:
    """Find who is signed in; the request remembers it."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(SESSION, "")
        request.state.visitor = _looked_up(request, token) if token else None
        # For the access log.
        request.state.user_id = request.state.visitor.user_id if request.state.visitor else None
    visitor: Visitor | None = request.state.visitor
    return visitor


def _looked_up(request: Request, token: str) -> Visitor | None:
    parts = door_of(request).parts
    with parts.database.read() as db:
        presence = find_presence(db, token)
    if presence is None:
        return None
    lifetime_s = parts.limits.session_lifetime_s
    if presence.expires_at < now() + timedelta(seconds=0.9 * lifetime_s):
        with parts.database.write() as db:
            prolong(db, token, lifetime_s)
    is_fresh = now() - presence.signed_in_at < FRESH or is_confirmed(request, token)
    zone_name, zone = _zone(presence.timezone or request.cookies.get(ZONE, "")[:_LONGEST_ZONE])
    return Visitor(presence.actor, presence.name, zone, zone_name, token, is_fresh)


def _zone(name: str) -> tuple[str, tzinfo]:
    """The zone of that name, and its name; UTC, and no name, for one that is none."""
    try:
        return (name, ZoneInfo(name)) if name else ("", UTC)
    # A folder of zones is an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "", UTC


def _signed_in(request: Request) -> Visitor:
    visitor = find_visitor(request)
    if visitor is None:
        raise SignInFirst("sign in first")
    return visitor


SignedIn = Annotated[Visitor, Depends(_signed_in)]
