"""A job's folder: filled before the run, emptied of its outputs after it. A run wrote there, so nothing in it is trusted."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from galleria.errors import NotFoundError
from galleria.storage.contract import Storage


@dataclass(frozen=True)
class Input:
    """An uploaded file that answers a question."""

    question: str
    name: str
    key: str
    """In the storage."""


@dataclass(frozen=True)
class Order:
    """What is to be run, and under which limits: the content of `job.json`."""

    workflow: str
    """Below the package."""
    answers: Mapping[str, str]
    limits: Mapping[str, float | None]
    fence: Mapping[str, Any]
    variables: Mapping[str, str]


@contextmanager
def job_folder(folder: Path, package: Path, order: Order, inputs: Sequence[Input], storage: Storage) -> Generator[Path]:
    """Make and fill a job's folder, there until the block ends. The package is linked, not copied: runs only read it."""
    try:
        for name in ("inputs", "outputs", "temporary"):
            (folder / name).mkdir(parents=True, mode=0o700)
        (folder / "package").symlink_to(package, target_is_directory=True)
        answers = dict(order.answers)
        for number, file in enumerate(inputs):
            place = folder / "inputs" / str(number)
            place.mkdir()
            storage.fetch(file.key, place / file.name)
            answers[file.question] = str(place / file.name)
        job = {
            "workflow": f"package/{order.workflow}",
            "answers": answers,
            "limits": order.limits,
            "fence": order.fence,
            "variables": {**order.variables, "Engine.TempFilePath": f"{folder}/temporary/"},
            "previews": False,
        }
        (folder / "job.json").write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def opened_output(folder: Path, name: str) -> Generator[BinaryIO]:
    """Open a file that a run says it wrote below `outputs`.

    Links are followed nowhere on the way. Raises NotFoundError for anything but a plain file below that folder.
    """
    parts = PurePosixPath(name).parts
    here = os.open(folder / "outputs", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not parts or any(part in ("..", "/") for part in parts):
            raise NotFoundError(f"{name} is no output of this run")
        for part in parts[:-1]:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = deeper
        # Not blocking: a pipe without a writer must not hold the worker.
        handle = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    except OSError as error:
        raise NotFoundError(f"{name}: the run did not leave this output as a plain file ({error.strerror})") from error
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotFoundError(f"{name}: the run did not leave this output as a plain file")
    with os.fdopen(handle, "rb") as file:
        yield file


def log_frames(folder: Path) -> Sequence[str]:
    """The places in our code that a failed run's log names, without its texts: those may hold the user's data."""
    try:
        lines = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()[-400:]
    except OSError:
        return ()
    return [line.strip() for line in lines if line.startswith('  File "')][-12:]
