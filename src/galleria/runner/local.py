"""A run on the command line: the user's own files and network, no fence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from galleria.connecting.known import Databases
from galleria.connecting.maps import PathMap
from galleria.documents.package import Limits, unpack
from galleria.errors import InvalidError
from galleria.formula.environment import Environment
from galleria.runner.check import Checked, check_workflow
from galleria.runner.files import LocalFiles
from galleria.runner.listeners import Silent
from galleria.runner.mapped import MappedFiles
from galleria.runner.run import Code, run_workflow
from galleria.runner.surroundings import Listener, Surroundings
from galleria.runner.world import OpenWorld


def local_run(
    workflow: Path,
    listener: Listener,
    *,
    answers: Mapping[str, str] | None = None,
    output_dir: Path | None = None,
    anchors: Path | None = None,
    databases: Databases | None = None,
    maps: Sequence[PathMap] = (),
    macro_folders: Sequence[Path] = (),
    addins: Path | None = None,
) -> Code:
    """Run a workflow file with the rights of whoever calls. Relative outputs land below `output_dir`.

    Macros are looked for in `macro_folders`, too; `addins` is a folder with functions that formulas know.
    """
    output_dir = output_dir or Path.cwd()
    for folder in (output_dir, anchors):
        if folder:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InvalidError(f"{folder} cannot be used as a folder: {error.strerror}") from error
    with _around(workflow, output_dir, answers, addins) as (path, around):
        if databases is not None:
            around = replace(around, databases=databases)
        if maps:
            written = tuple(one.folder for one in maps if one.is_writable)
            assert isinstance(around.files, LocalFiles)
            around = replace(around, files=MappedFiles(replace(around.files, writable=written), maps))
        return run_workflow(path, around, listener, anchors=anchors, macro_folders=macro_folders)


def local_check(workflow: Path, macro_folders: Sequence[Path] = (), addins: Path | None = None) -> Checked:
    """Check a workflow file; nothing is run."""
    with _around(workflow, Path.cwd(), None, addins) as (path, around):
        return check_workflow(path, around, Silent(), macro_folders)


def local_formula(addins: Path | None) -> Environment:
    """What expressions know on the command line: the clock, and the functions that a folder of add-ins defines."""
    return Environment(started=datetime.now(), addin_folder=addins)


@contextmanager
def _around(
    workflow: Path, output_dir: Path, answers: Mapping[str, str] | None, addins: Path | None
) -> Generator[tuple[Path, Surroundings]]:
    if not workflow.is_file():
        raise InvalidError(f"{workflow} is not there")
    scratch = Path(tempfile.mkdtemp(prefix="galleria-"))
    try:
        path = workflow.resolve()
        if path.suffix.casefold() == ".yxzp":
            path = unpack(path, scratch / "package", Limits())
        formula = replace(local_formula(addins), variables={"Engine.TempFilePath": f"{scratch}/"})
        yield path, Surroundings(LocalFiles(path.parent, output_dir, scratch), OpenWorld(), formula, answers)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
