"""Field names: compared without case, and made unique the way the original engine does."""

import difflib
import re
from collections.abc import Iterable, Sequence

from galleria.errors import ToolError
from galleria.fields.types import Field

MOST_FIELDS = 32_000


def check_count(number: int) -> None:
    """Raise ToolError in the original's words for more fields than a table may have."""
    if number > MOST_FIELDS:
        raise ToolError(f"Number of fields is larger than the {MOST_FIELDS} limit. Please reduce the number of fields.")


def same_name(left: str, right: str) -> bool:
    return left.casefold() == right.casefold()


def find_field(fields: Sequence[Field], name: str) -> Field | None:
    """The field of that name, whatever its letter case; None where there is none."""
    wanted = name.casefold()
    return next((field for field in fields if field.name.casefold() == wanted), None)


def get_field(fields: Sequence[Field], name: str) -> Field:
    """As `find_field`, but raises ToolError in the original's words where there is none."""
    field = find_field(fields, name)
    if field is None:
        near = suggestion(name, [field.name for field in fields])
        raise ToolError(f'The field "{name}" is missing. Compare the tool configuration with the input stream.{near}')
    return field


def suggestion(name: str, known: Iterable[str]) -> str:
    """` Did you mean "Age"?` for the closest known name, or nothing."""
    by_folded = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.7)
    return f' Did you mean "{by_folded[near[0]]}"?' if near else ""


def unique_name(name: str, taken: Iterable[str], position: int = 1) -> str:
    """`name`, or the first free name counted up from it: abc, abc2 ... abc9, abc9_2; 123 gives 123_2.

    An empty name becomes `Field_<position>` (1-based). Source: OpenYXDB, ValidateFieldName.
    """
    name = name or f"Field_{position}"
    used = {other.casefold() for other in taken}
    if name.casefold() not in used:
        return name
    root, count = _root(name)
    while f"{root}{count}".casefold() in used:
        count += 1
        if count == 10 and not root.endswith("_"):
            root, count = f"{root}9_", 2
    return f"{root}{count}"


def unique_names(names: Iterable[str]) -> list[str]:
    """The names in order, later duplicates renamed by `unique_name`."""
    result: list[str] = []
    for position, name in enumerate(names, 1):
        result.append(unique_name(name, result, position))
    return result


def _root(name: str) -> tuple[str, int]:
    single = re.fullmatch(r"(.*\D)([2-8])", name, re.DOTALL)
    if single:
        return single[1], int(single[2]) + 1
    return (f"{name}_", 2) if name[-1].isdigit() else (name, 2)
