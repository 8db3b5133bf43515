"""Dynamic Input asks a real database, a WHERE clause at a time; whatever stands in a value, it stays a value."""

import sqlite3
from pathlib import Path

import polars as pl
import pytest

from galleria.errors import GalleriaError
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table
from tests.pages import Scenario
from tests.test_tool_pages import ROOT, error_of, run

PAGE = ROOT / "developer" / "dynamic_input.md"
HOSTILE = "x' or '1'='1"


def asking(query: str, modify: str, values: list[object], kind: FieldType = FieldType.V_STRING) -> Scenario:
    field = Field("v", kind)
    configuration = f"""<Configuration>
      <InputConfiguration><Configuration><File FileFormat="36">shop.sqlite|||{query}</File></Configuration></InputConfiguration>
      <Mode>ModifySQL</Mode><Modifications>{modify}</Modifications></Configuration>"""
    table = Table(pl.LazyFrame({"v": values}, schema={"v": field.dtype}), (field,))
    return Scenario(PAGE, "asking", configuration, [("Input", "", table)], {"Output": None})  # pyright: ignore[reportArgumentType] - only the anchor counts


def modified(field: str, old: str, clause: str, kind: str, group: int = 0) -> str:
    grouped = f'<GroupForIn value="True"/><GroupForIn_Limit value="{group}"/>' if group else ""
    return (
        f'<Modify Action="ReplaceStringEx"><Field>{field}</Field><ReplaceText>{old}</ReplaceText><ReplaceIn>{clause}</ReplaceIn>'
        f"<ReplaceValueType>{kind}</ReplaceValueType>{grouped}</Modify>"
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    database = sqlite3.connect(tmp_path / "shop.sqlite")
    with database:
        database.execute("create table sales (id integer, town text)")
        database.executemany("insert into sales values (?, ?)", [(1, "Ulm"), (2, "Hof"), (3, HOSTILE), (4, None)])
    database.close()
    return tmp_path


def ids(scenario: Scenario, folder: Path) -> list[int]:
    outcome, heard = run(scenario, folder)
    assert [text for status, text in heard.messages if status == 3] == []
    return outcome.tables[(1,), "Output"].frame.collect()["id"].to_list()


BY_TOWN = "select id from sales where town='Bonn' order by id"
BY_ID = "select id from sales where id=9 order by id"


@pytest.mark.parametrize(
    ("query", "modify", "values", "kind", "found"),
    [
        (BY_ID, modified("v", "9", "id=9", "Integer"), [2, 1, 7], FieldType.INT32, [2, 1]),
        ("select id from sales as s9 where s9.id=9", modified("v", "9", "s9.id=9", "Integer"), [2], FieldType.INT32, [2]),
        (BY_ID, modified("v", "9", "id=9", "Integer", group=1000), [2, None, 1, 2], FieldType.INT32, [1, 2]),
        (BY_ID, modified("v", "9", "id=9", "Integer", group=1), [2, 1, 2], FieldType.INT32, [2, 1]),
        (BY_TOWN, modified("v", "Bonn", "town='Bonn'", "String"), ["Ulm", HOSTILE], FieldType.V_STRING, [1, 3]),
        (BY_TOWN, modified("v", "'Bonn'", "town='Bonn'", "String"), ["Ulm", HOSTILE], FieldType.V_STRING, [1, 3]),
        (BY_TOWN, modified("v", "Bonn", "town='Bonn'", "String", group=5), ["Hof", HOSTILE], FieldType.V_STRING, [2, 3]),
        (
            BY_TOWN.replace("='Bonn'", " in ('Bonn')"),
            modified("v", "Bonn", "town in ('Bonn')", "", group=5),
            ["Hof"],
            FieldType.V_STRING,
            [2],
        ),
    ],
)
def test_a_clause_is_given_values(shop: Path, query: str, modify: str, values: list[object], kind: FieldType, found: list[int]) -> None:
    assert ids(asking(query, modify, values, kind), shop) == found


@pytest.mark.parametrize(
    ("query", "modify", "values", "told"),
    [
        (BY_ID, modified("v", "9", "id=9", "Integer"), ["1 or 1=1"], """The field "v" must be a number in every record, not '1 or 1=1'."""),
        (BY_ID, modified("v", "9", "id=9", "Integer"), [None], 'The field "v" must name a source in every record.'),
        (BY_ID.replace("id=9", "id&gt;9"), modified("v", "9", "id&gt;9", "Integer", 9), ["1"], "has no = or IN"),
    ],
)
def test_what_is_no_value_is_refused(shop: Path, query: str, modify: str, values: list[object], told: str) -> None:
    assert told in error_of(asking(query, modify, values), shop)


def test_a_list_needs_room() -> None:
    with pytest.raises(GalleriaError, match="at least 1 value"):
        run(asking(BY_ID, modified("v", "9", "id=9", "Integer", group=-1), ["1"]), Path())
