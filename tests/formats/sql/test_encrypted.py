"""The relay's own TLS: a server that encrypts, whose certificate is checked as the connection asks."""

from __future__ import annotations

import datetime
import select
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from galleria.connecting.known import Databases, connections_of
from galleria.errors import GalleriaError
from galleria.fields.types import Field, FieldType
from tests.databases import Databases as Made
from tests.formats.sql.test_postgres import Place
from tests.formats.tables import table_of


def certificate(folder: Path) -> Path:
    """A certificate that nobody else vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "db.example")])
    today = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(today - datetime.timedelta(1)).not_valid_after(today + datetime.timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("db.example")]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    path = folder / "both.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()) + pem)
    return path


@pytest.fixture
def url(databases: Made) -> str:
    return databases.empty_url("postgresql")


@pytest.fixture
def seen() -> list[str]:
    """The versions of TLS that were agreed on."""
    return []


@pytest.fixture
def port(url: str, tmp_path: Path, seen: list[str]) -> Generator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    path = f"{parse_qs(urlsplit(url).query)['host'][0]}/.s.PGSQL.5432"
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, context, path, seen), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, context: ssl.SSLContext, path: str, seen: list[str]) -> None:
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            threading.Thread(target=_serve, args=(near, context, path, seen), daemon=True).start()


def _serve(near: socket.socket, context: ssl.SSLContext, path: str, seen: list[str]) -> None:
    with suppress(OSError), near, socket.socket(socket.AF_UNIX) as far:
        far.connect(path)
        assert near.recv(8)[4:] == bytes.fromhex("04d2162f")
        near.sendall(b"S")
        with context.wrap_socket(near, server_side=True) as secured:
            seen.append(secured.version() or "")
            while True:
                for source in [secured] if secured.pending() else select.select([secured, far], [], [])[0]:
                    piece = source.recv(65536)
                    if not piece:
                        return
                    (far if source is secured else secured).sendall(piece)


def place(url: str, port: int, folder: Path, mode: str) -> Place:
    def connect(host: str, at: int, timeout_s: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", at), timeout_s)

    address = f"postgresql://postgres@db.example:{port}{urlsplit(url).path}{mode}"
    return Place(url, folder, Databases(connections_of({"it": address}), connect=connect))


@pytest.mark.parametrize("mode", ["", "?sslmode=require"])
def test_rows_go_encrypted_both_ways(url: str, port: int, tmp_path: Path, seen: list[str], mode: str) -> None:
    it = place(url, port, tmp_path, mode)
    it.write(table_of([(Field("t", FieldType.V_WSTRING), ["x" * 1000] * 5_000)]), "t")
    assert len(it.rows("t")) == 5_000
    assert seen == ["TLSv1.3"] * 2


@pytest.mark.parametrize("mode", ["?sslmode=verify-ca", "?sslmode=verify-full"])
def test_a_certificate_that_nobody_vouches_for_is_refused(url: str, port: int, tmp_path: Path, mode: str) -> None:
    with pytest.raises(GalleriaError, match="certificate verify failed"):
        place(url, port, tmp_path, mode).read("t")
