"""Files that tools read whole, one or one for each record: what is missing stops the run or is told."""

from collections.abc import Callable

from galleria.errors import GalleriaError, ToolError
from galleria.tools.contract import Files, Say


def whole_file(name: str, files: Files, notes: list[Say], *, stops: bool, told: Callable[[str], Say]) -> bytes | None:
    """What is in the file. Where it cannot be read: raises ToolError if that `stops`, else notes it as `told` says and gives None."""
    try:
        return files.to_read(name).read_bytes()
    except (GalleriaError, OSError) as problem:
        text = problem.message if isinstance(problem, GalleriaError) else f"{name}: {problem.strerror}"
        if stops:
            raise ToolError(text) from problem
        notes.append(told(text))
        return None
