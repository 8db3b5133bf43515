"""Path maps: where folders of the author's network are found here, as an administrator says it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from galleria.errors import InvalidError, ToolError, UnsupportedError

_WRITE = ":write"


@dataclass(frozen=True)
class PathMap:
    source: str
    r"""As workflows write it: `\\nas\fin`, `D:\data`, `/shared`."""
    folder: Path
    is_writable: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        return name_parts(self.source)


def read_path_map(text: str) -> PathMap:
    r"""Read `\\nas\fin=/mnt/fin`, or `D:\data=/srv/data:write` where runs may write, too. Raises InvalidError, UnsupportedError."""
    source, sign, target = (part.strip() for part in text.partition("="))
    if not sign or not name_parts(source):
        raise InvalidError(rf"a path map is written \\SERVER\SHARE=/FOLDER or D:\FOLDER=/FOLDER:write, not {text!r}")
    if "://" in target:
        raise UnsupportedError(f"path map {source}", f"a bucket ({target.partition('://')[0]}) must be mounted as a folder")
    is_writable = target.casefold().endswith(_WRITE)
    folder = Path(target[: -len(_WRITE)] if is_writable else target)
    if not folder.is_absolute() or folder == Path("/"):
        raise InvalidError(f"the path map {source} must lead to a folder that begins with /, and not to / itself")
    return PathMap(source, Path(os.path.normpath(folder)), is_writable)


def read_path_maps(texts: Iterable[str]) -> tuple[PathMap, ...]:
    """Read several, the longest source first, as they are tried."""
    return tuple(sorted(map(read_path_map, texts), key=lambda one: -len(one.parts)))


def mapped(name: str, maps: Sequence[PathMap]) -> tuple[PathMap, Path] | None:
    """Where a name leads, by the first map whose source it begins with, in any letter case; None where none does.

    Raises ToolError for a name that climbs out of the mapped folder.
    """
    parts = name_parts(name)
    for one in maps:
        source = one.parts
        if [part.casefold() for part in parts[: len(source)]] == [part.casefold() for part in source]:
            path = Path(os.path.normpath(one.folder.joinpath(*parts[len(source) :])))
            if path != one.folder and one.folder not in path.parents:
                raise ToolError(f"{name}: that leads out of the mapped folder {one.source}")
            return one, path
    return None


def name_parts(name: str) -> tuple[str, ...]:
    """The parts of an absolute name in Windows or POSIX spelling, root, drive or server first; empty for a relative name."""
    slashed = name.strip().replace("\\", "/")
    if slashed[:4] in ("//?/", "//./"):
        slashed = "//" + slashed[8:] if slashed[4:8].casefold() == "unc/" else slashed[4:]
    has_drive = len(slashed) > 1 and slashed[1] == ":" and slashed[0].isalpha()
    if not has_drive and not slashed.startswith("/"):
        return ()
    root = "//" if slashed.startswith("//") else "/"
    kept = [part for part in slashed.split("/") if part not in ("", ".")]
    if not kept:
        return ()
    return tuple(kept) if has_drive else (root, *kept)
