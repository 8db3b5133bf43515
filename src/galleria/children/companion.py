"""Keep a process running beside this one: started again when it ends by itself, told to end by the end of its standard input."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Self

import structlog

AGAIN_AFTER_S = (0.5, 60.0)
"""The pause before the first new start, doubled up to the second as long as it ends soon."""
WELL_AFTER_S = 60.0

log = structlog.stdlib.get_logger()


class Companion:
    """A context: the process runs while the block runs."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], ends_within_s: float) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._ends_within_s = ends_within_s
        self._is_ending = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep, name="companion", daemon=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let it end by itself; a second Ctrl-C makes it hurry."""
        self._is_ending.set()
        self._thread.join()
        process = self._process
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(self._ends_within_s)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            process.terminate()
            try:
                process.wait(self._ends_within_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl-C in the terminal is for this process, which passes it on in its way.
        return subprocess.Popen(self._command, env=self._environment, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 (our own program)

    def _keep(self) -> None:
        pause_s, started = AGAIN_AFTER_S[0], time.monotonic()
        while not self._is_ending.wait(0.1):
            code = self._process.poll()
            if code is None:
                continue
            log.warning("companion_ended", exit=code, again_in_s=pause_s)
            if self._is_ending.wait(pause_s):
                return
            pause_s = AGAIN_AFTER_S[0] if time.monotonic() > started + WELL_AFTER_S else min(pause_s * 2, AGAIN_AFTER_S[1])
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process, started = self._start(), time.monotonic()
