"""A small OpenID Connect provider of our own: real keys, real signatures, real HTTP; what it says can be bent by tests."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "galleria client", "hunter2/&"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("first", "first"))
ALICE: Mapping[str, Any] = {
    "sub": "alice-1",
    "email": "alice@example.com",
    "email_verified": True,
    "given_name": "Alice",
    "family_name": "Ames",
}


@dataclass
class Provider:
    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(ALICE))
    token: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the next tokens say other than they should; None leaves a claim out."""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    algorithm: str = "RS256"
    key: Any = field(default_factory=lambda: KEY)
    keys: list[Any] = field(default_factory=lambda: [KEY])
    userinfo: dict[str, Any] | None = None
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    asked: list[str] = field(default_factory=list[str])

    def id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        said = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "at_hash": _b64(half),
            **self.person,
            **self.token,
        }
        said = {name: value for name, value in said.items() if value is not None}
        if self.algorithm == "none":
            return f"{_b64(json.dumps({'alg': 'none'}).encode())}.{_b64(json.dumps(said).encode())}."
        return jwt.encode({"alg": self.algorithm, "kid": "first"}, said, self.key, algorithms=[self.algorithm])


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Door(BaseHTTPRequestHandler):
    @property
    def provider(self) -> Provider:
        return self.server.provider  # type: ignore[attr-defined] - the test's own attribute

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.provider.asked.append(parts.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        url = self.provider.url
        match parts.path:
            case "/.well-known/openid-configuration":
                names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "leave"}
                described = {f"{name}_endpoint": f"{url}/{path}" for name, path in names.items()}
                self._say({"issuer": url, "jwks_uri": f"{url}/keys", **described, **self.provider.metadata})
            case "/keys":
                self._say({"keys": [key.as_dict(private=False) for key in self.provider.keys]})
            case "/authorize":
                code = secrets.token_hex(8)
                self.provider.codes[code] = given
                self._say({}, 302, f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}")
            case "/userinfo":
                self._say(self.provider.userinfo or {}, 200 if self.headers["authorization"] == "Bearer token-of-alice" else 401)
            case _:
                self._say({}, 404)

    def do_POST(self) -> None:
        self.provider.asked.append(self.path)
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()).items()}
        begun = self.provider.codes.pop(form.get("code", ""), None)
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        expected = "Basic " + base64.b64encode(b"galleria%20client:hunter2%2F%26").decode()
        is_right = begun is not None and begun["code_challenge"] == challenge and begun["code_challenge_method"] == "S256"
        if begun is None or not is_right or self.headers["authorization"] != expected or form["redirect_uri"] != begun["redirect_uri"]:
            self._say({"error": "invalid_grant"}, 400)
            return
        token = "token-of-alice"
        self._say({"access_token": token, "token_type": "Bearer", "id_token": self.provider.id_token(begun["nonce"], token)})

    def _say(self, content: Mapping[str, Any], status: int = 200, location: str = "") -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 (the base class's name)


@contextmanager
def providing() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    server.provider = provider  # type: ignore[attr-defined] - the test's own attribute
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


SHARED_KEY = OctKey.import_key("a secret that both know, or a public key that is taken for one")
