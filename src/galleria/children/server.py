"""The fork server of runs, from outside: started, asked, listened to, ended. What it does is in `runner/serve.py`.

It is executed afresh, never forked from here, with an environment that holds only what it needs: what runs in it was
written by strangers.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from galleria.errors import GalleriaError

COMMAND = (sys.executable, "-P", "-m", "galleria.runner", "--serve")
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables of this process that the fork server may see."""
READY_WITHIN_S = 60.0
ENDS_WITHIN_S = 10.0


class ServerLostError(GalleriaError):
    """The fork server cannot be started, or ended by itself."""


@dataclass(frozen=True)
class Ended:
    """How a child process ended."""

    exit: int | None = None
    """Exit code; None where a signal ended it, or nobody knows."""
    signal: int | None = None
    cpu_s: float = 0.0
    peak_bytes: int = 0
    """The most that the process itself held in memory, shared pages included."""
    detail: str = ""
    """Why it was not even started, or is lost."""


class Child:
    """A process that the fork server forked for a folder."""

    def __init__(self, folder: Path, server: RunnerServer) -> None:
        self.folder = folder
        self.pid: int | None = None
        """None until it is known to run."""
        self._server = server
        self._over = threading.Event()
        self._ended: Ended | None = None

    def wait(self, timeout_s: float | None = None) -> Ended | None:
        """How it ended, with all that it started; None when it goes on after `timeout_s`."""
        self._over.wait(timeout_s)
        return self._ended

    def kill(self) -> None:
        """Have the process and all that it started killed; `wait` tells when that is done."""
        self._server.ask({"kill": str(self.folder)})

    def end(self, ended: Ended) -> None:
        self._ended = ended
        self._over.set()


class RunnerServer:
    """Starts processes quickly by forking them from one that has loaded everything. Started at the first use, and again when lost."""

    def __init__(self, command: Sequence[str] = COMMAND, variables: Mapping[str, str] | None = None) -> None:
        self.command = tuple(command)
        self.fence = ""
        """A sentence about what confines runs on this machine; empty before the start."""
        self._variables = dict(variables or {})
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._children: dict[str, tuple[Child, subprocess.Popen[bytes] | None]] = {}
        """By folder, with the process that was asked: what befalls one that is lost does not befall those of the next."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it if it does not run. Raises ServerLostError with what it said."""
        with self._lock:
            self._ensure()

    def run(self, folder: Path, key: str = "") -> Child:
        """Have a process forked for this folder, whose `job.json` says what is to be done; `key` opens what was sealed for it."""
        child = Child(folder, self)
        with self._lock:
            self._ensure()
            self._children[str(folder)] = child, self._process
            self._write({"run": str(folder), **({"key": key} if key else {})})
        return child

    def prepare(self, folder: Path) -> None:
        """Have a process forked and warmed up for a folder whose run is still to come; `run` starts it then.

        Its `job.json` holds fence and limits, which stay as they are; all else in the folder may still come.
        """
        with self._lock:
            self._ensure()
            self._write({"prepare": str(folder)})

    def ask(self, request: Mapping[str, str]) -> None:
        with self._lock:
            if self._process is not None:
                self._write(request)

    def close(self) -> None:
        """End it, and with it every process that it forked."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        _close_input(process)
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ensure(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        process = subprocess.Popen(  # noqa: S603 (our own program)
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment(), cwd="/", start_new_session=True
        )
        assert process.stdout is not None
        # A server that hangs at its start is ended, which ends the reading.
        guard = threading.Timer(READY_WITHIN_S, process.kill)
        guard.start()
        first = process.stdout.readline()
        guard.cancel()
        if not first:
            _close_input(process)
            process.stdout.close()
            raise ServerLostError(f"the process that starts runs ended with {process.wait()} before it was ready")
        self.fence = str(json.loads(first)["fence"])
        self._process = process
        threading.Thread(target=self._listen, args=(process, process.stdout), daemon=True, name="fork-server").start()

    def _environment(self) -> dict[str, str]:
        # Runs get the processors through Polars; a second pool for matrices would only hold memory.
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return {"OPENBLAS_NUM_THREADS": "1", **passed, **self._variables}

    def _write(self, request: Mapping[str, str]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        # Where it is gone, whoever listens notices the end and tells every child.
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, process: subprocess.Popen[bytes], lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._take(json.loads(line))
        process.wait()
        _close_input(process)
        with self._lock:
            lost = [folder for folder, (_, asked) in self._children.items() if asked is process]
            children = [self._children.pop(folder)[0] for folder in lost]
        for child in children:
            child.end(Ended(detail="the process that starts runs was lost"))

    def _take(self, told: Mapping[str, Any]) -> None:
        with self._lock:
            known = self._children.get(told["folder"]) if "pid" in told else self._children.pop(told["folder"], None)
        if known is None:
            return
        child = known[0]
        if "pid" in told:
            child.pid = told["pid"]
        else:
            child.end(Ended(told["exit"], told["signal"], told["cpu_s"], told["peak_bytes"], told.get("detail", "")))


def _close_input(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
