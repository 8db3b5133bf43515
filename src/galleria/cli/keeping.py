"""`galleria clean | backup | restore`: what is kept how long, and a whole gallery in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.gallery import VIA
from galleria.errors import UnsupportedError

if TYPE_CHECKING:
    from galleria.backup import Places
    from galleria.gallery.retention.service import Removed
    from galleria.settings import Settings

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup's file.")]


def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    jobs_days: Annotated[float | None, typer.Option(min=0, help="Remove jobs that ended so many days ago.")] = None,
    jobs_each: Annotated[int | None, typer.Option(min=0, help="Keep so many ended jobs of a workflow.")] = None,
    outputs_days: Annotated[float | None, typer.Option(min=0, help="Remove the outputs of jobs that ended so many days ago.")] = None,
    audit_days: Annotated[float | None, typer.Option(min=0, help="Remove audit entries of so many days ago.")] = None,
) -> None:
    """Remove what is kept no longer, as the settings GALLERIA_KEEP_... say or the options do; 0 keeps everything."""
    from dataclasses import replace

    from galleria.bootstrap import opened, retention
    from galleria.gallery.actors import system
    from galleria.gallery.retention.service import Removed, sweep, what_would_go
    from galleria.settings import Settings

    settings = Settings()
    given = {"jobs_days": jobs_days, "jobs_each": jobs_each, "outputs_days": outputs_days, "audit_days": audit_days}
    policy = replace(retention(settings), **{name: value for name, value in given.items() if value is not None})
    with opened(settings) as parts:
        if dry_run:
            with parts.database.read() as db:
                typer.echo(f"would remove {_words(what_would_go(db, policy))}")
            return
        removed = sum(sweep(parts.database, parts.storage, policy, system(VIA)), Removed())
        typer.echo(f"removed {_words(removed)}")


def backup(
    file: BackupFile,
    with_key: Annotated[bool, typer.Option("--with-key/--without-key", help="Whether the key that opens the secrets goes along.")] = True,
) -> None:
    """Write the whole gallery into one file; it may be running. For SQLite and a storage folder."""
    from galleria.backup import save
    from galleria.settings import Settings

    kept = save(_places(Settings(), "backup"), file, with_key=with_key)
    typer.echo(f"{file}: the database and {kept.files:,} files, {kept.size_bytes:,} bytes")
    typer.echo(
        "It holds the key to every secret of the gallery: keep it safe."
        if with_key
        else "Keep the key file, too: without it no secret opens."
    )


def restore(file: BackupFile) -> None:
    """Bring a backup back into an empty data folder (GALLERIA_DATA_DIR)."""
    from galleria.backup import restore as bring_back
    from galleria.settings import Settings

    settings = Settings()
    kept = bring_back(file, _places(settings, "restore"))
    typer.echo(f"{settings.data_dir}: the database and {kept.files:,} files are back; start it with: galleria serve")


def _places(settings: Settings, feature: str) -> Places:
    from galleria.backup import Places

    if not settings.database.startswith("sqlite:///"):
        raise UnsupportedError(f"galleria {feature}", "the database is no SQLite file; use pg_dump and pg_restore, and copy the storage")
    if not settings.storage.startswith("file://"):
        raise UnsupportedError(f"galleria {feature}", "the storage is no folder; copy the bucket with its own tools, and the database file")
    key = settings.secret_key_file or settings.data_dir / "secret.key"
    return Places(Path(settings.database.removeprefix("sqlite:///")), Path(settings.storage.removeprefix("file://")), key)


def _words(removed: Removed) -> str:
    return (
        f"{removed.jobs:,} jobs, {removed.outputs:,} outputs ({removed.output_bytes:,} bytes), "
        f"{removed.audit_events:,} audit entries, {removed.converted:,} converted copies"
    )
