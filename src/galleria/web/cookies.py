"""The cookies of the pages: who is signed in, which forms are this browser's, what to say next, light or dark, and the time zone.

None but the last can be read by a script, none goes along with requests that other sites start (but for plain links), and behind
https none goes out without it.
"""

from starlette.requests import Request
from starlette.responses import Response

from galleria.web.door import door_of, is_https

SESSION = "galleria_session"
VISIT = "galleria_visit"
"""Random; binds the forms of somebody who is not signed in to his browser."""
CONFIRMED = "galleria_confirmed"
SIGN_ON = "galleria_sign_on"
"""Sealed: what must come back from the identity provider."""
NOTICE = "galleria_notice"
THEME = "galleria_theme"
ZONE = "galleria_zone"
"""The browser's time zone, as a script of ours tells it."""


def put(request: Request, response: Response, name: str, value: str, lifetime_s: int | None = None) -> None:
    """Set a cookie; without a lifetime it ends with the browser."""
    response.set_cookie(
        name, value, max_age=lifetime_s, path=door_of(request).root, secure=is_https(request), httponly=True, samesite="lax"
    )


def drop(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(name, path=door_of(request).root, secure=is_https(request), httponly=True, samesite="lax")
