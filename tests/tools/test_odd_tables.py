"""Feeds every scenario of every tool's page with odd tables and odd settings: a result or an error of ours, never another library's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from lxml import etree
from shapely import Point, to_wkb

from galleria.errors import GalleriaError
from galleria.fields.types import Field, FieldType
from galleria.runner.files import LocalFiles
from galleria.table.table import Table
from tests.pages import Scenario, scenarios
from tests.test_tool_pages import PAGES, run

FOREIGN = re.compile(r"\w+(Error|Exception|Iteration): ")
"""How the runner words what is no error of ours."""

LONG = "x" * 70_000

VALUES: dict[FieldType, list[object]] = {
    FieldType.BOOL: [True, None, False],
    FieldType.BYTE: [255, None, 0],
    FieldType.INT16: [-(2**15), None, 2**15 - 1],
    FieldType.INT32: [-(2**31), None, 2**31 - 1],
    FieldType.INT64: [-(2**63), None, 2**63 - 1],
    FieldType.FIXED_DECIMAL: [Decimal("12345678901234567890123456789.12"), None, Decimal("-0.01")],
    FieldType.FLOAT: [3e38, None, -1.5],
    FieldType.DOUBLE: [1.7e308, None, -5e-324],
    FieldType.STRING: ["", None, "^.*$"],
    FieldType.WSTRING: ["\u0130\U0001f600", None, "e\u0301"],
    FieldType.V_STRING: [LONG, None, "[a] \"b\" 'c' %User.x%"],
    FieldType.V_WSTRING: ["\u0000\u2028\r\n\t", None, "\u540d"],
    FieldType.DATE: [date(1400, 1, 1), None, date(9999, 12, 31)],
    FieldType.TIME: [time(0, 0), None, time(23, 59, 59)],
    FieldType.DATETIME: [datetime(1400, 1, 1), None, datetime(9999, 12, 31, 23, 59, 59)],
    FieldType.BLOB: [b"", None, b"\x00\xff"],
    FieldType.SPATIAL: [to_wkb(Point(-180, 90)), None, to_wkb(Point())],
}
SIZES = {FieldType.FIXED_DECIMAL: (33, 2), **dict.fromkeys((FieldType.STRING, FieldType.WSTRING), (10, 0))}
TYPES = tuple(VALUES)

NAMES = ("^.*$", "[a]", "a\"b'c", "*", "\u540d \U0001f600", "Name", "nAME", "literal", "len", " ", "Row-1:a", "index", "a" * 255)


def odd_columns(height: int) -> list[tuple[Field, pl.Series]]:
    """A column of every type under an odd name."""
    return [_column(NAMES[i % len(NAMES)] + " " * (i // len(NAMES)), kind, height) for i, kind in enumerate(TYPES)]


def _column(name: str, kind: FieldType, height: int) -> tuple[Field, pl.Series]:
    size, scale = SIZES.get(kind, (0, 0))
    field = Field(name, kind, size, scale)
    return field, pl.Series(name, [VALUES[kind][i % 3] for i in range(height)], field.dtype)


def _table(columns: list[tuple[Field, pl.Series]]) -> Table:
    return Table(pl.DataFrame([series for _, series in columns]).lazy(), tuple(field for field, _ in columns))


def without_rows(table: Table, turn: int) -> Table:
    return replace(table, frame=table.frame.head(0))


def without_columns(table: Table, turn: int) -> Table:
    return Table(pl.LazyFrame(), ())


def without_values(table: Table, turn: int) -> Table:
    nulls = {one.name: pl.Series(one.name, [None] * 3, one.dtype) for one in table.fields}
    return replace(table, frame=pl.DataFrame(nulls).lazy())


def of_other_types(table: Table, turn: int) -> Table:
    """The names that the tool is set to, each of another type."""
    return _table([_column(one.name, TYPES[(i * 5 + turn) % len(TYPES)], 3) for i, one in enumerate(table.fields)])


def of_one_type(table: Table, turn: int) -> Table:
    return _table([_column(one.name, TYPES[turn % len(TYPES)], 3) for one in table.fields])


def with_more(table: Table, turn: int) -> Table:
    """Beside what the tool is set to, a column of every type."""
    frame = table.frame.collect()
    taken = {name.casefold() for name in frame.columns}
    more = [(field, series) for field, series in odd_columns(frame.height) if field.name.casefold() not in taken]
    return _table([*zip(table.fields, frame.get_columns(), strict=True), *more])


def _renamed(scenario: Scenario, turn: int) -> Scenario:
    """The scenario with odd names for its fields, in the configuration, too."""
    names = dict.fromkeys(name for _, _, table in scenario.inputs for name in table.names)
    odd = {name: NAMES[(turn + i) % len(NAMES)] + "z" * (i // len(NAMES)) for i, name in enumerate(names)}
    root = etree.fromstring(scenario.configuration)
    for element in root.iter():
        element.text = _named(element.text, odd)
        for key, value in element.attrib.items():
            element.set(key, _named(value, odd) or "")
    inputs = [(anchor, wire, _with_names(table, odd)) for anchor, wire, table in scenario.inputs]
    return replace(scenario, configuration=etree.tostring(root, encoding="unicode"), inputs=inputs)


def _named(text: str | None, odd: dict[str, str]) -> str | None:
    if not text:
        return text
    if text in odd:
        return odd[text]
    for name, other in odd.items():
        if text.endswith(f"_{name}"):
            return text[: -len(name)] + other
        text = text.replace(f"[{name}]", f"[{other}]")
    return text


def _with_names(table: Table, odd: dict[str, str]) -> Table:
    fields = tuple(replace(one, name=odd[one.name]) for one in table.fields)
    frame = table.frame.collect()
    frame.columns = [one.name for one in fields]
    return Table(frame.lazy(), fields)


def _fed(scenario: Scenario, change: Callable[[Table, int], Table], turn: int) -> Scenario:
    return replace(scenario, inputs=[(anchor, wire, change(table, turn)) for anchor, wire, table in scenario.inputs])


def variants(scenario: Scenario, turn: int) -> Iterator[tuple[str, Scenario]]:
    for change in (without_rows, without_columns, without_values, of_other_types, of_one_type, with_more):
        yield change.__name__, _fed(scenario, change, turn)
    yield "_renamed", _renamed(scenario, turn)
    yield "_renamed without rows", _fed(_renamed(scenario, turn + 1), without_rows, turn)


def complaints(scenario: Scenario, folder: Path) -> list[str]:
    try:
        outcome, heard = run(deepcopy(scenario), folder, LocalFiles(folder, folder, folder))
    except GalleriaError:
        return []
    errors = [text for status, text in heard.messages if status == 3]
    tables = [] if errors else [table for (key, _), table in outcome.tables.items() if key == (1,)]
    unlike = [table for table in tables if dict(table.frame.collect_schema()) != {one.name: one.dtype for one in table.fields}]
    return [*filter(FOREIGN.match, errors), *(f"columns unlike {table.fields}" for table in unlike)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_odd_tables(page: Path, tmp_path: Path) -> None:
    for turn, scenario in enumerate(one for one in scenarios(page) if one.inputs):
        for name, odd in variants(scenario, turn):
            assert complaints(odd, tmp_path) == [], f"{scenario.title}: {name}"


NO_SETTINGS = frozenset({"python", "run_command", "email", "download", "throttle", "generate_rows"})
"""Pages whose tools act, wait, or make as many rows as they are told."""


def without_a_part(configuration: str) -> Iterator[tuple[str, str]]:
    """The configuration without one of its elements, or with -1 in place of what one says."""
    root = etree.fromstring(configuration)
    for number in range(1, len(list(root.iter("*")))):
        for odd in ("", "-1"):
            copy = deepcopy(root)
            element = list(copy.iter("*"))[number]
            parent = element.getparent()
            assert parent is not None
            if not odd:
                parent.remove(element)
            elif len(element):
                continue
            else:
                element.text = odd if (element.text or "").strip() else element.text
                element.attrib.update(dict.fromkeys((key for key in element.attrib if key not in ("name", "field")), odd))
            yield f"{element.tag} {odd}", etree.tostring(copy, encoding="unicode")


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem not in NO_SETTINGS], ids=lambda page: page.stem)
def test_odd_settings(page: Path, tmp_path: Path) -> None:
    for scenario in [one for one in scenarios(page) if one.error is None][:4]:
        for name, configuration in without_a_part(scenario.configuration):
            assert complaints(replace(scenario, configuration=configuration), tmp_path) == [], f"{scenario.title}: {name}"
