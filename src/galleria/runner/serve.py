"""The fork server: loads Polars and the palette once, then forks a process for every run.

Asked in JSON lines on standard input: `{"run": FOLDER}` (and `"key"`, where something is sealed in the folder: `runner/handed.py`),
`{"kill": FOLDER}`, `{"prepare": FOLDER}` (fork a process for a folder whose run is still to come, so that it starts at once:
`job.json` holds fence and limits already). The end of input ends every run and the server. Tells in JSON lines on standard
output: `{"ready": true, "fence": TEXT, "enforced": BOOL}`;
`{"folder", "pid"}` for the start of a run; `{"folder", "exit": CODE | null, "signal": NUMBER | null, "cpu_s", "peak_bytes"}` for its
end, once nothing that it started is left over. It must be executed afresh with an environment that holds no secret: a
forked process shows its parent's.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galleria.runner import gate, huge_pages, processes
from galleria.runner.fence import common_paths, fence_status, read_fence
from galleria.runner.forked import CRASHED, Settlement, live
from galleria.runner.limits import read_limits
from galleria.runner.preload import Engine, Run, load_engine, refuse_pools


def serve(load: Callable[[], Engine] | None = None) -> int:
    """Serve until standard input ends. `load` imports all that runs need."""
    processes.adopt_orphans()
    way_out = gate.start_gate() if fence_status().enforced else None
    engine = (load or load_engine)()
    refuse_pools()
    # What is loaded stays shared with the runs: no collection touches it any more.
    gc.collect()
    gc.freeze()
    huge_pages.gather()
    _Server(engine, way_out).work()
    return 0


class _Server:
    def __init__(self, engine: Engine, way_out: gate.Gate | None) -> None:
        self.engine = engine
        self.gate = way_out
        self.libraries = common_paths()
        self.folders: dict[int, Path] = {}
        """By process id: the runs that go on."""
        self.prepared: dict[Path, _Prepared] = {}
        """By folder: processes whose run is still to come."""
        self.requests = b""
        self.selector = selectors.DefaultSelector()
        self.child_ended, self.wake = socket.socketpair()

    def work(self) -> None:
        for end in (self.child_ended, self.wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self.wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _note)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.selector.register(0, selectors.EVENT_READ)
        self.selector.register(self.child_ended, selectors.EVENT_READ)
        status = fence_status()
        _tell(ready=True, fence=status.statement, enforced=status.enforced)
        while self._listen():
            pass
        for folder in [*self.folders.values(), *self.prepared]:
            self._kill(folder)
        while self.folders or self.prepared:
            self._reap()
            time.sleep(0.001)
        signal.set_wakeup_fd(-1)

    def _listen(self) -> bool:
        """Take what comes next; False once nobody asks any more."""
        for key, _ in self.selector.select():
            if key.fileobj is self.child_ended:
                self.child_ended.recv(4096)
                self._reap()
                continue
            received = os.read(0, 1 << 16)
            if not received:
                return False
            *lines, self.requests = (self.requests + received).split(b"\n")
            for line in lines:
                self._obey(json.loads(line))
        return True

    def _obey(self, request: dict[str, str]) -> None:
        for deed, do in (("run", self._run), ("prepare", self._prepare), ("kill", self._kill)):
            if deed in request:
                do(Path(request[deed]), request.get("key", ""))

    def _run(self, folder: Path, key: str = "") -> None:
        prepared = self.prepared.pop(folder, None)
        try:
            pid = self._fork(folder, key=key) if prepared is None else prepared.pid
        except Exception as problem:
            _tell(folder=str(folder), exit=CRASHED, signal=None, cpu_s=0.0, peak_bytes=0, detail=f"{type(problem).__name__}: {problem}")
            return
        self.folders[pid] = folder
        _tell(folder=str(folder), pid=pid)
        if prepared is not None:
            prepared.go()

    def _prepare(self, folder: Path, _: str = "") -> None:
        reads, writes = os.pipe()
        try:
            self.prepared[folder] = _Prepared(self._fork(folder, reads), writes)
        except Exception as problem:
            # The run itself will say so, when it comes.
            print(f"a process could not be prepared: {type(problem).__name__}", file=sys.stderr)
            os.close(writes)
        finally:
            os.close(reads)

    def _kill(self, folder: Path, _: str = "") -> None:
        for pid, known in [*self.folders.items(), *((one.pid, known) for known, one in self.prepared.items())]:
            if folder == known:
                processes.kill_group(pid)

    def _fork(self, folder: Path, signal_to_run: int | None = None, key: str = "") -> int:
        """Fork a process for a folder; it runs at once, or when `signal_to_run` can be read. Raises where the order is unclear."""
        with contextlib.ExitStack() as ends:
            job = json.loads((folder / "job.json").read_bytes())
            fence, limits = read_fence(job), read_limits(job)
            channel = None
            if self.gate is not None and not fence.unrestricted:
                channel = ends.enter_context(self._open_channel(self.gate, fence.private_addresses))
            server = os.getpid()
            pid = os.fork()
            if pid == 0:
                settle = Settlement(folder, fence, limits, channel, server, self.libraries, key)
                live(settle, _command_of(job) or self.engine.run, self.engine.warm, signal_to_run, self._let_go)
        return pid

    def _open_channel(self, way_out: gate.Gate, allowed: Sequence[str]) -> socket.socket:
        try:
            return way_out.open_channel(allowed)
        except ConnectionError:
            # It ended, and nobody was told: while the engine was loaded, say.
            os.kill(way_out.pid, signal.SIGKILL)
            os.waitpid(way_out.pid, 0)
            return self._make_gate_anew(way_out).open_channel(allowed)

    def _make_gate_anew(self, lost: gate.Gate) -> gate.Gate:
        """Runs that go on have lost their way out; the next ones have a new one."""
        lost.control.close()
        self.gate = gate.start_gate(self._let_go)
        return self.gate

    def _let_go(self) -> None:
        """In a forked process: close what is the server's, so that a run can neither listen to it nor speak in its name."""
        signal.set_wakeup_fd(-1)
        for sign in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        self.selector.close()
        self.child_ended.close()
        self.wake.close()
        if self.gate is not None:
            self.gate.control.close()
        for other in self.prepared.values():
            os.close(other.writes)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._forget_prepared(pid)
            if self.gate is not None and pid == self.gate.pid:
                self._make_gate_anew(self.gate)
            folder = self.folders.pop(pid, None)
            if folder is None:
                continue
            # What the run left behind has become our child by now: only runs that go on or are to come, and the gate, are known.
            known = {*self.folders, *(one.pid for one in self.prepared.values())}
            processes.end_strays({*known, *([self.gate.pid] if self.gate else [])})
            _tell(
                folder=str(folder),
                exit=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                cpu_s=usage.ru_utime + usage.ru_stime,
                peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            )

    def _forget_prepared(self, pid: int) -> None:
        """One that ended before its run came is nothing to tell: the run is forked when it comes."""
        for folder, one in list(self.prepared.items()):
            if one.pid == pid:
                os.close(self.prepared.pop(folder).writes)


@dataclass(frozen=True)
class _Prepared:
    """A process that waits for its run."""

    pid: int
    writes: int
    """The end of a pipe: whatever is written there starts the run."""

    def go(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self.writes, b".")
        os.close(self.writes)


def _command_of(job: dict[str, Any]) -> Run | None:
    """What a folder asks for that holds a command (`check`, `convert`) and no job."""
    if "command" not in job:
        return None
    command: list[str] = job["command"]
    return lambda _: importlib.import_module("galleria.runner.__main__").main(command)


def _note(_signal: int, _frame: object) -> None:
    """A signal with a handler wakes the selector; one without does not."""


def _tell(**facts: object) -> None:
    """Write one line in one piece; nobody listening any more is no error, the end of input follows."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(facts).encode() + b"\n")
