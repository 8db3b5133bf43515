"""Who gave his password just now is not asked again for a while: a sealed cookie, good for one session and ten minutes."""

import hashlib
import hmac
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from galleria.database.base import now
from galleria.errors import InvalidError
from galleria.web import cookies
from galleria.web.door import door_of

FRESH = timedelta(minutes=10)


def confirm(request: Request, response: Response, token: str) -> None:
    """Note that the password was given in the session of this token."""
    until = (now() + FRESH).isoformat()
    sealed = door_of(request).parts.database.vault.seal(f"{_name(token)} {until}")
    cookies.put(request, response, cookies.CONFIRMED, sealed, int(FRESH.total_seconds()))


def is_confirmed(request: Request, token: str) -> bool:
    """Say whether the password was given in this session within the last ten minutes."""
    sealed = request.cookies.get(cookies.CONFIRMED, "")
    if not sealed or len(sealed) > 1000:
        return False
    try:
        name, _, until = door_of(request).parts.database.vault.open(sealed).partition(" ")
        return hmac.compare_digest(name, _name(token)) and now() < datetime.fromisoformat(until)
    except (InvalidError, ValueError):
        return False


def _name(token: str) -> str:
    return hashlib.sha256(f"confirmed {token}".encode()).hexdigest()
