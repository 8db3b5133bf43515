"""Convert an output's file in a child process: what strangers' runs wrote is never read by the server itself."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore

from galleria.errors import InvalidError, UnsupportedError

_AT_ONCE = 2
_LIMIT_S = 300
_UNSUPPORTED = "unsupported: "
_HANDED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
"""Of the environment; the child gets no secret of the server's."""


@dataclass(frozen=True)
class ConvertingChild:
    """Call it with two files: the first is written again in the format of the second one's extension."""

    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    def __call__(self, source: Path, target: Path) -> None:
        command = [sys.executable, "-m", "galleria.runner", "convert", str(source), str(target)]
        environment = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        with self.slots:
            try:
                # Our own program, and two paths of our own making.
                done = subprocess.run(command, env=environment, capture_output=True, timeout=_LIMIT_S, check=False)  # noqa: S603
            except subprocess.TimeoutExpired as error:
                raise InvalidError(f"converting took longer than {_LIMIT_S} seconds") from error
        if done.returncode or not target.is_file():
            raise _failure(done.stderr.decode("utf-8", "replace").splitlines())


def _failure(said: list[str]) -> InvalidError | UnsupportedError:
    last = said[-1] if said else "the converting process said nothing"
    if last.startswith(_UNSUPPORTED):
        feature, _, detail = last.removeprefix(_UNSUPPORTED).partition(": ")
        return UnsupportedError(feature, detail)
    return InvalidError(f"the output cannot be converted: {last.removeprefix('invalid: ')}")
