"""The fork server: loads Polars and the palette once, then forks a process for every run.

Asked in JSON lines on standard input: `{"run": FOLDER}`, `{"kill": FOLDER}`; the end of input ends every run and the server.
Tells in JSON lines on standard output: `{"ready": true, "fence": TEXT, "enforced": BOOL}`, `{"folder", "pid"}` for a start, and for an end
`{"folder", "exit": CODE | null, "signal": NUMBER | null, "cpu_s", "peak_bytes"}`, sent once nothing that the run started is
left over. It must be executed afresh with an environment that holds no secret: a forked process shows its parent's.
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
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from galleria.runner import gate, processes
from galleria.runner.fence import Fence, fence_status, interpreter_paths, raise_fence, read_fence
from galleria.runner.limits import Limits, read_limits, set_limits
from galleria.runner.preload import Run, load_engine, refuse_pools

CRASHED = 70
"""Exit code of a run that ended with an error of ours; its traceback is in the job folder's log.txt."""


def serve(load: Callable[[], Run] | None = None) -> int:
    """Serve until standard input ends. `load` imports all that runs need and gives the function that carries one out."""
    processes.adopt_orphans()
    way_out = gate.start_gate() if fence_status().enforced else None
    run = (load or load_engine)()
    refuse_pools()
    # What is loaded stays shared with the runs: no collection touches it any more.
    gc.collect()
    gc.freeze()
    _Server(run, way_out).work()
    return 0


class _Server:
    def __init__(self, run: Run, way_out: gate.Gate | None) -> None:
        self.run = run
        self.gate = way_out
        self.libraries = interpreter_paths()
        self.folders: dict[int, Path] = {}
        """By process id: the runs that go on."""
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
        for pid in self.folders:
            processes.kill_group(pid)
        while self.folders:
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
        if "run" in request:
            self._start(Path(request["run"]))
        elif "kill" in request:
            for pid, folder in self.folders.items():
                if folder == Path(request["kill"]):
                    processes.kill_group(pid)

    def _start(self, folder: Path) -> None:
        try:
            with contextlib.ExitStack() as ends:
                job = json.loads((folder / "job.json").read_bytes())
                fence, limits = read_fence(job), read_limits(job)
                channel = None
                if self.gate is not None and not fence.unrestricted:
                    channel = ends.enter_context(self.gate.open_channel(fence.private_addresses))
                run = _command_of(job) or self.run
                server = os.getpid()
                pid = os.fork()
                if pid == 0:
                    self._become(run, folder, fence, limits, channel, server)
        except Exception as problem:
            _tell(folder=str(folder), exit=CRASHED, signal=None, cpu_s=0.0, peak_bytes=0, detail=f"{type(problem).__name__}: {problem}")
        else:
            self.folders[pid] = folder
            _tell(folder=str(folder), pid=pid)

    def _become(self, run: Run, folder: Path, fence: Fence, limits: Limits, channel: socket.socket | None, server: int) -> NoReturn:
        """In the forked process: settle down behind the fence, run, and end without the server's own clean-up."""
        status = CRASHED
        try:
            os.setsid()
            processes.die_with_parent(server)
            processes.adopt_orphans()
            self._let_go(folder)
            set_limits(folder, limits)
            raise_fence(folder, fence, self.libraries)
            gate.enter(channel)
            status = run(folder)
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else CRASHED
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _let_go(self, folder: Path) -> None:
        """Close what is the server's, so that a run can neither listen to it nor speak in its name."""
        signal.set_wakeup_fd(-1)
        for sign in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        self.selector.close()
        self.child_ended.close()
        self.wake.close()
        if self.gate is not None:
            self.gate.control.close()
        (folder / "events.jsonl").touch()
        log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, source in ((0, nothing), (1, log), (2, log)):
            os.dup2(source, descriptor)
        os.close(log)
        os.close(nothing)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            folder = self.folders.pop(pid, None)
            if folder is None:
                continue
            # What the run left behind has become our child by now: only runs that go on, and the gate, are known.
            processes.end_strays({*self.folders, *([self.gate.pid] if self.gate else [])})
            _tell(
                folder=str(folder),
                exit=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                cpu_s=usage.ru_utime + usage.ru_stime,
                peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            )


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
