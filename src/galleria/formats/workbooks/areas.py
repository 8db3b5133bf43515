"""Which cells of a workbook are meant: `Sheet1$`, `Sheet1$B2:D9`, a named range or a table."""

import re
from dataclasses import dataclass

from galleria.errors import InvalidError

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
_RANGE = re.compile(r"\$?([A-Z]{1,3})?\$?([0-9]{1,7})?(?::\$?([A-Z]{1,3})?\$?([0-9]{1,7})?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Cells:
    """A rectangle of cells; rows and columns count from 0, the last ones belong to it."""

    first_row: int = 0
    first_column: int = 0
    last_row: int = LAST_ROW
    last_column: int = LAST_COLUMN

    def around(self, other: "Cells") -> "Cells":
        """The smallest rectangle that holds both."""
        return Cells(
            min(self.first_row, other.first_row),
            min(self.first_column, other.first_column),
            max(self.last_row, other.last_row),
            max(self.last_column, other.last_column),
        )


@dataclass(frozen=True)
class Area:
    sheet: str
    cells: Cells | None = None
    """None for all that the sheet uses."""


def split_part(part: str) -> tuple[str, str]:
    """`Sheet1$B2:D9` into the sheet and the range; without `$`, the range is empty and the name may be anything."""
    name, mark, cells = part.rpartition("$")
    if mark and (not cells or parse_cells(cells) is not None):
        return name.strip("'"), cells
    # `Sheet1$$B$2:$D$9` and the like: the range has dollars of its own.
    found = re.fullmatch(r"(.+?)\$(\$?[A-Za-z]{1,3}\$?[0-9]+:\$?[A-Za-z]{1,3}\$?[0-9]+)", part)
    return (found[1].strip("'"), found[2]) if found else (part.strip("'"), "")


def parse_cells(text: str) -> Cells | None:
    """`B2:D9`, `B:D`, `2:9` or `B2`; None for what is no range."""
    found = _RANGE.fullmatch(text.strip())
    if not found or not (found[1] or found[2]):
        return None
    first_column, first_row, last_column, last_row = found.groups()
    is_one_cell = ":" not in text
    return Cells(
        int(first_row) - 1 if first_row else 0,
        column_number(first_column) if first_column else 0,
        int(last_row) - 1 if last_row else (int(first_row) - 1 if is_one_cell and first_row else LAST_ROW),
        column_number(last_column) if last_column else (column_number(first_column) if is_one_cell and first_column else LAST_COLUMN),
    )


def column_number(letters: str) -> int:
    """0 for `A`, 27 for `AB`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def parse_reference(formula: str) -> Area:
    """What a defined name stands for (`='My sheet'!$A$1:$C$9`); raises InvalidError for a formula that is no range."""
    found = re.fullmatch(r"=?(?:'((?:[^']|'')+)'|([^'!]+))!([$A-Za-z0-9:]+)", formula.strip())
    cells = parse_cells(found[3]) if found else None
    if not found or cells is None:
        raise InvalidError(f"the named range stands for {formula!r}, which is no range of cells")
    return Area((found[1] or found[2]).replace("''", "'"), cells)
