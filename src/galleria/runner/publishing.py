"""From the file that somebody publishes to a package and what is to be said about it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galleria.documents.archive import Limits
from galleria.documents.package import complete, pack, unpack
from galleria.formula.environment import Environment
from galleria.runner.files import LocalFiles
from galleria.runner.report import report_on
from galleria.runner.surroundings import Surroundings
from galleria.runner.world import NoWorld
from galleria.tools.palette import all_tools


@dataclass(frozen=True)
class Shared:
    """What workflows find on this server without bringing it."""

    macro_folders: tuple[Path, ...] = ()
    addins: Path | None = None
    """A folder with functions that formulas know."""


def read_shared(told: Mapping[str, Any]) -> Shared:
    """`{"macro_folders": [FOLDER, ...], "addins": FOLDER | null}`."""
    addins = told.get("addins")
    return Shared(tuple(Path(str(folder)) for folder in told.get("macro_folders") or ()), Path(str(addins)) if addins else None)


def package_and_report(source: Path, package: Path, shared: Shared) -> dict[str, Any]:
    """Make `package` of a bare workflow (or copy it, if it is one), and describe it. Raises where it cannot be read.

    Macros of `shared` that the workflow names and does not bring go into the package: a run needs nothing else.
    """
    missing: list[str] = []
    shipped = [name for tool in all_tools() for name in tool.macros]
    if source.suffix.casefold() == ".yxzp":
        if not complete(source, package, macro_folders=shared.macro_folders, shipped=shipped):
            shutil.copyfile(source, package)
    else:
        packed = pack(source, package, macro_folders=shared.macro_folders, shipped=shipped)
        missing = [str(one) for one in packed.missing]
    with tempfile.TemporaryDirectory(prefix="galleria-check-") as name:
        folder = Path(name)
        workflow = unpack(package, folder / "package", Limits())
        files = LocalFiles(workflow.parent, folder / "outputs", folder / "temporary")
        return report_on(workflow, Surroundings(files, NoWorld(), Environment(addin_folder=shared.addins)), missing)
