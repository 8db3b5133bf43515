"""The fork server with its fence and gate, from outside: what a run can do, and what it cannot."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from galleria.children.server import Ended, RunnerServer
from galleria.runner import huge_pages
from galleria.runner.fence import common_paths, fence_status
from tests.patience import PATIENCE_S, wait_until
from tests.scripted import SERVER, job_folder

fenced_by_kernel = pytest.mark.skipif(not fence_status().enforced, reason="this kernel has no Landlock")

QUERY = """
import polars as pl
frame = pl.LazyFrame({"a": [3, 1, 2]}).filter(pl.col("a") > 1).sort("a").collect(engine="streaming")
assert frame["a"].to_list() == [2, 3]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[RunnerServer]:
    os.environ["GALLERIA_SECRET_KEYS"] = "known to nobody"
    running = RunnerServer(SERVER)
    running.start()
    yield running
    running.close()
    del os.environ["GALLERIA_SECRET_KEYS"]


def outcome(server: RunnerServer, folder: Path) -> Ended:
    ended = server.run(folder).wait(PATIENCE_S)
    assert ended is not None, "the run hangs"
    return ended


def log_of(folder: Path) -> str:
    return (folder / "log.txt").read_text()


def succeeds(server: RunnerServer, folder: Path) -> None:
    assert outcome(server, folder).exit == 0, log_of(folder)


def test_a_query_runs_and_writes_only_its_outputs(server: RunnerServer, tmp_path: Path) -> None:
    text = QUERY + "frame.write_csv(folder / 'outputs' / 'out.csv'); frame.lazy().sink_parquet(folder / 'outputs' / 'out.parquet')"
    folder = job_folder(tmp_path / "job", text)
    succeeds(server, folder)
    assert (folder / "outputs" / "out.csv").read_text() == "a\n2\n3\n"


def test_yxdb_and_time_zones_and_certificates_work_behind_the_fence(server: RunnerServer, tmp_path: Path) -> None:
    text = """
import ssl, tempfile, zoneinfo, sigilyx, polars as pl
place = str(folder / "outputs" / "out.yxdb")
sigilyx.write_yxdb(place, pl.DataFrame({"a": [1, 2]}))
assert sigilyx.read_yxdb(place)["a"].to_list() == [1, 2]
assert zoneinfo.ZoneInfo("Europe/Berlin").key
assert pl.Series(["2024-07-01T00:00"]).str.to_datetime(time_zone="UTC").dt.convert_time_zone("Europe/Berlin").dt.hour()[0] == 2
ssl.create_default_context()
assert str(tempfile.gettempdir()) == str(folder / "temporary")
open(tempfile.mkstemp()[1], "w").write("x")
"""
    succeeds(server, job_folder(tmp_path / "job", text))


def test_sorts_above_the_memory_budget_go_to_the_jobs_own_disk(server: RunnerServer, tmp_path: Path) -> None:
    text = """
import os, polars as pl
n = 12_000_000
frame = pl.LazyFrame().select(pl.int_range(n, eager=False).alias("a")).with_columns(b=(pl.col("a") * 7919) % 1000003, c=pl.col("a") * 1.5)
assert frame.sort("b").group_by("b").agg(pl.len(), pl.col("c").sum()).select(pl.len()).collect(engine="streaming").item() == 1000003
found = [file for _, _, files in os.walk(folder / "temporary") for file in files]
assert any(file.startswith("spill") for file in found), found
"""
    succeeds(server, job_folder(tmp_path / "job", text, limits={"memory_bytes": 200_000_000}))


REFUSED = """
try:
    {deed}
except OSError as error:
    # Landlock calls a link from a folder that is only read "cross-device".
    assert isinstance(error, PermissionError) or error.errno == 18, repr(error)
else:
    code = 3
"""


@fenced_by_kernel
@pytest.mark.parametrize(
    ("what", "deed"),
    [
        ("the password file", "open('/etc/passwd').read()"),
        ("another job's output", "open(folder.parent / 'other' / 'outputs' / 'theirs.csv').read()"),
        ("another job's folder", "(folder.parent / 'other' / 'outputs' / 'mine.csv').write_text('x')"),
        ("the way up", "open(folder / 'outputs' / '..' / '..' / 'other' / 'job.json').read()"),
        ("the database", "open(folder.parent / 'galleria.sqlite', 'rb').read()"),
        ("the secret key", "open(folder.parent / 'secret.key').read()"),
        ("a link into it", "open(folder / 'package' / 'link.key').read()"),
        ("the server's environment", "import os; open(f'/proc/{os.getppid()}/environ').read()"),
        ("the server's memory", "import os; open(f'/proc/{os.getppid()}/mem', 'rb')"),
        ("the server's files", "import os; os.listdir(f'/proc/{os.getppid()}/fd')"),
        ("the first process", "open('/proc/1/environ').read()"),
        ("its own package", "(folder / 'package' / 'main.yxmd').write_text('x')"),
        ("its own order", "(folder / 'job.json').write_text('{}')"),
        ("a place of its own choice", "open('/tmp/escaped', 'w')"),
        ("the current folder of the server", "open('/escaped', 'w')"),
        ("making a link", "import os; os.symlink('/etc/passwd', folder / 'outputs' / 'link')"),
        ("a hard link to its input", "import os; os.link(folder / 'inputs' / 'in.csv', folder / 'outputs' / 'in.csv')"),
        ("making a pipe", "import os; os.mkfifo(folder / 'outputs' / 'pipe')"),
        ("starting a program", "import subprocess; subprocess.run(['/bin/true'])"),
        ("signals to the server", "import os, signal; os.kill(os.getppid(), signal.SIGTERM)"),
        ("a connection of its own", "import socket; socket.create_connection(('127.0.0.1', {port}), 2)"),
        ("a port of its own", "import socket; socket.create_server(('127.0.0.1', 0))"),
        ("polars reading elsewhere", "import polars; polars.read_csv(folder.parent / 'secret.key')"),
        ("polars scanning elsewhere", "import polars; polars.scan_csv(folder.parent / 'secret.key').collect(engine='streaming')"),
        ("polars writing elsewhere", "import polars; polars.LazyFrame({'a': [1]}).sink_csv(folder.parent / 'escaped.csv')"),
        ("a thread", "import concurrent.futures as f; f.ThreadPoolExecutor(1).submit(open, folder.parent / 'secret.key').result()"),
    ],
)
def test_the_kernel_refuses(server: RunnerServer, tmp_path: Path, what: str, deed: str) -> None:
    for name in ("galleria.sqlite", "secret.key"):
        (tmp_path / name).write_text("x")
    job_folder(tmp_path / "other", "")
    (tmp_path / "other" / "outputs" / "theirs.csv").write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as neighbour:
        folder = job_folder(tmp_path / "job", REFUSED.format(deed=deed.replace("{port}", str(neighbour.getsockname()[1]))))
        (folder / "inputs" / "in.csv").write_text("x")
        (folder / "package" / "link.key").symlink_to(tmp_path / "secret.key")
        ended = outcome(server, folder)
    assert ended.exit == 0, f"{what}: {ended} {log_of(folder)}"
    assert not (tmp_path / "escaped.csv").exists()


@fenced_by_kernel
def test_allowed_folders_are_open_and_no_others(server: RunnerServer, tmp_path: Path) -> None:
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "there.csv").write_text("x")
    text = """
assert (folder.parent / "read" / "there.csv").read_text() == "x"
(folder.parent / "write" / "there.csv").write_text("y")
try:
    (folder.parent / "read" / "there.csv").write_text("y")
except PermissionError:
    pass
else:
    code = 3
"""
    fence = {"read": [str(tmp_path / "read")], "write": [str(tmp_path / "write")]}
    succeeds(server, job_folder(tmp_path / "job", text, fence=fence))


def test_an_unrestricted_run_may_start_programs(server: RunnerServer, tmp_path: Path) -> None:
    text = "import subprocess; subprocess.run(['/bin/sh', '-c', 'echo hello > ' + str(folder.parent / 'made')], check=True)"
    succeeds(server, job_folder(tmp_path / "job", text, fence={"unrestricted": True}))
    assert (tmp_path / "made").read_text() == "hello\n"


def test_no_secret_of_the_starter_is_in_the_environment(server: RunnerServer, tmp_path: Path) -> None:
    text = "import os; assert not [name for name in os.environ if name.startswith('GALLERIA')], os.environ"
    succeeds(server, job_folder(tmp_path / "job", text))
    assert b"known to nobody" not in Path(f"/proc/{server.pid}/environ").read_bytes()


def test_no_handle_of_the_server_reaches_a_run(server: RunnerServer, tmp_path: Path) -> None:
    text = """
import os, stat
kinds = {}
for handle in range(0, 256):
    try:
        kinds[handle] = os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        pass
print(kinds)
assert not any(kind.startswith(("pipe:", "anon_inode:")) for handle, kind in kinds.items()), kinds
# One socket: the run's own channel to the gate.
assert sum(kind.startswith("socket:") for kind in kinds.values()) <= 1, kinds
"""
    succeeds(server, job_folder(tmp_path / "job", text))


def test_two_runs_draw_different_random_numbers(server: RunnerServer, tmp_path: Path) -> None:
    text = """
import random, polars as pl
say("drawn", python=random.random(), polars=pl.Series(range(1000)).shuffle().to_list()[:5])
"""
    drawn: list[Any] = []
    for name in ("one", "two"):
        folder = job_folder(tmp_path / name, text)
        succeeds(server, folder)
        drawn.append(json.loads((folder / "events.jsonl").read_text().splitlines()[0]))
    assert drawn[0]["python"] != drawn[1]["python"]
    assert drawn[0]["polars"] != drawn[1]["polars"]


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: Any) -> None:
        pass


GET = """
from galleria.errors import ToolError
from galleria.runner import gate
from galleria.addresses import Rules
from galleria.runner.transfer import Transfers
world = Transfers(gate.way_out(Rules()))
try:
    answer = world.request("GET", {url!r}, headers={{}}, content=None, timeout_s=10)
    say("got", text=answer.content.decode())
except ToolError as error:
    say("refused", text=error.message)
"""


def told(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "events.jsonl").read_text().splitlines()[0])


@fenced_by_kernel
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("is_allowed", [True, False])
def test_connections_come_through_the_gate(server: RunnerServer, tmp_path: Path, host: str, is_allowed: bool) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        port = site.server_port
        fence = {"private_addresses": [f"127.0.0.1:{port}"] if is_allowed else []}
        folder = job_folder(tmp_path / "job", GET.format(url=f"http://{host}:{port}/"), fence=fence)
        succeeds(server, folder)
        site.shutdown()
    found = told(folder)
    if is_allowed:
        assert found == {"event": "got", "text": "hello"}
    else:
        assert found["event"] == "refused"
        assert f"{host}:{port} is refused: 127.0.0.1 is a loopback address" in found["text"] or "::1 is a loopback address" in found["text"]


@fenced_by_kernel
def test_a_gate_that_ends_while_the_engine_is_loaded_is_made_anew(tmp_path: Path) -> None:
    others = {child.pid for child in psutil.Process().children()}
    # The whole engine, whose loading takes long enough.
    fresh = RunnerServer()
    starting = threading.Thread(target=fresh.start)
    starting.start()

    def gates() -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return [gate for child in psutil.Process().children() if child.pid not in others for gate in child.children()]
        return []

    wait_until(gates, every_s=0.001)[0].kill()
    starting.join()
    # That no workflow is in these folders is told by a run that was started.
    assert [outcome(fresh, job_folder(tmp_path / name, "")).detail for name in ("first", "next")] == ["", ""]
    fresh.close()


@fenced_by_kernel
@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/", "http://[::1]:1/", "http://10.0.0.1/", "http://2130706433/"])
def test_the_gate_refuses_by_name(server: RunnerServer, tmp_path: Path, url: str) -> None:
    folder = job_folder(tmp_path / "job", GET.format(url=url))
    succeeds(server, folder)
    assert "is refused" in told(folder)["text"]


def test_a_failing_name_is_an_error_and_no_hang(server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", GET.format(url="http://nowhere.invalid/"))
    succeeds(server, folder)
    assert "http://nowhere.invalid/" in told(folder)["text"]


@pytest.mark.parametrize(
    ("text", "exit_code", "signal"),
    [
        ("code = 1", 1, None),
        ("raise SystemExit(2)", 2, None),
        ("raise ValueError('broken')", 70, None),
        ("import os; os._exit(9)", 9, None),
        ("import os; os.abort()", None, 6),
        ("import ctypes; ctypes.string_at(0)", None, 11),
    ],
)
def test_every_end_is_told(server: RunnerServer, tmp_path: Path, text: str, exit_code: int | None, signal: int | None) -> None:
    ended = outcome(server, job_folder(tmp_path / "job", text))
    assert (ended.exit, ended.signal) == (exit_code, signal)
    assert ended.peak_bytes > 10_000_000


@pytest.mark.parametrize(
    "job",
    [
        "",
        "{",
        '{"fence": {"raed": []}}',
        '{"fence": {"read": "/"}}',
        '{"limits": {"time_s": -1}}',
        '{"limits": {"cpu": 1}}',
        pytest.param('{"fence": {"private_addresses": ["db:99999"]}}', marks=fenced_by_kernel),
    ],
)
def test_an_unclear_order_is_refused_and_the_server_lives(server: RunnerServer, tmp_path: Path, job: str) -> None:
    folder = job_folder(tmp_path / "job", "")
    (folder / "job.json").write_text(job)
    ended = outcome(server, folder)
    assert ended.exit == 70
    assert ended.detail
    succeeds(server, job_folder(tmp_path / "next", ""))


DAEMON = """
import os, time
(folder / "outputs" / "leader").write_text(str(os.getpid()))
def descend(depth):
    if os.fork() == 0:
        os.setsid()
        (folder / "outputs" / f"child{depth}").write_text(str(os.getpid()))
        if depth:
            descend(depth - 1)
            os._exit(0)
        while True:
            time.sleep(1)
descend(3)
while not (folder / "outputs" / "child0").exists() or not (folder / "outputs" / "child0").read_text():
    time.sleep(0.01)
say("ready")
"""


def alive(folder: Path, name: str) -> bool:
    pid = int((folder / "outputs" / name).read_text())
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(file: Path) -> None:
    wait_until(lambda: file.exists() and "ready" in file.read_text())


def test_killing_reaches_descendants_in_sessions_of_their_own(server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", DAEMON + "time.sleep(1000)")
    child = server.run(folder)
    wait_for(folder / "events.jsonl")
    assert alive(folder, "child0")
    child.kill()
    ended = child.wait(PATIENCE_S)
    assert ended is not None
    assert ended.signal == 9
    assert not alive(folder, "leader")
    assert not alive(folder, "child0")


def test_what_a_run_leaves_behind_dies_with_it(server: RunnerServer, tmp_path: Path) -> None:
    """And only that: a run beside it goes on."""
    beside = server.run(job_folder(tmp_path / "beside", DAEMON + "time.sleep(1000)"))
    wait_for(tmp_path / "beside" / "events.jsonl")
    folder = job_folder(tmp_path / "job", DAEMON)
    succeeds(server, folder)
    assert not alive(folder, "child0")
    assert alive(tmp_path / "beside", "child0")
    assert beside.wait(0) is None
    beside.kill()
    assert beside.wait(PATIENCE_S) is not None


def test_runs_die_when_the_fork_server_is_killed(tmp_path: Path) -> None:
    server = RunnerServer(SERVER)
    folder = job_folder(tmp_path / "job", DAEMON + "time.sleep(1000)")
    child = server.run(folder)
    wait_for(folder / "events.jsonl")
    assert server.pid is not None
    os.kill(server.pid, 9)
    ended = child.wait(PATIENCE_S)
    assert ended is not None
    assert (ended.exit, ended.signal) == (None, None)
    wait_until(lambda: not alive(folder, "leader"))
    os.kill(int((folder / "outputs" / "child0").read_text()), 9)
    succeeds(server, job_folder(tmp_path / "next", ""))
    server.close()


def test_closing_ends_everything(tmp_path: Path) -> None:
    server = RunnerServer(SERVER)
    folder = job_folder(tmp_path / "job", DAEMON + "time.sleep(1000)")
    child = server.run(folder)
    wait_for(folder / "events.jsonl")
    server.close()
    assert child.wait(PATIENCE_S) is not None
    assert not alive(folder, "leader")
    assert not alive(folder, "child0")


def test_a_server_that_computes_while_it_loads_refuses_to_fork() -> None:
    text = """
import sys
from galleria.runner.preload import Engine
from galleria.runner.serve import serve
def load():
    import time
    import polars as pl
    from galleria.runner.processes import thread_names
    pl.DataFrame({"a": [2, 1]}).sort("a")
    # A thread gives itself its name when it first gets the processor.
    while not any(name.startswith("polars-") for name in thread_names()):
        time.sleep(0.01)
    return Engine(lambda folder: 0)
sys.exit(serve(load))
"""
    import sys

    from galleria.children.server import ServerLostError

    with pytest.raises(ServerLostError):
        RunnerServer((sys.executable, "-P", "-c", text)).start()


def test_a_soak_of_runs_never_hangs(server: RunnerServer, tmp_path: Path) -> None:
    """A short form; the fork server itself was seen through thousands."""
    folders = [job_folder(tmp_path / str(number), QUERY) for number in range(300)]
    assert server.pid is not None
    process = psutil.Process(server.pid)
    before = process.num_fds()
    for first in range(0, len(folders), 3):
        children = [server.run(folder) for folder in folders[first : first + 3]]
        for child in children:
            ended = child.wait(PATIENCE_S)
            assert ended is not None, "a run hangs"
            assert ended.exit == 0
    # What the tests before have left may go meanwhile.
    wait_until(lambda: process.num_fds() <= before, process.num_fds)


def test_the_rehearsal_goes_well_and_computes_nothing() -> None:
    """Were anything computed, threads would run that no fork inherits, and the server would not start."""
    text = """
from galleria.runner.preload import load_engine, refuse_pools
from galleria.runner.rehearsal import rehearse
load_engine()
print(rehearse(1))
refuse_pools()
"""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-P", "-c", text], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert [event["event"] for event in events] == ["progress"]
    assert [tool["toolId"] for tool in events[0]["tools"]] == [1, 2, 3, 4, 5, 6]


def test_huge_pages_keep_what_was_in_memory() -> None:
    held = [bytes([number % 251]) * 1000 for number in range(20_000)]
    assert huge_pages.gather() >= 0
    assert all(text == bytes([number % 251]) * 1000 for number, text in enumerate(held))


def test_what_every_run_may_read_is_there_once() -> None:
    paths = common_paths()
    assert len(set(paths)) == len(paths)
    assert all(path.exists() for path in paths)
    assert not any(parent in paths for path in paths for parent in path.parents)
    assert Path("/proc/self") in paths
    assert any(Path(json.__file__).is_relative_to(path) for path in paths)
