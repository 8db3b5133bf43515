"""Reads tool pages: the scenarios of `filter.md`, each a configuration, its inputs and what must come out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import takewhile
from pathlib import Path

import polars as pl
from shapely import from_geojson, from_wkt, to_wkb

from galleria.fields.types import Field, FieldType, field_type, parse_size
from galleria.table.table import Table

NOT_SCENARIOS = ("Differences from the original", "Source")


@dataclass
class ExpectedTable:
    fields: list[Field]
    sized: list[bool]
    """Whether the page states the column's size."""
    table: Table


@dataclass
class Scenario:
    page: Path
    title: str
    configuration: str = "<Configuration />"
    inputs: list[tuple[str, str, Table]] = field(default_factory=list)
    """Anchor, wire name, table."""
    outputs: dict[str, ExpectedTable] = field(default_factory=dict)
    messages: list[tuple[int, str]] | None = None
    error: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    writes: dict[str, str] = field(default_factory=dict)


def scenarios(page: Path) -> list[Scenario]:
    """Every scenario of a page, in order; raises AssertionError on what is no page."""
    found: list[Scenario] = []
    label = ""
    lines = iter(page.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("## "):
            found.append(Scenario(page, line[3:].strip()))
            label = ""
        elif not found:
            continue
        elif line.startswith("```"):
            _block(found[-1], line[3:].strip(), label, _until_fence(lines))
            label = ""
        elif line.startswith("|"):
            _table(found[-1], label, [line, *takewhile(lambda row: row.startswith("|"), lines)])
            label = ""
        else:
            label = _line(found[-1], label, line)
    return [one for one in found if one.title not in NOT_SCENARIOS]


def _line(scenario: Scenario, label: str, line: str) -> str:
    """Take in one line of text; returns the label that holds for what follows."""
    if re.match(r"(Input|Output|File|Writes|Messages)\b.*:$", line):
        label = line[:-1]
        if label == "Messages":
            scenario.messages = []
    elif line.startswith("Error: "):
        scenario.error = line[7:].strip().strip("`")
    elif label == "Messages" and (message := re.match(r"- (\d+): `(.*)`$", line)):
        assert scenario.messages is not None
        scenario.messages.append((int(message[1]), message[2]))
    return label


def _until_fence(lines: Iterator[str]) -> str:
    return "\n".join(takewhile(lambda line: not line.startswith("```"), lines))


def _block(scenario: Scenario, language: str, label: str, text: str) -> None:
    if label.startswith("File "):
        scenario.files[label[5:]] = text + "\n"
    elif label.startswith("Writes "):
        scenario.writes[label[7:]] = text + "\n"
    elif language == "xml":
        scenario.configuration = text


def _table(scenario: Scenario, label: str, rows: list[str]) -> None:
    kind, _, rest = label.partition(" ")
    if kind == "Input":
        anchor, _, wire = rest.partition(" ")
        scenario.inputs.append((anchor or "Input", wire, parse_table(rows).table))
    elif kind == "Output":
        scenario.outputs[rest or "Output"] = parse_table(rows)
    else:
        raise AssertionError(f"{scenario.page.name}, {scenario.title!r}: a table without `Input:` or `Output:` above it")


def parse_table(rows: list[str]) -> ExpectedTable:
    """A Markdown table whose header cells read `name: Type(size)`."""
    header = [_unquoted(cell) for cell in _cells(rows[0])]
    fields, sized = [], []
    for cell in header:
        name, _, kind = cell.rpartition(":")
        match = re.fullmatch(r"(\w+)(?:\(([\d.]+)\))?", kind.strip())
        assert match, f"a column is headed `name: Type(size)`, not {cell!r}"
        fields.append(Field(name.strip(), field_type(match[1]), *parse_size(match[2])))
        sized.append(match[2] is not None)
    values = [[parse_cell(cell, one) for cell, one in zip(_cells(row), fields, strict=True)] for row in rows[2:]]
    columns = {one.name: pl.Series(one.name, [row[i] for row in values], dtype=one.dtype, strict=True) for i, one in enumerate(fields)}
    return ExpectedTable(fields, sized, Table(pl.DataFrame(columns).lazy(), tuple(fields)))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _unquoted(cell: str) -> str:
    return json.loads(cell) if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def parse_cell(cell: str, one: Field) -> object:
    if cell == "Null":
        return None
    text = _unquoted(cell)
    kind = one.type
    if kind is FieldType.BOOL:
        return {"True": True, "False": False}[text]
    if kind.is_integer:
        return int(text)
    if kind is FieldType.FIXED_DECIMAL:
        return Decimal(text)
    if kind.is_numeric:
        return float(text)
    if kind is FieldType.DATE:
        return date.fromisoformat(text)
    if kind is FieldType.TIME:
        return time.fromisoformat(text)
    if kind is FieldType.DATETIME:
        return datetime.fromisoformat(text)
    if kind is FieldType.SPATIAL:
        return to_wkb(from_wkt(text) if text[0] != "{" else from_geojson(text))
    return text.encode() if kind.is_binary else text
