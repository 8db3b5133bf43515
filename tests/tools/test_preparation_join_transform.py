"""What tables of a page cannot say: names that Polars would take for patterns, chance, and order beyond one batch of rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest
from lxml import etree

from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Context, Inputs, Wired
from galleria.tools.palette import find_macro_tool, find_tool

ROWS = 300_000
"""More than one batch of the streaming engine."""


def run(tool: str, configuration: str, inputs: Mapping[str, list[Table]]) -> Mapping[str, Table]:
    kind = find_macro_tool(tool) if tool.endswith(".yxmc") else find_tool(f"AlteryxBasePluginsGui.{tool}.{tool}") or find_tool(tool)
    assert kind is not None
    made = kind.read(Configuration(etree.fromstring(f"<Configuration>{configuration}</Configuration>")))
    wired = {anchor: [Wired(table, f"#{i}") for i, table in enumerate(tables, 1)] for anchor, tables in inputs.items()}
    return made.build(Inputs(wired), Context(1, None, Environment())).outputs  # pyright: ignore[reportArgumentType] - these tools reach no files


def rows(table: Table) -> list[tuple[object, ...]]:
    return table.frame.collect(engine="streaming").rows()


def numbers() -> Table:
    frame = pl.LazyFrame({"id": pl.int_range(ROWS, eager=True), "key": pl.int_range(ROWS, eager=True) * 7919 % 1000})
    return Table(frame, (Field("id", FieldType.INT64), Field("key", FieldType.INT64)))


PATTERNS = Table(
    pl.LazyFrame({"*": [2, 1], "^.*$": ["x", "y"], "plain": [5, 6]}, schema={"*": pl.Int32, "^.*$": pl.String, "plain": pl.Int32}),
    (Field("*", FieldType.INT32), Field("^.*$", FieldType.V_STRING, 5), Field("plain", FieldType.INT32)),
)


@pytest.mark.parametrize(
    ("tool", "configuration", "anchor", "expected"),
    [
        ("Sort", '<SortInfo><Field field="*" order="Ascending"/></SortInfo>', "Output", [(1, "y", 6), (2, "x", 5)]),
        ("Unique", '<UniqueFields><Field field="^.*$"/></UniqueFields>', "Unique", [(2, "x", 5), (1, "y", 6)]),
        ("AlteryxSelect", '<SelectFields><SelectField field="plain" selected="False"/></SelectFields>', "Output", [(2, "x"), (1, "y")]),
        ("RecordID", "<FieldName>r</FieldName><Position>1</Position>", "Output", [(2, "x", 5, 1), (1, "y", 6, 2)]),
        ("Sample", '<Mode>First</Mode><N>1</N><GroupFields><Field name="*"/></GroupFields>', "Output", [(1, "y", 6), (2, "x", 5)]),
        (
            "AlteryxSpatialPluginsGui.Summarize.Summarize",
            '<SummarizeFields><SummarizeField field="^.*$" action="GroupBy"/>'
            '<SummarizeField field="*" action="Sum" rename="s"/></SummarizeFields>',
            "Output",
            [("x", 2), ("y", 1)],
        ),
        (
            "Transpose",
            '<KeyFields><Field field="^.*$"/></KeyFields><DataFields><Field field="*"/></DataFields>',
            "Output",
            [("x", "*", 2), ("y", "*", 1)],
        ),
        ("RunningTotal", '<RunningTotalFields><Field field="*"/></RunningTotalFields>', "Output", [(2, "x", 5, 2), (1, "y", 6, 3)]),
        ("Union", "<Mode>ByName</Mode>", "Output", [(2, "x", 5), (1, "y", 6)]),
        (
            "Tile",
            '<Method>UniqueValue</Method><UniqueValue><UniqueFields><Field field="*"/></UniqueFields></UniqueValue>',
            "Output",
            [(1, "y", 6, 1, 1), (2, "x", 5, 2, 1)],
        ),
    ],
)
def test_names_that_look_like_patterns_are_names(tool: str, configuration: str, anchor: str, expected: list[tuple[object, ...]]) -> None:
    assert rows(run(tool, configuration, {"Input": [PATTERNS]})[anchor]) == expected


def test_a_join_of_names_that_look_like_patterns() -> None:
    keys = '<JoinInfo connection="Left"><Field field="*"/></JoinInfo><JoinInfo connection="Right"><Field field="plain"/></JoinInfo>'
    joined = run("Join", keys, {"Left": [PATTERNS], "Right": [PATTERNS]})
    assert rows(joined["Left"]) == [(1, "y", 6), (2, "x", 5)]


def test_first_and_last_of_a_group_go_by_the_order_of_the_rows() -> None:
    actions = "".join(
        f'<SummarizeField field="{field}" action="{action}" rename="{rename}"/>'
        for field, action, rename in (("key", "GroupBy", "key"), ("id", "First", "f"), ("id", "Last", "l"))
    )
    frame = run("AlteryxSpatialPluginsGui.Summarize.Summarize", f"<SummarizeFields>{actions}</SummarizeFields>", {"Input": [numbers()]})[
        "Output"
    ].frame
    expected = numbers().frame.collect().group_by("key").agg(f=pl.col("id").min(), l=pl.col("id").max()).sort("key")
    assert frame.collect(engine="streaming").equals(expected)


def test_a_join_keeps_the_order_of_both_sides_within_a_key() -> None:
    keys = '<JoinInfo connection="Left"><Field field="key"/></JoinInfo><JoinInfo connection="Right"><Field field="key"/></JoinInfo>'
    few = Table(pl.LazyFrame({"id": [9, 8, 7], "key": [3, 1, 3]}), numbers().fields)
    joined = run("Join", keys, {"Left": [numbers()], "Right": [few]})["Join"].frame.collect(engine="streaming")
    assert joined["key"].to_list() == [1] * 300 + [3] * 600
    assert joined["id"].head(300).is_sorted()
    assert joined["Right_id"].tail(600).to_list() == [9, 7] * 300


def test_numbers_in_texts_sort_by_their_value_in_a_dictionary() -> None:
    texts = numbers().frame.select(pl.concat_str(pl.lit("Item "), pl.col("id").reverse().cast(pl.String)).alias("t"))
    table = Table(texts, (Field("t", FieldType.V_STRING, 20),))
    order = run("Sort", '<SortInfo locale="1033"><Field field="t" order="Ascending"/></SortInfo>', {"Input": [table]})["Output"]
    assert order.frame.collect(engine="streaming")["t"].str.slice(5).cast(pl.Int64).to_list() == list(range(ROWS))


def test_one_row_in_ten_by_chance() -> None:
    kept = run("Sample", "<Mode>Random</Mode><N>10</N><GroupFields/>", {"Input": [numbers()]})["Output"].frame.collect(engine="streaming")
    assert abs(kept.height - ROWS / 10) < ROWS / 100
    assert kept["id"].is_sorted()


def test_a_random_sample_has_exactly_as_many_rows_as_asked_for() -> None:
    answers = '<Value name="Number">True</Value><Value name="NNumber">1234</Value><Value name="Deterministic">False</Value>'
    first, second = (run("RandomRecords.yxmc", answers, {"Input": [numbers()]})["Output"].frame.collect() for _ in range(2))
    assert first.height == second.height == 1234
    assert not first.equals(second)


def test_samples_deal_out_every_row_once() -> None:
    answers = '<Value name="estimation pct">60</Value><Value name="validation pct">25</Value><Value name="rand seed">7</Value>'
    dealt = [table.frame.collect() for table in run("Create_Samples.yxmc", answers, {"Input": [numbers()]}).values()]
    assert [one.height for one in dealt] == [ROWS * 60 // 100, ROWS * 25 // 100, ROWS * 15 // 100]
    assert pl.concat(dealt)["id"].n_unique() == ROWS


def test_rare_rows_are_kept_and_others_drawn() -> None:
    answers = '<Value name="Selected_Field">key</Value><Value name="Oversample_Value">5</Value><Value name="Desired_Pct">25</Value>'
    kept = run("Oversample_Field.yxmc", answers, {"Input": [numbers()]})["Output"].frame.collect()
    assert kept.filter(pl.col("key") == 5).height == 300
    assert kept.height == 1200
