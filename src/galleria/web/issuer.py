"""OpenID Connect with one provider: where to send a browser, and what the code that it comes back with is worth.

The code flow with PKCE, state and nonce. Tokens count only when they are signed by a key of the provider's with an algorithm for
two keys, meant for us, fresh, and of this very sign-in. Requests go to the provider and to what its own description names, no
redirect is followed, and nothing of what is secret reaches a log.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import structlog
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # pyright: ignore[reportUnknownVariableType] - untyped there
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # pyright: ignore[reportUnknownVariableType] - untyped there
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from galleria.errors import ForbiddenError, GalleriaError, TooBusyError
from galleria.gallery.identities.service import Claims
from galleria.http.sign_on import SignOn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Never `none`, and never one with a shared secret: whoever knows the public key could sign with it."""
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
_KEPT_S = 3600.0
_SILENT_S = 5.0
"""So long a provider that did not answer is not asked again."""
_LARGEST = 1 << 20
_LONGEST_TOKEN = 100_000

log = structlog.stdlib.get_logger()


class SignOnError(ForbiddenError):
    """In words for whoever signs in; what exactly was wrong is logged."""


@dataclass(frozen=True)
class Start:
    """A sign-in that has begun: what the browser is sent with, and what must come back."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class _Known:
    metadata: Mapping[str, Any]
    keys: KeySet
    until: float


class Issuer:
    def __init__(self, settings: SignOn) -> None:
        self.settings = settings
        self._known: _Known | None = None
        self._silent_until = 0.0
        """By the monotonic clock."""
        self._lock = threading.Lock()

    def begin(self, redirect_uri: str) -> Start:
        """Give the address to send a browser to."""
        start = (generate_token(32), generate_token(32), generate_token(64))
        challenge = cast("str", create_s256_code_challenge(start[2]))
        url = cast(
            "str",
            prepare_grant_uri(
                self._address("authorization_endpoint"),
                self.settings.client_id,
                "code",
                redirect_uri=redirect_uri,
                scope=self.settings.scopes,
                state=start[0],
                nonce=start[1],
                code_challenge=challenge,
                code_challenge_method="S256",
            ),
        )
        return Start(url, *start)

    def redeem(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Claims:
        """Give what the provider says of whoever came back with this code; raises SignOnError for anything doubtful."""
        tokens = self._exchange(code, redirect_uri, verifier)
        said = self._checked(tokens, nonce)
        if not said.get("email") or _values(said, self.settings.claim) is None:
            more = self._told_more(tokens, str(said["sub"]))
            if said.get("email") and more.get("email") != said["email"]:
                # That an address is verified is said of the address beside it.
                more.pop("email_verified", None)
            said = {**more, **said}
        return Claims(
            issuer=self.settings.issuer,
            subject=str(said["sub"]),
            email=str(said.get("email") or "").strip(),
            is_email_verified=said.get("email_verified") in (True, "true"),
            first_name=str(said.get("given_name") or said.get("name") or "").strip(),
            last_name=str(said.get("family_name") or "").strip() if said.get("given_name") else "",
            memberships=_values(said, self.settings.claim) or frozenset(),
        )

    def way_out(self, back: str) -> str:
        """Give the address at which somebody signs out of the provider, too; empty where it has none."""
        address = self._metadata().get("end_session_endpoint")
        if not isinstance(address, str) or not self._is_safe(address):
            return ""
        query = urlencode({"client_id": self.settings.client_id, "post_logout_redirect_uri": back})
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def _exchange(self, code: str, redirect_uri: str, verifier: str) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        secret = self.settings.client_secret
        methods: object = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth = None
        if secret and isinstance(methods, list) and "client_secret_basic" in methods:
            auth = (quote(self.settings.client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": self.settings.client_id} | ({"client_secret": secret} if secret else {})
        answer = self._send("POST", self._address("token_endpoint"), data=form, auth=auth)
        if not isinstance(answer.get("id_token"), str):
            raise self._refused("no_id_token", error=str(answer.get("error"))[:100])
        return answer

    def _checked(self, tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        text = str(tokens["id_token"])
        if len(text) > _LONGEST_TOKEN:
            raise self._refused("token_too_long")
        options = {"iss": {"essential": True, "value": self.settings.issuer}, "aud": {"essential": True, "value": self.settings.client_id}}
        params = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": tokens.get("access_token")}
        try:
            token = self._opened(text)
            said = CodeIDToken(token.claims, token.header, options, params)
            said.validate(int(time.time()), _LEEWAY_S)  # pyright: ignore[reportUnknownMemberType] - untyped there
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._refused("token_refused", reason=str(error)[:200] or type(error).__name__) from error
        if not isinstance(said["sub"], str) or not 1 <= len(said["sub"]) <= 255:
            raise self._refused("no_subject")
        return dict(said)

    def _opened(self, text: str) -> jwt.Token:
        try:
            return jwt.decode(text, self._look_up().keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # Keys change; a signature that no known key made is asked about once more.
            with self._lock:
                self._known = None
            return jwt.decode(text, self._look_up().keys, algorithms=list(ALGORITHMS))

    def _told_more(self, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        address, token = self._metadata().get("userinfo_endpoint"), tokens.get("access_token")
        if not isinstance(address, str) or not self._is_safe(address) or not isinstance(token, str):
            return {}
        told = self._send("GET", address, headers={"Authorization": f"Bearer {token}"})
        # Whatever is said of somebody else does not count.
        return dict(told) if told.get("sub") == subject else {}

    def _metadata(self) -> Mapping[str, Any]:
        return self._look_up().metadata

    def _look_up(self) -> _Known:
        with self._lock:
            if self._known is None or self._known.until < time.monotonic():
                # While it is silent, those who wait for their turn here must not hold all the server's threads.
                if self._silent_until > time.monotonic():
                    raise self._silent()
                try:
                    self._known = self._asked()
                except TooBusyError:
                    self._silent_until = time.monotonic() + _SILENT_S
                    raise
            return self._known

    def _asked(self) -> _Known:
        metadata = self._send("GET", f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata.get("issuer") != self.settings.issuer:
            raise self._refused("another_issuer", said=str(metadata.get("issuer"))[:200])
        keys = self._send("GET", self._named(metadata, "jwks_uri"))
        try:
            return _Known(metadata, KeySet.import_key_set(cast("Any", keys)), time.monotonic() + _KEPT_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._refused("keys_unreadable") from error

    def _address(self, name: str) -> str:
        return self._named(self._metadata(), name)

    def _named(self, metadata: Mapping[str, Any], name: str) -> str:
        address = metadata.get(name)
        if not isinstance(address, str) or not self._is_safe(address):
            raise self._refused("address_missing", name=name)
        return address

    def _is_safe(self, address: str) -> bool:
        """A provider behind https names nothing that is not."""
        parts, own = urlsplit(address), urlsplit(self.settings.issuer)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == own.scheme == "http" and parts.netloc == own.netloc))

    def _send(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        try:
            with httpx2.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as http:
                answer = http.request(method, url, **more)
        except httpx2.HTTPError as error:
            log.warning("identity_provider_silent", kind=type(error).__name__)
            raise self._silent() from error
        try:
            content: object = answer.json() if len(answer.content) <= _LARGEST else None
        except ValueError as error:
            raise self._refused("answer_unreadable", status=answer.status_code) from error
        if not isinstance(content, dict) or (answer.status_code >= 400 and "error" not in content):
            raise self._refused("answer_refused", status=answer.status_code)
        return cast("Mapping[str, Any]", content)

    def _silent(self) -> TooBusyError:
        return TooBusyError(f"{self.settings.name} does not answer; try again in a moment, or sign in with a password")

    def _refused(self, event: str, **facts: object) -> GalleriaError:
        log.warning("sign_on_refused", why=event, **facts)
        return SignOnError(f"{self.settings.name} and this gallery do not agree on who you are; try again, or ask whoever runs the gallery")


def _values(said: Mapping[str, Any], path: str) -> frozenset[str] | None:
    """Give the values of a claim; None when it is not there."""
    found: Any = said
    for name in path.split("."):
        found = cast("Mapping[str, Any]", found).get(name) if isinstance(found, dict) else None
    if isinstance(found, str):
        return frozenset((found,))
    return frozenset(str(one) for one in cast("list[object]", found)) if isinstance(found, list) else None
