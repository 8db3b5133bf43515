"""One file that holds a whole gallery of the embedded default: its database, its stored files, its key.

```
manifest.json     what this is
galleria.sqlite   one moment of the database
secret.key        unless it was left out
storage/...       packages, inputs, outputs
```
"""

import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from galleria.errors import InvalidError, NotFoundError

FORMAT = 1
_MANIFEST, _DATABASE, _KEY, _STORAGE = "manifest.json", "galleria.sqlite", "secret.key", "storage"
_LEFT_OUT = "converted"
"""Copies in other formats are made again when somebody asks."""


@dataclass(frozen=True)
class Places:
    """Where the parts of a gallery lie."""

    database: Path
    storage: Path
    key: Path


@dataclass(frozen=True)
class Kept:
    files: int
    size_bytes: int
    """Of the backup's file."""


def save(places: Places, target: Path, *, with_key: bool = True) -> Kept:
    """Write a backup of a gallery, which may be running. The file appears whole or not at all, readable by its owner only.

    The database is taken first: every file that it names was there by then. One that is removed meanwhile was removed on purpose.
    Raises NotFoundError where there is no gallery, InvalidError for a file that is there already.
    """
    if not places.database.is_file():
        raise NotFoundError(f"there is no gallery to back up: {places.database} is missing")
    if target.exists():
        raise InvalidError(f"{target} is there already; a backup replaces nothing")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".galleria-backup-", dir=target.parent) as folder:
        snapshot, aside = Path(folder, _DATABASE), Path(folder, "backup.tar")
        _copy_database(places.database, snapshot)
        with (
            os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink,
            tarfile.open(fileobj=sink, mode="w") as tar,
        ):
            _add_text(tar, _MANIFEST, json.dumps({"galleria_backup": FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}))
            tar.add(snapshot, _DATABASE)
            if with_key and places.key.is_file():
                tar.add(places.key, _KEY)
            count = _add_files(tar, places.storage)
        aside.replace(target)
    return Kept(count, target.stat().st_size)


def restore(source: Path, places: Places) -> Kept:
    """Bring a backup back where no gallery is. Everything is unpacked aside first and moved into place at the end.

    Raises NotFoundError, and InvalidError for what is no backup, was damaged, or would replace something.
    """
    if not source.is_file():
        raise NotFoundError(f"{source} is not there")
    there = [path for path in (places.database, places.key) if path.exists()]
    there += [places.storage] if places.storage.is_dir() and any(places.storage.iterdir()) else []
    if there:
        raise InvalidError(f"{there[0]} is there already; a backup is restored where no gallery is")
    places.database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".galleria-restore-", dir=places.database.parent) as name:
        folder = Path(name)
        count = _unpack(source, folder)
        _check(folder / _DATABASE)
        for secret in (folder / _DATABASE, folder / _KEY):
            if secret.exists():
                secret.chmod(0o600)
        (folder / _STORAGE).mkdir(exist_ok=True)
        for part, path in ((_STORAGE, places.storage), (_KEY, places.key), (_DATABASE, places.database)):
            if (folder / part).exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                if path.is_dir():
                    path.rmdir()
                shutil.move(folder / part, path)
    return Kept(count, source.stat().st_size)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _add_files(tar: tarfile.TarFile, root: Path) -> int:
    count = 0
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if not path.is_file() or path.is_symlink() or path.name.startswith(".") or inside.parts[0] == _LEFT_OUT:
            continue
        try:
            tar.add(path, f"{_STORAGE}/{inside.as_posix()}", recursive=False)
        except FileNotFoundError:
            continue
        count += 1
    return count


def _unpack(source: Path, folder: Path) -> int:
    """Only what a backup holds; anything else in the file is a reason to refuse it whole."""
    count = 0
    try:
        with tarfile.open(source, mode="r:") as tar:
            first = tar.next()
            if first is None or first.name != _MANIFEST or _format_of(tar, first) != FORMAT:
                raise InvalidError(f"{source} is no backup of a gallery that this release can read")
            for member in tar:
                if member.name == _MANIFEST:
                    continue
                if not member.isfile() or not _is_ours(PurePosixPath(member.name)):
                    raise InvalidError(f"{source} is no backup of ours: it holds {member.name[:100]!r}")
                tar.extract(member, folder, filter="data")
                count += member.name.startswith(f"{_STORAGE}/")
    except (tarfile.TarError, EOFError) as error:
        raise InvalidError(f"{source} is no backup, or was damaged: {type(error).__name__}") from error
    return count


def _format_of(tar: tarfile.TarFile, member: tarfile.TarInfo) -> object:
    content = tar.extractfile(member)
    try:
        found = json.loads(content.read(10_000)) if content else None
    except ValueError:
        return None
    return found.get("galleria_backup") if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON


def _is_ours(path: PurePosixPath) -> bool:
    if str(path) in (_DATABASE, _KEY):
        return True
    return path.parts[:1] == (_STORAGE,) and len(path.parts) == 4 and ".." not in path.parts


def _check(database: Path) -> None:
    if not database.is_file():
        raise InvalidError("the backup holds no database")
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            verdict = opened.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise InvalidError(f"the backup's database is damaged: {error}") from error
    if verdict != "ok":
        raise InvalidError(f"the backup's database is damaged: {verdict[:200]}")
