"""Which addresses runs may reach, whatever they are called, and over redirects."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from galleria import addresses
from galleria.addresses import Rules, connect_checked, refusal
from galleria.errors import ForbiddenError, InvalidError, ToolError
from galleria.runner.transfer import Transfers


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd12::1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("169.254.169.254", "cloud metadata"),
        ("168.63.129.16", "cloud metadata"),
        ("100.100.100.200", "cloud metadata"),
        ("192.0.0.192", "cloud metadata"),
        ("fd00:ec2::254", "cloud metadata"),
        ("::ffff:169.254.169.254", "cloud metadata"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("198.18.0.1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("8.8.8.8", None),
        ("172.32.0.1", None),
        ("2606:4700::1111", None),
        ("64:ff9b::808:808", None),
    ],
)
def test_every_kind_of_address_is_known(address: str, kind: str | None) -> None:
    assert refusal(ipaddress.ip_address(address)) == kind


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "::1"])
def test_no_spelling_of_the_loopback_passes(host: str) -> None:
    with pytest.raises(ForbiddenError, match=rf"^{host}:8123 is refused: .* is a (loopback|unspecified) address"):
        connect_checked(Rules())(host, 8123, 1)


@pytest.mark.parametrize(
    ("allowed", "host", "port", "found", "passes"),
    [
        (["127.0.0.1:9000"], "127.0.0.1", 9000, "127.0.0.1", True),
        (["127.0.0.1:9000"], "127.0.0.1", 9001, "127.0.0.1", False),
        (["127.0.0.1:9000"], "localhost", 9000, "127.0.0.1", True),
        (["Intranet.Example.:443"], "intranet.example", 443, "10.0.0.5", True),
        (["intranet.example:443"], "other.example", 443, "10.0.0.5", False),
        (["10.0.0.0/8"], "anything", 5, "10.9.9.9", True),
        (["10.0.0.5"], "anything", 5, "10.0.0.5", True),
        (["10.0.0.5"], "anything", 5, "10.0.0.6", False),
        (["[::1]:80"], "::1", 80, "::1", True),
    ],
)
def test_what_is_allowed_passes(allowed: list[str], host: str, port: int, found: str, passes: bool) -> None:
    rules = Rules.of(allowed)
    if passes:
        assert rules.permit(host, port, [found]) == [found]
    else:
        with pytest.raises(ForbiddenError):
            rules.permit(host, port, [found])


@pytest.mark.parametrize("text", ["", "localhost", "host:0", "host:99999", "host:80x", ":80"])
def test_an_unclear_permission_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        Rules.of([text])


def test_of_several_addresses_only_public_ones_are_used() -> None:
    assert Rules().permit("mixed.example", 80, ["10.0.0.1", "8.8.8.8"]) == ["8.8.8.8"]


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Any = self.server
        site.seen.append((self.path, dict(self.headers)))
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * 100_000 if self.path == "/large" else b"hello"
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Set-Cookie", "a=b")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201, "Made")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.upper())

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def served(server: Any) -> Iterator[None]:
    server.seen, server.worlds = [], []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield
    for world in server.worlds:
        world.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def site() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    with served(server):
        yield server


def transfers(site: Any, **options: Any) -> Transfers:
    site.worlds.append(Transfers(connect_checked(Rules.of([f"127.0.0.1:{site.server_port}"])), **options))
    return site.worlds[-1]


def get(world: Transfers, url: str, timeout_s: float = 60) -> Any:
    return world.request("GET", url, headers={"X-Mine": "1"}, content=None, timeout_s=timeout_s)


def test_an_allowed_address_answers(site: Any) -> None:
    answer = get(transfers(site), f"http://127.0.0.1:{site.server_port}/x")
    assert (answer.status, answer.reason, answer.http_version, answer.content) == (200, "OK", "HTTP/1.1", b"hello")
    assert ("content-length", "5") in [(name.lower(), value) for name, value in answer.headers]
    assert site.seen[0][1]["X-Mine"] == "1"


def test_any_status_is_an_answer_and_posts_carry_content(site: Any) -> None:
    world, place = transfers(site), f"http://127.0.0.1:{site.server_port}"
    assert get(world, f"{place}/missing").status == 404
    answer = world.request("POST", f"{place}/x", headers={}, content=b"body", timeout_s=60)
    assert (answer.status, answer.reason, answer.content) == (201, "Made", b"BODY")


def test_no_cookies_are_kept(site: Any) -> None:
    world, place = transfers(site), f"http://127.0.0.1:{site.server_port}"
    get(world, place)
    get(world, place)
    assert all("Cookie" not in headers for _, headers in site.seen)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://127.0.0.1:1/", "127.0.0.1:1 is refused: 127.0.0.1 is a loopback address"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254:80 is refused: 169.254.169.254 is a cloud metadata address"),
        ("http://[fd00:ec2::254]/", "fd00:ec2::254 is a cloud metadata address"),
        ("http://10.0.0.1/", "10.0.0.1 is a private address"),
        ("ftp://127.0.0.1/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
    ],
)
def test_redirects_are_judged_as_well(site: Any, target: str, words: str) -> None:
    with pytest.raises(ToolError) as refused:
        get(transfers(site), f"http://127.0.0.1:{site.server_port}/to?{target}")
    assert words in refused.value.message


def test_a_redirect_to_what_is_allowed_is_followed_and_a_circle_is_not(site: Any) -> None:
    place = f"http://127.0.0.1:{site.server_port}"
    assert get(transfers(site), f"{place}/to?{place}/x").content == b"hello"
    with pytest.raises(ToolError, match="more than 10 redirects"):
        get(transfers(site), f"{place}/to?/to?{place}/to?" + f"{place}/to?" * 12)


def test_an_answer_above_the_limit_is_refused(site: Any) -> None:
    with pytest.raises(ToolError, match="larger than the limit of 50,000 bytes"):
        get(transfers(site, limit_bytes=50_000), f"http://127.0.0.1:{site.server_port}/large")


def test_a_name_that_changes_its_address_gains_nothing(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look-up is public, a second one would be the loopback: there is no second one."""
    asked: list[str] = []
    tried: list[tuple[str, int]] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.43.8"] if len(asked) == 1 else ["127.0.0.1"]

    def create_connection(place: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(place)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(addresses, "look_up", look_up)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(ToolError, match="rebind"):
        get(Transfers(connect_checked(Rules())), "http://rebind.example/")
    assert (asked, tried) == (["rebind.example"], [("192.0.43.8", 80)])


def test_all_addresses_of_a_name_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []

    def create_connection(place: tuple[str, int], timeout: float) -> socket.socket:
        shares.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(addresses, "look_up", lambda *_: [f"192.0.43.{at}" for at in range(100)])
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(TimeoutError):
        connect_checked(Rules())("many.example", 80, 10)
    assert len(shares) == 100
    assert shares[0] == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("drip", [b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_an_answer_that_drips_for_ever_is_given_up(drip: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        enough = threading.Event()

        def drop() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(drip)
                while not enough.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        threading.Thread(target=drop, daemon=True).start()
        with pytest.raises(ToolError, match=r"no complete answer within 0\.4 seconds"):
            get(Transfers(connect_checked(None)), f"http://127.0.0.1:{port}/", timeout_s=0.4)
        enough.set()


@pytest.mark.parametrize("url", ["", "nonsense", "http://", "http://user:secret@[/?token=secret", "gopher://x/"])
def test_what_is_no_address_is_an_error_without_secrets(url: str) -> None:
    with pytest.raises(ToolError) as refused:
        get(Transfers(connect_checked(Rules())), url)
    assert "secret" not in refused.value.message


def test_an_unknown_certificate_is_refused(tmp_path: Any) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with served(server), pytest.raises(ToolError, match="CERTIFICATE_VERIFY_FAILED"):
        get(transfers(server), f"https://127.0.0.1:{server.server_port}/")
    assert not server.seen


def self_signed(folder: Any) -> str:
    """A key and its certificate for `localhost`, in one file."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start + datetime.timedelta(days=1))
    parts = [
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
    ]
    (folder / "both.pem").write_bytes(b"".join(parts))
    return str(folder / "both.pem")
