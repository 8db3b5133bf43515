"""`galleria keys add | rotate | forget`: the keys that secrets in the database are sealed with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from galleria.errors import ConflictError, UnsupportedError

if TYPE_CHECKING:
    from galleria.settings import Settings

_ADDED = "# added"

app = typer.Typer(no_args_is_help=True, help="The keys that secrets in the database are sealed with.")


@app.command("add")
def add() -> None:
    """Make a key and write it last into the key file: it opens, and seals nothing yet."""
    from datetime import UTC, datetime

    from cryptography.fernet import Fernet

    from galleria.settings import Settings

    settings = Settings()
    path, lines = _lines_of(settings)
    made_at = datetime.now(UTC).isoformat(timespec="microseconds")
    _write(path, [*lines, f"{Fernet.generate_key().decode('ascii')} {_ADDED} {made_at}"])
    typer.echo(f"{path}: {len(lines) + 1} keys")
    typer.echo("Copy the file to every machine of the gallery and start all servers and workers again; then: galleria keys rotate")


@app.command("rotate")
def rotate() -> None:
    """Seal every stored secret again: with the newest key of the key file, or with the first of GALLERIA_SECRET_KEYS. May be repeated."""
    from galleria.bootstrap import opened
    from galleria.gallery.sealing.service import reseal_all
    from galleria.settings import Settings

    settings = Settings()
    if not settings.secret_keys:
        path, lines = _lines_of(settings)
        _write(path, sorted(lines, key=_added_at, reverse=True))
    with opened(settings) as parts:
        done = reseal_all(parts.database, settings.load_secret_keys())
    typer.echo(f"{done.sealed_again:,} secrets were sealed again, {done.current:,} had this key already")
    if done.lost:
        typer.echo(f"{done.lost:,} secrets open with none of the keys; they were left as they are", err=True)
    if done.sealed_again:
        typer.echo("Copy the key file to every machine and start all servers and workers again.")
        typer.echo("Then once more: galleria keys rotate, and at last: galleria keys forget")


@app.command("forget")
def forget() -> None:
    """Take all keys but the first out of the key file, if they open nothing any more; backups of earlier days need theirs."""
    from galleria.bootstrap import opened
    from galleria.gallery.sealing.service import count_by_key
    from galleria.settings import Settings

    settings = Settings()
    path, lines = _lines_of(settings)
    with opened(settings) as parts:
        needed = sum(count_by_key(parts.database, settings.load_secret_keys())[1:])
    if needed:
        raise ConflictError(f"{needed:,} secrets are sealed with other keys than the first; first: galleria keys rotate")
    _write(path, lines[:1])
    typer.echo(f"{path}: 1 key; {len(lines) - 1} forgotten")


def _lines_of(settings: Settings) -> tuple[Path, Sequence[str]]:
    """The key file and its lines, made where there is none yet."""
    if settings.secret_keys:
        raise UnsupportedError(
            "galleria keys", "GALLERIA_SECRET_KEYS gives the keys; put the new one first there, then: galleria keys rotate"
        )
    settings.load_secret_keys()
    path = settings.secret_key_file or settings.data_dir / "secret.key"
    return path, [line for line in path.read_text("ascii").splitlines() if line.strip()]


def _added_at(line: str) -> str:
    """When a key was added; nothing, and so before all others, for the gallery's first one."""
    return line.partition(_ADDED)[2].strip()


def _write(path: Path, lines: Sequence[str]) -> None:
    """Replace the key file as a whole; it is its owner's only."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
