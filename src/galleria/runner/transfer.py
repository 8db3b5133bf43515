"""What acts may use of the world: HTTP, one exchange at a time, over connections that are judged, also after redirects."""

from __future__ import annotations

import select
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, cast

import httpcore2
import httpx2

from galleria.addresses import Connect
from galleria.errors import ForbiddenError, ToolError
from galleria.tools.contract import Answer

MOST_REDIRECTS = 10
LIMIT_BYTES = 1 << 30
"""What one answer may bring, unpacked: it is held in memory."""


class Transfers:
    """The `World` of a run (see the tools' contract). Certificates are verified; no cookies are kept, no proxies used."""

    def __init__(self, connect: Connect, *, unrestricted: bool = False, limit_bytes: int = LIMIT_BYTES) -> None:
        self._wires = _Wires(connect)
        self._unrestricted = unrestricted
        self._limit_bytes = limit_bytes

    @property
    def unrestricted(self) -> bool:
        return self._unrestricted

    # Made when it is wanted: most runs ask nobody.
    @cached_property
    def _client(self) -> httpx2.Client:
        return httpx2.Client(
            transport=_Transport(self._wires),
            headers={"user-agent": "Galleria"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=True,
            max_redirects=MOST_REDIRECTS,
            trust_env=False,
        )

    def request(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float) -> Answer:
        """Exchange one request and its answer, redirects followed, all within `timeout_s`.

        Raises ToolError that names the host and what went wrong; answers of any status are answers.
        """
        self._wires.deadline.at = time.monotonic() + timeout_s
        try:
            with self._client.stream(method, url, headers=dict(headers), content=content, timeout=timeout_s) as response:
                body = self._read(response, timeout_s)
        except ForbiddenError as error:
            raise ToolError(error.message) from error
        except (httpx2.TimeoutException, httpcore2.TimeoutException) as error:
            raise ToolError(f"{_place(url)}: no complete answer within {timeout_s:g} seconds") from error
        except httpx2.TooManyRedirects as error:
            raise ToolError(f"{_place(url)}: more than {MOST_REDIRECTS} redirects") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.NetworkError, httpcore2.ProtocolError, OSError, ValueError) as error:
            raise ToolError(f"{_place(url)}: {error or type(error).__name__}") from error
        return Answer(response.status_code, response.reason_phrase, response.http_version, response.headers.multi_items(), body)

    def close(self) -> None:
        if "_client" in vars(self):
            self._client.close()

    def _read(self, response: httpx2.Response, timeout_s: float) -> bytes:
        parts: list[bytes] = []
        size_bytes = 0
        for part in response.iter_bytes():
            size_bytes += len(part)
            if size_bytes > self._limit_bytes:
                raise ToolError(f"{response.url.host}: the answer is larger than the limit of {self._limit_bytes:,} bytes")
            if time.monotonic() > self._wires.deadline.at:
                raise httpx2.ReadTimeout(f"{timeout_s:g} s")
            parts.append(part)
        return b"".join(parts)


class _Deadline(threading.local):
    at: float = float("inf")
    """By the monotonic clock; per thread, as one thread carries out one exchange."""

    def left(self, timeout_s: float | None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time for this exchange is over")
        return left if timeout_s is None else min(left, timeout_s)


class _Wires(httpcore2.NetworkBackend):
    """Opens connections by asking `connect`, which judges; nothing else opens any."""

    def __init__(self, connect: Connect) -> None:
        self.connect = connect
        self.deadline = _Deadline()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            return _Wire(self.connect(host, port, self.deadline.left(timeout)), self.deadline)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error


class _Wire(httpcore2.NetworkStream):
    def __init__(self, connection: Any, deadline: _Deadline) -> None:
        self.connection = connection
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self.connection.settimeout(self.deadline.left(timeout))
            return self.connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self.connection.settimeout(self.deadline.left(timeout))
            self.connection.sendall(buffer)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        self.connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            self.connection.settimeout(self.deadline.left(timeout))
            return _Wire(ssl_context.wrap_socket(self.connection, server_hostname=server_hostname), self.deadline)
        except TimeoutError as error:
            self.close()
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore2.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        # The pool asks before it uses a connection again: something to read means that the other side hung up.
        return _is_readable(self.connection) if info == "is_readable" else None


class _Transport(httpx2.BaseTransport):
    """Pools of connections, one for each scheme, because reading the certificates takes 10 ms that plain HTTP need not spend."""

    def __init__(self, wires: _Wires) -> None:
        self.wires = wires
        self.pools: dict[str, httpcore2.ConnectionPool] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        if url.scheme not in ("http", "https"):
            raise httpx2.UnsupportedProtocol(f"only http and https are spoken here, not {url.scheme!r}")
        assert isinstance(request.stream, httpx2.SyncByteStream)
        answer = self._pool(url.scheme).handle_request(
            httpcore2.Request(
                request.method,
                httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=dict(request.extensions),
            )
        )
        extensions = cast("dict[str, Any]", answer.extensions)
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=extensions)

    def _pool(self, scheme: str) -> httpcore2.ConnectionPool:
        if scheme not in self.pools:
            context = ssl.create_default_context() if scheme == "https" else None
            self.pools[scheme] = httpcore2.ConnectionPool(context, network_backend=self.wires, keepalive_expiry=30.0)
        return self.pools[scheme]

    def close(self) -> None:
        for pool in self.pools.values():
            pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self.answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


def _is_readable(connection: Any) -> bool:
    if connection.fileno() < 0:
        return True
    asked = select.poll()
    asked.register(connection, select.POLLIN)
    return bool(asked.poll(0))


def _place(url: str) -> str:
    """The address without what may be secret in it: user, password, query."""
    try:
        parsed = httpx2.URL(url)
        return f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}{parsed.path}"
    except (httpx2.InvalidURL, ValueError):
        return "the address"
