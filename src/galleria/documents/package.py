"""Packages (.yxzp): a zip of one workflow with the macros and files that it needs. Layout as in tools.md 1.9."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from galleria.documents import archive
from galleria.documents.archive import Limits
from galleria.documents.packing import Collector, Missing
from galleria.documents.read import read_workflow_file
from galleria.errors import GalleriaError, InvalidError

_WORKFLOWS = (".yxmd", ".yxwz")
_MACRO = ".yxmc"


@dataclass(frozen=True)
class PackReport:
    """What went into a package, and what the workflow names besides."""

    package: Path
    main: str
    packed: Sequence[str]
    """Names in the package, the main workflow first."""
    missing: Sequence[Missing]


def pack(
    workflow: Path,
    destination: Path,
    *,
    macro_folders: Sequence[Path] = (),
    shipped: Collection[str] = (),
    allowed: Sequence[Path] = (),
    limits: Limits | None = None,
) -> PackReport:
    """Pack a workflow or app with the macros and input files that it and its macros name.

    Macros are looked for beside the document that names them, beside the workflow, then in `macro_folders`; those of the
    file names `shipped` need no file. What lies outside the workflow's folder is packed, below `_externals`, only from
    `macro_folders` and `allowed`. What is not found or not allowed is in the report and stops nothing. Raises as
    `read_workflow_file` does for the workflow itself, TooLargeError for a package above the limits.
    """
    collector = Collector(workflow.parent, macro_folders, frozenset(name.casefold() for name in shipped), allowed)
    main = collector.add_main(workflow)
    archive.create(destination, collector.files, limits or Limits())
    return PackReport(destination, main, tuple(collector.files), tuple(dict.fromkeys(collector.missing)))


def complete(package: Path, destination: Path, *, macro_folders: Sequence[Path], shipped: Collection[str] = ()) -> bool:
    """Write `package` again with the macros of `macro_folders` that it names and does not hold; False where it needs none.

    Then nothing is written. A package whose workflow lies in a folder of its own stays as it is. Raises as `unpack` does.
    """
    if not macro_folders:
        return False
    with TemporaryDirectory(prefix="galleria-package-") as name:
        folder = Path(name).resolve()
        workflow = unpack(package, folder)
        if workflow.parent != folder:
            return False
        collector = Collector(folder, macro_folders, frozenset(one.casefold() for one in shipped), ())
        collector.add_main(workflow)
        own = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        if collector.files.keys() <= own.keys():
            return False
        archive.create(destination, own | dict(collector.files), Limits())
    return True


def unpack(package: Path, folder: Path, limits: Limits | None = None) -> Path:
    """Unpack a package into `folder`, which is new or empty, and give the path of its main workflow.

    Raises InvalidError in words (no zip, encrypted, links, names that lead elsewhere or twice to the same place, no
    workflow inside), TooLargeError above the limits; then nothing is left in the folder.
    """
    names = [entry.name for entry in archive.entries(package, limits or Limits())]
    candidates = main_candidates(names, package.stem)
    if not candidates:
        raise InvalidError(f"{package.name} holds no workflow: a .yxmd, .yxwz or .yxmc file is needed")
    archive.extract(package, folder, limits or Limits())
    return folder / (candidates[0] if len(candidates) == 1 else _first_of_chain(candidates, folder))


def main_candidates(names: Sequence[str], package_stem: str) -> Sequence[str]:
    """The documents that may be the main one: workflows and apps before macros, then those closest to the root.

    Of several, the one that is named like the package.
    """
    documents = [name for name in names if not name.startswith("__MACOSX/") and not PurePosixPath(name).name.startswith("._")]
    found = [name for name in documents if _suffix(name) in _WORKFLOWS]
    # Macros that support others are renamed: .yxmcbatch, .yxmcsupporting.
    found = found or [name for name in documents if _suffix(name).startswith(_MACRO)]
    closest = min((name.count("/") for name in found), default=0)
    found = [name for name in found if name.count("/") == closest]
    return [name for name in found if PurePosixPath(name).stem.casefold() == package_stem.casefold()][:1] or found


def _first_of_chain(candidates: Sequence[str], folder: Path) -> str:
    """The first document, in the package's order, that no other one starts when it has run."""
    started = {name for candidate in candidates if (name := _next_in_chain(folder / candidate))}
    return next((name for name in candidates if PurePosixPath(name).name.casefold() not in started), candidates[0])


def _next_in_chain(path: Path) -> str:
    try:
        runtime = read_workflow_file(path).runtime
    except GalleriaError:
        return ""
    name = "" if runtime is None else runtime.findtext("Wiz_ChainRunWizard", "")
    return PurePosixPath(name.strip().replace("\\", "/")).name.casefold()


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.casefold()
