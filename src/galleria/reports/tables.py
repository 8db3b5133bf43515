"""Tables of reports laid out: each cell with the style that its table, column, row and itself give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from galleria.reports.styles import parse_style

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

_OF_BOX = frozenset({"width", "height", "border", "padding", "margin"})
"""What a table's own style says about the table and not about its cells."""


@dataclass(frozen=True)
class Cell:
    element: Element
    style: Mapping[str, str]
    column: int
    """From 0; a cell to the left that spans several columns counts as many."""
    span: int
    is_head: bool
    is_number: bool
    """Its column holds numbers."""


def rows_of(table: Element) -> Iterator[list[Cell]]:
    """The rows of a cleaned `table`, those of tables within its cells not among them."""
    columns = [(parse_style(one.get("style", "")), one.get("class") == "number") for one in table.iterfind("colgroup/col")]
    whole = {name: value for name, value in parse_style(table.get("style", "")).items() if not name.startswith(tuple(_OF_BOX))}
    whole.pop("background-color", None)
    colour, _, every = table.get("data-alternate", "").partition(" ")
    line = _line(table)
    position = 0
    for row, part in _rows(table):
        style = {**whole, **line, **(parse_style(part.get("style", "")) if part is not None else {})}
        is_head = part is not None and part.tag == "thead"
        if not is_head:
            if colour and (position // max(int(every), 1)) % 2:
                style["background-color"] = colour
            position += 1
        yield list(_cells(row, {**style, **parse_style(row.get("style", ""))}, columns, is_head))


def _rows(table: Element) -> Iterator[tuple[Element, Element | None]]:
    for child in table:
        if child.tag == "tr":
            yield child, None
        elif child.tag in ("thead", "tbody", "tfoot"):
            for row in child.iterfind("tr"):
                yield row, child


def _cells(row: Element, style: Mapping[str, str], columns: list[tuple[dict[str, str], bool]], is_head: bool) -> Iterator[Cell]:
    place = 0
    for cell in row:
        if cell.tag not in ("td", "th"):
            continue
        of_column, is_number = columns[place] if place < len(columns) else ({}, False)
        own = parse_style(cell.get("style", ""))
        if cell.get("align"):
            own.setdefault("text-align", cell.get("align", ""))
        heading = {"font-weight": "bold"} if cell.tag == "th" and "font-weight" not in style and not is_head else {}
        span = max(int(cell.get("colspan") or 1), 1)
        yield Cell(cell, {**style, **of_column, **heading, **own}, place, span, is_head or cell.tag == "th", is_number)
        place += span


def _line(table: Element) -> dict[str, str]:
    """The lines between cells."""
    width, _, colour = table.get("data-lines", "").partition(" ")
    return {"border": f"{width}px solid {colour}"} if colour and int(width) else {}
