"""A job's folder: filled before the run, emptied of its outputs after it. A run wrote there, so nothing in it is trusted."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from galleria.errors import NotFoundError
from galleria.storage.contract import Storage
from galleria.worker.order import Input, Order

_ROOM_BYTES = 256 * 1024
MOST_LINKS = 500
"""Files of a package; a larger one is not linked file by file."""


def make_empty(folder: Path, order: Order) -> None:
    """Make a job's folder before its job is known: everything that the fence names must be there."""
    for name in ("package", "inputs", "outputs", "temporary"):
        (folder / name).mkdir(parents=True, mode=0o700)
    (folder / "job.json").write_text(json.dumps(order.as_json(folder)), encoding="utf-8")


def fill(folder: Path, package: Path, order: Order, inputs: Sequence[Input], storage: Storage) -> None:
    """Make a job's folder, or fill an empty one. Its package is links to the unpacked one: runs only read it.

    Raises OSError where a folder that was made empty cannot be filled; a new one can.
    """
    if folder.exists():
        _link_files(package, folder / "package")
    else:
        for name in ("inputs", "outputs", "temporary"):
            (folder / name).mkdir(parents=True, mode=0o700)
        (folder / "package").symlink_to(package, target_is_directory=True)
    answers = dict(order.answers)
    for number, file in enumerate(inputs):
        place = folder / "inputs" / str(number)
        place.mkdir()
        storage.fetch(file.key, place / file.name)
        answers[file.question] = str(place / file.name)
    # Written in place: the fence around a process that waits knows this very file.
    job = json.dumps(replace(order, answers=answers).as_json(folder), ensure_ascii=False)
    (folder / "job.json").write_text(job, encoding="utf-8")


def _link_files(package: Path, target: Path) -> None:
    names = [(Path(folder), name) for folder, _, files in os.walk(package) for name in files]
    if len(names) > MOST_LINKS:
        raise OSError(errno.EMLINK, "the package has many files")
    for folder, name in names:
        place = target / folder.relative_to(package)
        place.mkdir(parents=True, exist_ok=True)
        os.link(folder / name, place / name)


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


def has_no_room(folder: Path) -> bool:
    """Whether the disk is so full that a run could not even say why it broke off."""
    free = os.statvfs(folder)
    return free.f_bavail * free.f_frsize < _ROOM_BYTES or (free.f_files > 0 and free.f_favail == 0)


def log_frames(folder: Path) -> Sequence[str]:
    """The places in our code that a failed run's log names, without its texts: those may hold the user's data."""
    try:
        lines = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()[-400:]
    except OSError:
        return ()
    return [line.strip() for line in lines if line.startswith('  File "')][-12:]
