"""Calls over TLS, and the signature that Standard Webhooks names in its specification."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from galleria.gallery.triggers.post import Letter
from galleria.gallery.triggers.records import Action, Event
from galleria.worker import webhooks
from galleria.worker.webhooks import call, signed_headers
from tests.worker.test_following import Called


@contextmanager
def listening_securely(folder: Path, *answers: int) -> Iterator[tuple[ThreadingHTTPServer, Path]]:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "private.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Called)
    server.calls, server.answers = [], list(answers)  # type: ignore[attr-defined] - the test's own attribute
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, certificate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_letter(url: str) -> Letter:
    return Letter("d" * 24, 1, Action.WEBHOOK, Event.SUCCESS, "j" * 24, {}, url, "whsec_" + "a" * 44, ())


def test_a_call_over_tls_wants_a_certificate_that_is_trusted_and_names_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening_securely(tmp_path) as (server, certificate):
        here = f"{server.server_port}/"
        allowed = ("127.0.0.0/8",)
        refused = call(a_letter(f"https://localhost:{here}"), allowed)
        assert (refused.is_sent, refused.is_hopeless) == (False, False)
        assert "CERTIFICATE_VERIFY_FAILED" in refused.answer
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert call(a_letter(f"https://localhost:{here}"), allowed).answer == "204"
        assert "127.0.0.1" in call(a_letter(f"https://127.0.0.1:{here}"), allowed).answer
        assert len(server.calls) == 1  # type: ignore[attr-defined] - the test's own attribute


@pytest.mark.parametrize(
    ("status", "is_sent", "is_hopeless"),
    [(200, True, False), (299, True, False), (301, False, False), (500, False, False), (410, False, True)],
)
def test_an_answer_of_the_2xx_kind_is_an_arrival(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, is_sent: bool, is_hopeless: bool
) -> None:
    with listening_securely(tmp_path, status) as (server, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        receipt = call(a_letter(f"https://localhost:{server.server_port}/"), ("127.0.0.0/8",))
    assert (receipt.is_sent, receipt.answer, receipt.is_hopeless) == (is_sent, str(status), is_hopeless)


def test_a_host_that_is_not_there_is_tried_again() -> None:
    receipt = call(a_letter("https://nowhere.invalid/"))
    assert (receipt.is_sent, receipt.is_hopeless) == (False, False)


@pytest.mark.parametrize("drip", [b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 100 Continue\r\n\r\n"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_that_drips_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch, scheme: str, drip: bytes) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server, drip), daemon=True).start()
        receipt = call(a_letter(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/"), ("127.0.0.0/8",))
    assert (receipt.is_sent, receipt.is_hopeless) == (False, False)
    assert scheme == "https" or receipt.answer == "no answer within 0.5 seconds"


def _drip(server: socket.socket, drip: bytes) -> None:
    near, _ = server.accept()
    with near, suppress(OSError):
        near.sendall(drip)
        for _ in range(200):
            time.sleep(0.05)
            near.sendall(drip[-2:] if drip.endswith(b"-") else drip)


def test_the_signature_is_over_id_timestamp_and_body() -> None:
    # Computed with openssl: printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -hmac "$(printf secret)" -binary | base64
    headers = signed_headers("whsec_c2VjcmV0", "msg_1", b"{}", 1_700_000_000)
    assert headers["webhook-signature"] == "v1,A5oIrJxXPB/PkULSoVu0e4khvPiqpF9vljmhkSKg0FI="
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1700000000")
