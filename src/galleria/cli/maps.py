"""`galleria maps test`: whether the mapped folders and data sources of the settings lead anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from galleria.connecting.maps import PathMap

app = typer.Typer(no_args_is_help=True, help="Folders and data sources that stand for those of authors' networks.")


@app.callback()
def maps() -> None:
    """Path maps and data sources, as GALLERIA_PATH_MAPS and GALLERIA_DATA_SOURCES name them."""


@app.command("test")
def try_maps(
    name: Annotated[str | None, typer.Argument(help=r"A name as a workflow writes it (\\nas\fin\x.csv): tell where it leads.")] = None,
    connect: Annotated[bool, typer.Option("--connect/--no-connect", help="Log in to the data sources.")] = True,
) -> int:
    """Try every path map and data source, or one name. Exit code 0: all lead somewhere; 1: not all."""
    from galleria.connecting.maps import mapped, read_path_maps
    from galleria.settings import Settings

    settings = Settings()
    known = read_path_maps(settings.path_maps)
    if name is not None:
        found = mapped(name, known)
        path = None if found is None else found[1]
        typer.echo(f"{name}: no path map begins like it" if path is None else f"{name} -> {path} ({_is_there(path.exists())})")
        return int(path is None or not path.exists())
    results = [*map(_folder, known), *(_sources(settings.known_sources) if connect else ())]
    for _, line in results:
        typer.echo(line)
    if not results:
        typer.echo("no path map and no data source is set")
    return int(not all(is_good for is_good, _ in results))


def _folder(one: PathMap) -> tuple[bool, str]:
    wanted = os.R_OK | os.X_OK | (os.W_OK if one.is_writable else 0)
    says = "reads and writes" if one.is_writable else "reads"
    is_good = one.folder.is_dir() and os.access(one.folder, wanted)
    problem = "" if is_good else ("no such folder" if not one.folder.is_dir() else "this user lacks the rights")
    return is_good, f"{one.source} -> {one.folder}: {f'good, {says}' if is_good else problem}"


def _sources(sources: dict[str, str]) -> Iterator[tuple[bool, str]]:
    from galleria.connecting.address import address_of
    from galleria.connecting.known import Databases
    from galleria.errors import GalleriaError
    from galleria.formats.sql.database import open_session

    known = Databases(sources=sources)
    for name in sources:
        try:
            open_session(address_of(f"odbc:DSN={name}", known), known).close()
        except GalleriaError as error:
            yield False, f"DSN={name}: {error.message}"
        else:
            yield True, f"DSN={name}: good, logged in"


def _is_there(exists: bool) -> str:
    return "there" if exists else "not there"
