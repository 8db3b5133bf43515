"""Another server, played from a script over real HTTP: what it says, how it fails."""

import io
import json
import threading
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from galleria.gallery.bringing.server import Access
from tests.clients.test_the_whole_way import WORKFLOW

SECRET = "never-to-be-seen"
STUDIO, USER, APP, SCHEDULE, COLLECTION = (f"{digit}" * 24 for digit in "abcde")


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    claimed_bytes: int | None = None
    """Of `Content-Length`, where it lies."""


def saying(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


Say = Callable[[dict[str, str]], Answer]


@dataclass
class Stranger:
    """Answers by path; what no path names is an empty list."""

    says: dict[str, Say] = field(default_factory=dict[str, Say])
    asked: list[str] = field(default_factory=list[str])
    url: str = ""

    def access(self, **more: Any) -> Access:
        return Access(f"{self.url}/gallery", "key", SECRET, **{"timeout_s": 60, "pause_s": 0.01, **more})

    def says_list(self, path: str, *rows: object) -> None:
        """A list that is told in one page."""
        self.says[path] = lambda query: saying([] if int(query.get("page", "0")) > 1 or int(query.get("offset", "0")) else list(rows))


@contextmanager
def stranger(trust: SSLContext | None = None) -> Generator[Stranger]:
    played = Stranger()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix("/gallery/api").rstrip("/")
            played.asked.append(path)
            answer = played.says.get(path, lambda _: saying([]))(dict(parse_qsl(parts.query)))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) if answer.claimed_bytes is None else answer.claimed_bytes))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET

        def log_message(self, *args: object) -> None: ...

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None: ...

    server = Quiet(("127.0.0.1", 0), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    played.url = f"{'https' if trust else 'http'}://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()


def package(document: str = WORKFLOW) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Sales.yxmd", document)
    return packed.getvalue()


def a_world(played: Stranger, **rows: dict[str, Any]) -> None:
    """A server with one of each; `rows` changes members of one."""
    start = {"startTime": "2024-01-01T06:00:00Z", "endTime": None}
    said: dict[str, tuple[str, dict[str, Any]]] = {
        "studio": ("/admin/v2/subscriptions", {"id": STUDIO, "name": "Sales", "active": True}),
        "user": (
            "/admin/v2/users",
            {"id": USER, "email": "ann@old.example", "firstName": "Ann", "role": "Artisan", "subscriptionId": STUDIO, "active": True},
        ),
        "app": (
            "/admin/v1/workflows",
            {
                "id": APP,
                "subscriptionId": STUDIO,
                "metaInfo": {"name": "Sales"},
                "publishedVersionId": "1" * 24,
                "publishedVersionOwner": {"id": USER},
                "public": False,
            },
        ),
        "schedule": (
            "/admin/v1/schedules",
            {
                "id": SCHEDULE,
                "name": "Nightly",
                "application": {"id": APP},
                "owner": {"id": USER},
                "enabled": False,
                "iteration": start | {"iterationType": "Daily"},
                "timezone": "",
            },
        ),
        "collection": (
            "/admin/v1/collections",
            {
                "id": COLLECTION,
                "name": "Shared",
                "ownerId": USER,
                "apps": [{"appId": APP}],
                "subscriptions": [{"subscriptionId": STUDIO, "permissions": {"applications": {"canAdd": True}}}],
            },
        ),
    }
    for name, (path, row) in said.items():
        played.says_list(path, row | rows.get(name, {}))
    played.says[f"/admin/v1/{APP}/package"] = lambda _: Answer(body=package())


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody signed but itself; with its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate, private
