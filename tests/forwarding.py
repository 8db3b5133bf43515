"""A TCP port that leads to a PostgreSQL server which listens on a Unix socket only."""

import select
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit


@contextmanager
def forwarded(url: str) -> Generator[int]:
    """Give the port that leads to the server of a URL with its folder as `host`."""
    folder = parse_qs(urlsplit(url).query)["host"][0]
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_forward, args=(server, f"{folder}/.s.PGSQL.5432"), daemon=True).start()
        yield server.getsockname()[1]


def _forward(server: socket.socket, path: str) -> None:
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(path)
            threading.Thread(target=_pump, args=(near, far), daemon=True).start()


def _pump(near: socket.socket, far: socket.socket) -> None:
    with suppress(OSError), near, far:
        while True:
            for source in select.select([near, far], [], [])[0]:
                piece = source.recv(65536)
                if not piece:
                    return
                (far if source is near else near).sendall(piece)
