"""Who calls the Web API: tokens for a user's key and secret (RFC 6749, client credentials), bearers of tokens (RFC 6750)."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlencode

from oauthlib.common import Request as TokenRequest
from oauthlib.oauth2 import BackendApplicationServer, RequestValidator
from typing_extensions import override

from galleria.api.doors import Reach, Received
from galleria.database.connect import Database
from galleria.errors import UnauthorizedError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.keys.tokens import find_bearer, issue_token

DENIED = "Authorization has been denied for this request."
_ROLES = {Reach.STUDIO: Role.ARTISAN, Reach.USER: Role.ARTISAN, Reach.CURATOR: Role.CURATOR}
_WRONG_PAIR = "The client_id and client_secret are not the API access key and secret of a user."
_DESCRIPTIONS = {"invalid_client": _WRONG_PAIR, "unsupported_grant_type": "The grant_type must be client_credentials."}


def bearer_of(database: Database, received: Received, reach: Reach, unsigned: frozenset[str]) -> Actor:
    """Find out whose token a request carries; UnauthorizedError also for a user whose role does not reach."""
    scheme, _, token = received.authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthorizedError(DENIED)
    with database.read() as db:
        actor = find_bearer(db, token.strip(), reach.value)
    if actor is None or not actor.has(_ROLES[reach]):
        raise UnauthorizedError(DENIED)
    return actor


def answer_for_token(database: Database, lifetime_s: int, received: Received) -> tuple[int, dict[str, object]]:
    """Answer a request for a token: status and JSON. Key and secret come by Basic or in the body, a form or JSON."""
    issuer = _Issuer(database, lifetime_s, received.authorization)
    server = BackendApplicationServer(issuer, token_generator=_issued, token_expires_in=lifetime_s)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _, body, status = server.create_token_response("/oauth2/token", "POST", _as_form(received), headers)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - untyped there
    answer: dict[str, Any] = json.loads(str(body))  # pyright: ignore[reportUnknownArgumentType] - JSON
    if status != 200:
        error = str(answer.get("error", "invalid_request"))
        # 400 for all of them, as servers of this kind answer; one client fails when the description is missing.
        return 400, {"error": error, "error_description": answer.get("error_description") or _DESCRIPTIONS.get(error, error)}
    return 200, {"access_token": answer["access_token"], "token_type": "bearer", "expires_in": lifetime_s}


def _as_form(received: Received) -> str:
    text = received.body.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("{"):
        try:
            members = json.loads(text)
        except (ValueError, RecursionError):
            return ""
        return urlencode({name: value for name, value in members.items() if isinstance(value, str)})
    return text


@dataclass
class _Client:
    client_id: str
    token: str


def _issued(request: TokenRequest) -> str:
    assert isinstance(request.client, _Client)
    return request.client.token


class _Issuer(RequestValidator):
    """What the library asks about clients: checking a pair gives the token at the same time."""

    def __init__(self, database: Database, lifetime_s: int, authorization: str) -> None:
        super().__init__()
        self._authorization = authorization
        self._database = database
        self._lifetime_s = lifetime_s

    @override
    def authenticate_client(self, request: TokenRequest, *args: Any, **kwargs: Any) -> bool:
        key, secret = _basic(self._authorization) or (request.client_id, request.client_secret)
        if not key or not secret:
            return False
        with self._database.write() as db:
            token = issue_token(db, str(key), str(secret), self._lifetime_s)
        request.client_id = key
        request.client = _Client(str(key), token or "")
        return token is not None

    @override
    def validate_grant_type(self, *args: Any, **kwargs: Any) -> bool:
        return True

    @override
    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return []

    @override
    def validate_scopes(self, *args: Any, **kwargs: Any) -> bool:
        # What a caller may do is his role's business; clients send scopes that mean nothing here.
        return True

    @override
    def save_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """The verb that made it has saved it."""


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(key), unquote_plus(secret)
