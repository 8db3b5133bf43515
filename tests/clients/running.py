"""A real server process on a loopback port, and the gallery behind it for tests to fill."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from galleria.database.connect import connect
from galleria.database.vault import vault_from
from galleria.gallery.actors import Actor, Role
from galleria.gallery.keys import service as keys
from galleria.gallery.keys.service import Pair
from galleria.settings import Settings
from galleria.storage.place import storage_at
from tests.gallery.scene import Scene, a_scene, a_user, a_workflow
from tests.patience import PATIENCE_S


@dataclass(frozen=True)
class Running:
    url: str
    """`http://127.0.0.1:PORT`"""
    scene: Scene
    studio: Pair
    user: Pair
    boss: Actor
    """A Curator."""
    curator: Pair
    """His keys."""
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


def an_app(server: Running) -> str:
    """Publish an app that asks for a region."""
    scene = server.scene
    asked = [{"name": "Region", "type": "TextBox", "description": "Which?"}]
    return a_workflow(scene.database, scene.storage, scene.folder, scene.anna, name="Region app", kind="app", questions=asked)


_FIRST_PORT, _PORTS = 20_000, 12_000
"""Below those that systems give away by themselves: between the choice and the server's start nobody gets it by accident."""
_tried = count(os.getpid() * 101)


def free_port() -> int:
    """Choose a port; test processes beside this one begin to choose elsewhere."""
    for number in _tried:
        port = _FIRST_PORT + number % _PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("never reached")


@contextmanager
def running_server(folder: Path, database_url: str = "", **settings: str) -> Generator[Running]:
    """Start a server over an empty gallery with one studio, artisan and workflow; kill it in the end."""
    port = free_port()
    chosen = {"DATA_DIR": str(folder), "DATABASE_URL": database_url, "PORT": str(port), "WORKER": "false", **settings}
    environment = {**os.environ, **{f"GALLERIA_{name}": value for name, value in chosen.items()}}
    folder.mkdir(exist_ok=True)
    log = folder / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "galleria", "serve"], env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        wait_for(port, process, log)
        with _filled(f"http://127.0.0.1:{port}", folder, database_url, log) as running:
            yield running
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}:\n{log.read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens after {PATIENCE_S} seconds:\n{log.read_text()}")


@contextmanager
def _filled(url: str, folder: Path, database_url: str, log: Path) -> Generator[Running]:
    settings = Settings(data_dir=folder, database_url=database_url)
    database = connect(settings.database, vault_from(settings.load_secret_keys()))
    scene = a_scene(database, storage_at(settings.storage), folder)
    with database.write() as db:
        studio = keys.studio_keys(db, scene.anna, scene.anna.subscription_id or "")
        user = keys.user_keys(db, scene.anna, scene.anna.user_id or "")
    boss = a_user(database, "boss@example.com", Role.CURATOR)
    with database.write() as db:
        curator = keys.user_keys(db, boss, boss.user_id or "")
    try:
        yield Running(url, scene, studio, user, boss, curator, log)
    finally:
        database.close()
