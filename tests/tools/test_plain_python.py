"""Join, Union, Unique, Summarize, Cross Tab, Transpose and Sort against a few lines of Python, over any small tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Context, Inputs, Wired
from galleria.tools.palette import find_tool

Row = tuple[Any, ...]
FIELDS = (Field("k", FieldType.V_WSTRING, 10), Field("n", FieldType.INT32), Field("d", FieldType.DOUBLE), Field("at", FieldType.INT64))
"""Two keys with many repetitions, a value, and the place of the row."""
_KEYS = st.sampled_from([None, "", "a", "A", "b", "é", "Ab"])
_WHOLES = st.sampled_from([None, -1, 0, 2, 10])
_VALUES = st.none() | st.integers(-50, 50).map(lambda number: number / 4)
_ROWS = st.lists(st.tuples(_KEYS, _WHOLES, _VALUES), max_size=14).map(lambda rows: [(*row, at) for at, row in enumerate(rows)])
few = settings(max_examples=60, deadline=None)


def table(rows: Sequence[Row], fields: tuple[Field, ...] = FIELDS) -> Table:
    return Table(pl.DataFrame(list(rows), {field.name: field.dtype for field in fields}, orient="row").lazy(), fields)


def run(tool: str, configuration: str, **inputs: Table) -> Mapping[str, Table]:
    kind = find_tool(tool if "." in tool else f"AlteryxBasePluginsGui.{tool}.{tool}")
    assert kind is not None
    made = kind.read(Configuration(etree.fromstring(f"<Configuration {configuration}</Configuration>")))
    parts: dict[str, list[Wired]] = {}
    for name, incoming in inputs.items():
        wires = parts.setdefault(name.rstrip("12"), [])
        wires.append(Wired(incoming, f"#{len(wires) + 1}"))
    wired = Inputs(parts)
    context = Context(1, None, Environment())  # pyright: ignore[reportArgumentType] - these tools reach no files
    facts = {name: query.collect() for name, query in made.facts(wired, context).items()}
    return made.build(wired, Context(1, None, Environment(), facts)).outputs  # pyright: ignore[reportArgumentType] - these tools reach no files


def rows_of(found: Table) -> list[Row]:
    return found.frame.collect(engine="streaming").rows()


def by(*places: int) -> Callable[[Row], Any]:
    """Null before everything; texts by code point."""
    return lambda row: tuple((row[place] is not None, row[place]) for place in places)


def keyed(row: Row, *places: int) -> Row:
    return tuple(row[place] for place in places)


def matched(places: Sequence[int]) -> str:
    names = "".join(f'<Field field="{FIELDS[place].name}"/>' for place in places)
    return f'><JoinInfo connection="Left">{names}</JoinInfo><JoinInfo connection="Right">{names}</JoinInfo>'


@few
@given(left=_ROWS, right=_ROWS, places=st.sampled_from([(0,), (1,), (0, 1), (1, 0)]))
def test_join(left: list[Row], right: list[Row], places: tuple[int, ...]) -> None:
    found = run("Join", matched(places), Left=table(left), Right=table(right))
    lefts, rights = sorted(left, key=by(*places)), sorted(right, key=by(*places))
    joined = [one + other for one in lefts for other in right if keyed(one, *places) == keyed(other, *places)]
    assert rows_of(found["Join"]) == joined
    there = {keyed(row, *places) for row in left}, {keyed(row, *places) for row in right}
    assert rows_of(found["Left"]) == [row for row in lefts if keyed(row, *places) not in there[1]]
    assert rows_of(found["Right"]) == [row for row in rights if keyed(row, *places) not in there[0]]


@few
@given(first=_ROWS, second=_ROWS)
def test_union_by_name(first: list[Row], second: list[Row]) -> None:
    other = (FIELDS[3], FIELDS[0], Field("own", FieldType.INT32))
    found = run("Union", "><Mode>ByName</Mode>", Input1=table(first), Input2=table([(row[3], row[0], row[1]) for row in second], other))
    stacked = [(*row, None) for row in first] + [(row[0], None, None, row[3], row[1]) for row in second]
    assert found["Output"].names == ["k", "n", "d", "at", "own"]
    assert rows_of(found["Output"]) == stacked


@few
@given(rows=_ROWS, places=st.sampled_from([(0,), (1,), (0, 1)]))
def test_unique(rows: list[Row], places: tuple[int, ...]) -> None:
    names = "".join(f'<Field field="{FIELDS[place].name}"/>' for place in places)
    found = run("Unique", f"><UniqueFields>{names}</UniqueFields>", Input=table(rows))
    unique: list[Row] = []
    again: list[Row] = []
    seen: set[Row] = set()
    for row in sorted(rows, key=by(*places)):
        (again if keyed(row, *places) in seen else unique).append(row)
        seen.add(keyed(row, *places))
    assert rows_of(found["Unique"]) == unique
    assert rows_of(found["Duplicates"]) == again


ACTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "Sum": lambda values: sum(known) if (known := known_of(values)) else None,
    "Min": lambda values: min(known_of(values), default=None),
    "Max": lambda values: max(known_of(values), default=None),
    "Count": len,
    "CountNonNull": lambda values: len(known_of(values)),
    "CountNull": lambda values: len(values) - len(known_of(values)),
    "First": lambda values: values[0],
    "Last": lambda values: values[-1],
}


def known_of(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


@few
@given(rows=_ROWS, places=st.sampled_from([(0,), (1,), (0, 1)]), value=st.sampled_from(["n", "d"]))
def test_summarize(rows: list[Row], places: tuple[int, ...], value: str) -> None:
    keys = "".join(f'<SummarizeField field="{FIELDS[place].name}" action="GroupBy"/>' for place in places)
    asked = "".join(f'<SummarizeField field="{value}" action="{action}" rename="{action}"/>' for action in ACTIONS)
    found = run("AlteryxSpatialPluginsGui.Summarize.Summarize", f"><SummarizeFields>{keys}{asked}</SummarizeFields>", Input=table(rows))
    groups: dict[Row, list[Any]] = {}
    for row in sorted(rows, key=by(*places)):
        groups.setdefault(keyed(row, *places), []).append(row[1 if value == "n" else 2])
    assert rows_of(found["Output"]) == [(*group, *(make(values) for make in ACTIONS.values())) for group, values in groups.items()]


@few
@given(
    rows=_ROWS, order=st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.booleans()), min_size=1, max_size=3, unique_by=lambda one: one[0])
)
def test_sort(rows: list[Row], order: list[tuple[int, bool]]) -> None:
    fields = "".join(
        f'<Field field="{FIELDS[place].name}" order="{"Descending" if is_down else "Ascending"}"/>' for place, is_down in order
    )
    found = run("Sort", f'><SortInfo locale="0">{fields}</SortInfo>', Input=table(rows))
    expected = list(rows)
    for place, is_down in reversed(order):
        expected.sort(key=by(place), reverse=is_down)
    assert rows_of(found["Output"]) == expected


@few
@given(rows=_ROWS)
def test_cross_tab(rows: list[Row]) -> None:
    headed = [(row[0], f"h{row[1] or 0}".replace("-", "m"), row[2], row[3]) for row in rows]
    fields = (FIELDS[0], Field("h", FieldType.V_STRING, 5), FIELDS[2], FIELDS[3])
    asked = '><GroupFields><Field field="k"/></GroupFields><HeaderField field="h"/><DataField field="d"/>'
    found = run("CrossTab", f'{asked}<Methods><Method method="Sum"/></Methods>', Input=table(headed, fields))["Output"]
    headers = sorted({row[1] for row in headed})
    assert sorted(found.names[1:]) == headers
    cells: dict[Row, list[float]] = {}
    for row in headed:
        cells.setdefault((row[0], row[1]), []).extend(known_of([row[2]]))
    groups = sorted({row[0] for row in headed}, key=lambda group: (group is not None, group))
    expected = [{"k": group} | {header: ACTIONS["Sum"](cells.get((group, header), [])) for header in headers} for group in groups]
    made = found.frame.collect(engine="streaming").to_dicts()
    assert made == (expected if headers else [])


@few
@given(rows=_ROWS)
def test_transpose_and_cross_tab_back(rows: list[Row]) -> None:
    asked = '><KeyFields><Field field="at"/></KeyFields><DataFields><Field field="n"/><Field field="d"/></DataFields>'
    tall = run("Transpose", asked, Input=table(rows))["Output"]
    assert rows_of(tall) == [(row[3], name, row[place]) for row in rows for name, place in (("n", 1), ("d", 2))]
    back = '><GroupFields><Field field="at"/></GroupFields><HeaderField field="Name"/><DataField field="Value"/>'
    wide = run("CrossTab", f'{back}<Methods><Method method="First"/></Methods>', Input=tall)["Output"]
    if rows:
        assert wide.frame.collect(engine="streaming").select("at", "n", "d").rows() == [(row[3], row[1], row[2]) for row in rows]
