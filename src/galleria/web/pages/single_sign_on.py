"""Sign in with an identity provider: to it, back from it, and out of it as well.

What a browser must bring back lies sealed in a cookie of ten minutes, so that a code that somebody else was given is of no use in it.
"""

import hmac
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from galleria.database.base import now
from galleria.errors import ForbiddenError, GalleriaError, InvalidError, NotFoundError
from galleria.gallery.identities.service import sign_in_as
from galleria.gallery.sessions.service import SignedIn as NewSignIn
from galleria.http.statuses import status_for
from galleria.web import cookies
from galleria.web.door import door_of, gallery_url_of
from galleria.web.failures import sentence
from galleria.web.page import go, own_path, show
from galleria.web.pages.sign_in import sign_in_page, welcome

if TYPE_CHECKING:
    from galleria.web.issuer import Issuer

router = APIRouter()

_LIFETIME = timedelta(minutes=10)
_LONGEST = 4000
_STALE = "this sign-in was begun elsewhere or too long ago; begin it once more"


@router.get("/sso")
def begin(request: Request, next: str = "/") -> Response:
    try:
        start = _issuer(request).begin(_callback(request))
    except GalleriaError as error:
        return _failed(request, error)
    until = (now() + _LIFETIME).isoformat()
    kept = json.dumps([start.state, start.nonce, start.verifier, own_path(next)[:1000], until])
    response = RedirectResponse(start.url, 303)
    cookies.put(request, response, cookies.SIGN_ON, door_of(request).parts.database.vault.seal(kept), int(_LIFETIME.total_seconds()))
    return response


@router.get("/sso/callback")
def come_back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
    try:
        signed_in, path = _signed_in(request, code, state, error)
        response = welcome(request, signed_in, path)
    except GalleriaError as failure:
        response = _failed(request, failure)
    cookies.drop(request, response, cookies.SIGN_ON)
    return response


@router.get("/sso/sign-out")
def sign_out_there(request: Request) -> Response:
    address = _issuer(request).way_out(f"{gallery_url_of(request)}/sign-in")
    return RedirectResponse(address, 303) if address else go(request, "/sign-in")


def _signed_in(request: Request, code: str, state: str, error: str) -> tuple[NewSignIn, str]:
    issuer = _issuer(request)
    wanted, nonce, verifier, path = _kept(request)
    if not state or not hmac.compare_digest(state.encode(), wanted.encode()):
        raise ForbiddenError(_STALE)
    if error or not code:
        raise ForbiddenError(f"{issuer.settings.name} did not let you in{': it was called off there' if error == 'access_denied' else ''}")
    claims = issuer.redeem(code, _callback(request), nonce, verifier)
    parts = door_of(request).parts
    with parts.database.write() as db:
        return sign_in_as(db, claims, issuer.settings.rules, parts.limits.session_lifetime_s), path


def _kept(request: Request) -> tuple[str, str, str, str]:
    sealed = request.cookies.get(cookies.SIGN_ON, "")
    try:
        if not sealed or len(sealed) > _LONGEST:
            raise ForbiddenError(_STALE)
        kept = json.loads(door_of(request).parts.database.vault.open(sealed))
        # Other things are sealed with the same keys, and some of them are in strangers' hands.
        if not isinstance(kept, list):
            raise ForbiddenError(_STALE)
        state, nonce, verifier, path, until = map(str, cast("list[object]", kept))
        is_over = datetime.fromisoformat(until) < now()
    except (InvalidError, ValueError, TypeError) as error:
        raise ForbiddenError(_STALE) from error
    if is_over:
        raise ForbiddenError(_STALE)
    return state, nonce, verifier, own_path(path)


def _callback(request: Request) -> str:
    return f"{gallery_url_of(request)}/sso/callback"


def _issuer(request: Request) -> "Issuer":
    issuer = door_of(request).issuer
    if issuer is None:
        raise NotFoundError("nobody signs in elsewhere here")
    return issuer


def _failed(request: Request, error: GalleriaError) -> Response:
    if isinstance(error, NotFoundError):
        raise error
    return show(request, sign_in_page(request, "/", problem=sentence(error.message)), status_for(error))
