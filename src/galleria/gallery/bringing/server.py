"""Reads another server over HTTP: OAuth 1.0a below `/gallery`, a bearer token below `/webapi`; retries, limits, plain words.

Whatever answers is a stranger: nothing is followed, nothing is read without a limit, and its texts are shown cut and cleaned.
"""

import json
import ssl
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlencode, urlsplit

import httpx2
from oauthlib.oauth1 import Client as Signer

from galleria.errors import GalleriaError, InvalidError, NotFoundError, TooLargeError, UnauthorizedError

ATTEMPTS = 4
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
JSON_LIMIT_BYTES = 256 * 1024 * 1024
_WORDS_LIMIT_BYTES = 64 * 1024
"""Of an error, or a token."""
_PASSING = frozenset((429, 502, 503, 504))
_WEB_API = "/webapi"


class UnreachableError(GalleriaError):
    """Nothing usable came back, after all retries."""


@dataclass(frozen=True)
class Access:
    url: str
    """The gallery's address, `https://example.com/gallery`; or that of its Web API, `https://example.com/webapi`."""
    key: str
    secret: str = field(repr=False)
    authority: Path | None = None
    """A file with the certificates to trust, for servers whose own is signed by nobody known."""
    timeout_s: float = 60
    pause_s: float = FIRST_PAUSE_S
    """Before the first retry; doubled for each further one."""

    @property
    def base(self) -> str:
        """Where the paths of the APIs begin; raises InvalidError for what is no address."""
        text = self.url.strip().rstrip("/").removesuffix("/api").removesuffix("/api-docs")
        try:
            parts = urlsplit(text)
            is_odd = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
            httpx2.URL(text)
        except (ValueError, httpx2.InvalidURL):
            is_odd, parts = True, urlsplit("")
        if is_odd or parts.query or parts.fragment or "@" in parts.netloc or not text.isascii() or not text.isprintable() or " " in text:
            raise InvalidError("the address of a gallery is written like https://example.com/gallery")
        if self.is_web_api:
            return text
        return f"{text}/api" if parts.path else f"{text}/gallery/api"

    @property
    def is_web_api(self) -> bool:
        return self.url.strip().rstrip("/").lower().endswith(_WEB_API)

    @property
    def name(self) -> str:
        """What the server is known by: host, port and path, whether it is read with or without TLS."""
        parts = urlsplit(self.base)
        path = parts.path.removesuffix("/api").removesuffix(_WEB_API).removesuffix("/gallery")
        return f"{parts.netloc.lower().removesuffix(':443').removesuffix(':80')}{path}"[:300]


class OtherServer:
    """The other server, as long as the `with` block of `reading` lasts."""

    def __init__(self, access: Access, http: httpx2.Client) -> None:
        self._access = access
        self._base = access.base
        self._http = http
        self._token = ""

    def read(self, path: str, query: Mapping[str, str | int] | None = None) -> object:
        """Give the JSON at `/admin/v1/users`, say. Raises NotFoundError for 404, so that callers can do without."""
        with self._answer(path, query) as response:
            body = b"".join(_limited(response, JSON_LIMIT_BYTES, path))
        try:
            # Older servers begin with a byte-order mark.
            return json.loads(body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InvalidError(f"{self._base}{path} does not answer with JSON; is this the address of a gallery?") from error

    def download(self, path: str, sink: BinaryIO, limit_bytes: int) -> None:
        """Write a file's bytes into `sink`; raises GalleriaError when it is cut off or larger than the limit."""
        with self._answer(path, None) as response:
            for part in _limited(response, limit_bytes, path):
                sink.write(part)

    @contextmanager
    def _answer(self, path: str, query: Mapping[str, str | int] | None) -> Generator[httpx2.Response]:
        url = f"{self._base}{path}" if self._access.is_web_api else f"{self._base}{path}/"
        if query:
            url = f"{url}?{urlencode(query)}"
        response = self._sent(url)
        try:
            self._require_success(response, url)
            yield response
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise UnreachableError(f"{_shown(url)} was cut off: {_words(error)}") from error
        finally:
            response.close()

    def _sent(self, url: str) -> httpx2.Response:
        """Ask until there is an answer that does not say "try again"."""
        pause = self._access.pause_s
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._http.send(self._http.build_request("GET", url, headers=self._headers(url)), stream=True)
            except httpx2.TransportError as error:
                if attempt == ATTEMPTS or _is_about_trust(error):
                    raise UnreachableError(_why(url, error)) from error
            else:
                if response.status_code not in _PASSING or attempt == ATTEMPTS:
                    return response
                pause = max(pause, _wanted_pause(response))
                response.close()
            time.sleep(min(pause, LONGEST_PAUSE_S))
            pause *= 2
        raise AssertionError("unreachable")

    def _headers(self, url: str) -> dict[str, str]:
        if self._access.is_web_api:
            return {"Authorization": f"Bearer {self._bearer()}", "Accept": "*/*"}
        signer = cast("Any", Signer(self._access.key, self._access.secret))
        # Each attempt has a nonce of its own: a server that remembers them would refuse the second.
        _, headers, _ = signer.sign(url, "GET")
        return dict(headers)

    def _bearer(self) -> str:
        if not self._token:
            form = {"grant_type": "client_credentials", "client_id": self._access.key, "client_secret": self._access.secret}
            url = f"{self._base}/oauth2/token"
            response = self._http.send(self._http.build_request("POST", url, data=form), stream=True)
            try:
                self._require_success(response, url, refused=(400, 401, 403))
                self._token = str(json.loads(b"".join(_limited(response, _WORDS_LIMIT_BYTES, url)))["access_token"])
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise InvalidError(f"{url} gives no token; is this the address of a Web API?") from error
            finally:
                response.close()
        return self._token

    def _require_success(self, response: httpx2.Response, url: str, refused: tuple[int, ...] = (401, 403)) -> None:
        status = response.status_code
        if response.is_success:
            return
        if status in refused:
            raise UnauthorizedError(
                f"{_shown(url)} does not accept the key{_said(response)}. It takes a curator's own key and secret (Profile > Keys there); "
                "and the clocks of both machines must agree"
            )
        if response.is_redirect:
            raise InvalidError(f"{_shown(url)} leads elsewhere, to {_clean(response.headers.get('location', ''))}: give that address")
        text = f"{_shown(url)} was answered {status}{_said(response)}"
        if status == 404:
            raise NotFoundError(f"{text}; is this the address of a gallery, like https://example.com/gallery?")
        raise UnreachableError(text) if status in _PASSING else InvalidError(text)


@contextmanager
def reading(access: Access) -> Generator[OtherServer]:
    """Open connections to another server. Proxies and certificates of the environment count, as for any program here."""
    with httpx2.Client(timeout=access.timeout_s, verify=_trust(access), follow_redirects=False) as http:
        yield OtherServer(access, http)


def _trust(access: Access) -> ssl.SSLContext | bool:
    if access.authority is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(access.authority))
    except (OSError, ssl.SSLError) as error:
        raise InvalidError(f"{access.authority} holds no certificates: {_words(error)}") from error


def _limited(response: httpx2.Response, limit_bytes: int, what: str) -> Generator[bytes]:
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > limit_bytes:
            raise TooLargeError(f"{what} is larger than {limit_bytes:,} bytes")
        yield part


def _wanted_pause(response: httpx2.Response) -> float:
    wanted = response.headers.get("retry-after", "")
    return float(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0


def _is_about_trust(error: BaseException) -> bool:
    causes: BaseException | None = error
    while causes is not None:
        if isinstance(causes, ssl.SSLError):
            return True
        causes = causes.__cause__ or causes.__context__
    return "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper()


def _why(url: str, error: Exception) -> str:
    host = urlsplit(url).netloc
    if _is_about_trust(error):
        return f"{host} does not prove who it is ({_words(error)}); if its certificate is its own, give it with --authority FILE"
    if isinstance(error, httpx2.TimeoutException):
        return f"{host} did not answer in time, {ATTEMPTS} times; a longer time can be given with --timeout"
    return f"{host} cannot be reached: {_words(error)}"


def _said(response: httpx2.Response) -> str:
    """What the answer's body says, where it is one of the published error bodies."""
    try:
        body = json.loads(b"".join(_limited(response, _WORDS_LIMIT_BYTES, "the answer")))
    except (GalleriaError, ValueError, RecursionError, httpx2.HTTPError, httpx2.StreamError):
        return ""
    if not isinstance(body, dict):
        return ""
    members = cast("dict[str, object]", body)
    text = members.get("message") or members.get("error_description") or members.get("error")
    return f" ({_clean(text)})" if isinstance(text, str) and text.strip() else ""


def _shown(url: str) -> str:
    return url.partition("?")[0]


def _words(error: Exception) -> str:
    return _clean(str(error)) or type(error).__name__


def _clean(text: str) -> str:
    """A stranger's text, fit for a terminal and a line."""
    return "".join(character if character.isprintable() else " " for character in text)[:300].strip()
