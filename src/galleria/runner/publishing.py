"""From the file that somebody publishes to a package and what is to be said about it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from galleria.documents.archive import Limits
from galleria.documents.package import pack, unpack
from galleria.formula.environment import Environment
from galleria.runner.files import LocalFiles
from galleria.runner.report import report_on
from galleria.runner.surroundings import Surroundings
from galleria.runner.world import NoWorld
from galleria.tools.palette import all_tools


def package_and_report(source: Path, package: Path) -> dict[str, Any]:
    """Make `package` of a bare workflow (or copy it, if it is one), and describe it. Raises where it cannot be read."""
    missing: list[str] = []
    if source.suffix.casefold() == ".yxzp":
        shutil.copyfile(source, package)
    else:
        packed = pack(source, package, shipped=[name for tool in all_tools() for name in tool.macros])
        missing = [str(one) for one in packed.missing]
    with tempfile.TemporaryDirectory(prefix="galleria-check-") as name:
        folder = Path(name)
        workflow = unpack(package, folder / "package", Limits())
        files = LocalFiles(workflow.parent, folder / "outputs", folder / "temporary")
        return report_on(workflow, Surroundings(files, NoWorld(), Environment()), missing)
