"""A child process held to its limits until nothing of it is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from galleria.children.events import EventFile
from galleria.children.server import RunnerServer
from galleria.children.watch import Ending, Limits, Stopped, watch
from tests.patience import wait_until
from tests.processes import is_gone
from tests.scripted import SERVER, job_folder

WAITS = """
import time
while not (folder / "temporary" / "go").exists():
    time.sleep(0.01)
"""
HOLD = "held = bytearray({megabytes} * 1_000_000)\nheld[::4096] = b'x' * len(held[::4096])\nimport time\nsay('held')\n"


@pytest.fixture(scope="module")
def server() -> Iterator[RunnerServer]:
    running = RunnerServer(SERVER)
    running.start()
    yield running
    running.close()


def watched(server: RunnerServer, folder: Path, limits: Limits | None = None) -> tuple[Ending, list[Any]]:
    heard: list[Any] = []
    ending = watch(server.run(folder), limits or Limits(), heard.extend, lambda: False)
    return ending, [event["event"] for event in heard]


def go_on(folder: Path) -> None:
    """Let a run go on whose text has `WAITS` in it."""
    (folder / "temporary" / "go").touch()


def _text_of(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def test_events_are_heard_while_it_runs_and_after_its_end(server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", f"say('first')\n{WAITS}say('last')")
    heard: list[str] = []

    def hear(events: Sequence[Any]) -> None:
        heard.extend(event["event"] for event in events)
        if heard:
            # It says no more until this was heard.
            go_on(folder)

    ending = watch(server.run(folder), Limits(), hear, lambda: False)
    assert (ending.stopped, ending.ended.exit, heard) == (Stopped.NO, 0, ["first", "last", "end"])


def test_too_much_memory_is_noticed_and_ended(server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", HOLD.format(megabytes=400) + "time.sleep(600)")
    ending, _ = watched(server, folder, Limits(memory_bytes=200_000_000))
    assert ending.stopped is Stopped.MEMORY
    assert ending.peak_bytes > 200_000_000
    assert ending.seconds < 300


def test_memory_of_descendants_counts(server: RunnerServer, tmp_path: Path) -> None:
    text = "import os\nfor _ in range(3):\n    if os.fork() == 0:\n        break\n" + HOLD.format(megabytes=100) + "time.sleep(600)"
    ending, _ = watched(server, job_folder(tmp_path / "job", text), Limits(memory_bytes=300_000_000))
    assert ending.stopped is Stopped.MEMORY


def test_memory_below_the_limit_is_left_alone(server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", HOLD.format(megabytes=100) + WAITS)
    heard: list[int] = []

    def hear(events: Sequence[Any]) -> None:
        # Between two looks that follow on what it says, its memory is looked at.
        if heard:
            go_on(folder)
        heard.extend(1 for _ in events)

    ending = watch(server.run(folder), Limits(memory_bytes=1_000_000_000), hear, lambda: False)
    assert (ending.stopped, ending.ended.exit) == (Stopped.NO, 0)
    assert 100_000_000 < ending.peak_bytes < 1_000_000_000


def test_mapped_files_are_not_memory_that_is_held(server: RunnerServer, tmp_path: Path) -> None:
    text = """
import mmap, time
file = folder / "outputs" / "large"
file.write_bytes(bytes(300_000_000))
with open(file, "rb") as opened:
    mapped = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
    sum(mapped[at] for at in range(0, len(mapped), 4096))
    time.sleep(0.3)
"""
    ending, _ = watched(server, job_folder(tmp_path / "job", text), Limits(memory_bytes=250_000_000))
    assert (ending.stopped, ending.ended.exit) == (Stopped.NO, 0)


def test_the_time_is_limited(server: RunnerServer, tmp_path: Path) -> None:
    folder = job_folder(tmp_path / "job", "say('here')\nwhile True: pass")
    child = server.run(folder)
    wait_until(lambda: "here" in _text_of(folder / "events.jsonl"))
    heard: list[Any] = []
    ending = watch(child, Limits(time_s=0.5), heard.extend, lambda: False)
    assert (ending.stopped, [event["event"] for event in heard]) == (Stopped.TIME, ["here"])
    assert 0.5 <= ending.seconds < 300


def test_room_on_the_disk_is_limited(server: RunnerServer, tmp_path: Path) -> None:
    text = "import time\n(folder / 'temporary' / 'large').write_bytes(bytes(50_000_000))\ntime.sleep(600)"
    ending, _ = watched(server, job_folder(tmp_path / "job", text), Limits(disk_bytes=20_000_000))
    assert ending.stopped is Stopped.DISK


def test_cancelling_ends_what_the_child_started(server: RunnerServer, tmp_path: Path) -> None:
    text = """
import os, time
if os.fork() == 0:
    os.setsid()
    (folder / "outputs" / "pid").write_text(str(os.getpid()))
time.sleep(600)
"""
    folder = job_folder(tmp_path / "job", text)
    ending = watch(server.run(folder), Limits(), lambda _: None, lambda: bool(_text_of(folder / "outputs" / "pid")))
    assert ending.stopped is Stopped.CANCELLED
    assert ending.seconds < 300
    assert is_gone(int((folder / "outputs" / "pid").read_text()))


def test_an_exception_of_the_listener_ends_the_child(server: RunnerServer, tmp_path: Path) -> None:
    child = server.run(job_folder(tmp_path / "job", "import time\nsay('here')\ntime.sleep(600)"))

    def hear(events: Sequence[Any]) -> None:
        if events:
            raise LookupError("nobody listens")

    with pytest.raises(LookupError):
        watch(child, Limits(), hear, lambda: False)
    ended = child.wait(0)
    assert ended is not None
    assert ended.signal == 9


def test_a_lost_fork_server_takes_the_descendants_along(tmp_path: Path) -> None:
    server = RunnerServer(SERVER)
    text = """
import os, time
if os.fork() == 0:
    os.setsid()
    (folder / "outputs" / "pid").write_text(str(os.getpid()))
    say("here")
time.sleep(600)
"""
    folder = job_folder(tmp_path / "job", text)
    looks: list[int] = []

    def hear(events: Sequence[Any]) -> None:
        looks.append(len(events))
        # Seen once, with its child: from then on the server may go.
        if sum(looks) and len(looks) > looks.index(1) + 2 and server.pid is not None:
            psutil.Process(server.pid).kill()

    ending = watch(server.run(folder), Limits(), hear, lambda: False)
    assert (ending.ended.exit, ending.ended.signal) == (None, None)
    assert "lost" in ending.ended.detail
    assert is_gone(int((folder / "outputs" / "pid").read_text()))
    server.close()


def test_events_are_read_once_and_only_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    events = EventFile(path)
    assert events.read() == []
    with path.open("ab") as file:
        for text, found in (
            (b'{"event": "a"}\n{"ev', ["a"]),
            (b'ent": "b"}\n', ["b"]),
            (b'nonsense\n[1]\n"x"\n{"event": 1}\n{"other": 1}\n\xff\n{"event": "c"}\n', ["c"]),
            (b"[" * 100_000 + b'\n{"event": "d"}\n', ["d"]),
            (b"x" * 5_000_000, []),
            (b'\n{"event": "e"}\n', ["e"]),
        ):
            file.write(text)
            file.flush()
            assert [event["event"] for event in events.read()] == found
