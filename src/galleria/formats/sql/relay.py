"""A way for a driver in C to use a connection that was made for it: a socket of this process, relayed by a thread.

A fenced run opens no connection of its own, and libpq takes no open one. It takes the name of a Unix socket: an abstract one,
made behind the fence, which only this process may use. libpq encrypts nothing on a Unix socket, so TLS is done here.
"""

import os
import secrets
import select
import socket
import ssl
import struct
import threading
from contextlib import suppress

from galleria.connecting.known import Connect
from galleria.errors import InvalidError

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_PIECE_BYTES = 1 << 18
_CONNECT_S = 30.0


def relayed_host(connect: Connect, host: str, port: int, ssl_mode: str) -> str:
    """Connect to a PostgreSQL server and give the host that libpq finds it under, for one connection, with the same port.

    Raises ForbiddenError where the address is refused, OSError where nobody answers.
    """
    remote = connect(host, port, _CONNECT_S)
    try:
        remote.settimeout(_CONNECT_S)
        remote = _secured(remote, host, ssl_mode or "prefer")
        remote.settimeout(None)
    except BaseException:
        remote.close()
        raise
    # The colon in second place tells psycopg that this is no name to look up.
    name = f":galleria-{secrets.token_hex(16)}"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(f"\0{name}/.s.PGSQL.{port}")
    listener.listen(1)
    listener.settimeout(_CONNECT_S)
    threading.Thread(target=_serve, args=(listener, remote), daemon=True, name="database-relay").start()
    return f"@{name}"


def _secured(remote: socket.socket, host: str, mode: str) -> socket.socket:
    if mode in ("disable", "allow"):
        return remote
    remote.sendall(_SSL_REQUEST)
    if remote.recv(1) != b"S":
        if mode != "prefer":
            raise InvalidError(f"the server at {host} offers no encryption, which the connection's sslmode {mode} asks for")
        return remote
    # What `require` means to libpq: encrypted, without knowing to whom. The stricter modes check the certificate.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if mode.startswith("verify") else ssl.CERT_NONE
    if mode.startswith("verify"):
        context.load_default_certs()
    return context.wrap_socket(remote, server_hostname=host)


def _serve(listener: socket.socket, remote: socket.socket) -> None:
    with suppress(OSError), remote:
        with listener:
            while True:
                local, _ = listener.accept()
                if _is_ours(local):
                    break
                local.close()
        with local:
            local.settimeout(None)
            _pump(local, remote)


def _is_ours(local: socket.socket) -> bool:
    """An abstract socket is open to the whole machine; the kernel says who came."""
    credentials = local.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[0] == os.getpid()


def _pump(local: socket.socket, remote: socket.socket) -> None:
    while True:
        waits = isinstance(remote, ssl.SSLSocket) and remote.pending() > 0
        ready = [remote] if waits else select.select([local, remote], [], [])[0]
        for source in ready:
            try:
                # A record that only concerns the encryption must not keep the other side waiting.
                remote.settimeout(0 if source is remote else None)
                piece = source.recv(_PIECE_BYTES)
            except (ssl.SSLWantReadError, BlockingIOError):
                continue
            finally:
                remote.settimeout(None)
            if not piece:
                return
            (local if source is remote else remote).sendall(piece)
