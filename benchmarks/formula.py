"""Twenty typical formulas over the same written by hand in Polars, and the recurrences of Multi-Row Formula in rows a second.

By hand means: the same results for the same column types, as somebody who knows Polars and the language would write them. Prints
the ratio of the times a formula, their median (goal 1.10), and millions of rows a second for recurrences (goals: recognised 5,
others 0.5). `python -m benchmarks.formula [ROWS]`, 10 million without.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import date, datetime

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.formula.compile import Compiled, assign, compile_expression
from galleria.formula.environment import Environment
from galleria.formula.multirow import compile_multi_row

AROUND = Environment(started=datetime(2024, 2, 29, 13, 14, 15))
FIELDS = [
    Field("id", FieldType.INT64),
    Field("qty", FieldType.INT32),
    Field("price", FieldType.DOUBLE),
    Field("rate", FieldType.DOUBLE),
    Field("name", FieldType.V_WSTRING, 100),
    Field("code", FieldType.V_STRING, 20),
    Field("note", FieldType.V_WSTRING, 100),
    Field("day", FieldType.DATE),
    Field("moment", FieldType.DATETIME),
    Field("text_day", FieldType.V_STRING, 10),
    Field("number", FieldType.V_STRING, 12),
]
TEXT, NUMBER, WHOLE, TRUTH, DAY = (
    Field("out", FieldType.V_WSTRING),
    Field("out", FieldType.DOUBLE),
    Field("out", FieldType.INT64),
    Field("out", FieldType.BOOL),
    Field("out", FieldType.DATE),
)
c = pl.col

FORMULAS: list[tuple[str, Field, pl.Expr]] = [
    ("[qty] * [price]", NUMBER, c("qty") * c("price")),
    ("[price] * (1 + [rate] / 100)", NUMBER, c("price") * (1 + c("rate") / 100)),
    ("[qty] + 1", WHOLE, c("qty").cast(pl.Int64) + 1),
    (
        "IF [qty] > 500 THEN 'large' ELSEIF [qty] > 100 THEN 'medium' ELSE 'small' ENDIF",
        TEXT,
        pl.when(c("qty") > 500).then(pl.lit("large")).when(c("qty") > 100).then(pl.lit("medium")).otherwise(pl.lit("small")),
    ),
    ("IIF(IsNull([note]), 'none', [note])", TEXT, c("note").fill_null("none")),
    ("[name] + ' (' + [code] + ')'", TEXT, pl.concat_str(c("name"), pl.lit(" ("), c("code"), pl.lit(")"), ignore_nulls=True)),
    ("[code] = 'ab12'", TRUTH, c("code").str.contains(r"(?i)\Aab12\z").fill_null(value=False)),
    (
        "[name] IN ('customer 5', 'customer 77', 'customer 901')",
        TRUTH,
        c("name").str.contains(r"(?i)\A(?:customer 5|customer 77|customer 901)\z").fill_null(value=False),
    ),
    ("Contains([name], 'MER 7')", TRUTH, c("name").str.contains("(?i)MER 7").fill_null(value=False)),
    ("Left([code], 2)", TEXT, c("code").str.head(2)),
    ("Uppercase(Trim([note]))", TEXT, c("note").str.strip_chars().str.to_uppercase()),
    ("Replace([name], 'customer', 'client')", TEXT, c("name").fill_null("").str.replace_all("customer", "client", literal=True)),
    (r"REGEX_Replace([name], '(\w+) (\d+)', '$2-$1')", TEXT, c("name").fill_null("").str.replace_all(r"(?i)(\w+) (\d+)", "${2}-${1}")),
    ("PadLeft([number], 12, '0')", TEXT, c("number").str.pad_start(12, "0")),
    ("ToNumber([number])", NUMBER, c("number").cast(pl.Float64, strict=False).fill_null(0)),
    ("Round([price], 0.01)", NUMBER, (c("price") * 100).round(0, mode="half_away_from_zero") / 100),
    ("Length([name])", WHOLE, c("name").str.len_chars().cast(pl.Int64).fill_null(0)),
    ("DateTimeAdd([day], 30, 'days')", DAY, c("day") + pl.duration(days=30)),
    ("DateTimeFormat([moment], '%d/%m/%Y')", TEXT, c("moment").dt.strftime("%d/%m/%Y")),
    ("[day] >= '2023-06-01' AND [qty] < 800", TRUTH, ((c("day") >= date(2023, 6, 1)) & (c("qty") < 800)).fill_null(value=False)),
]
RECURRENCES: list[tuple[str, Field, tuple[str, ...]]] = [
    ("[Row-1:n] + 1", Field("n", FieldType.INT32), ()),
    ("[Row-1:n] + [price]", Field("n", FieldType.DOUBLE), ()),
    ("IF [code] = [Row-1:code] THEN [Row-1:n] + 1 ELSE 1 ENDIF", Field("n", FieldType.INT32), ()),
    ("IF IsNull([note]) THEN [Row-1:note] ELSE [note] ENDIF", Field("note", FieldType.V_WSTRING), ()),
    ("[Row-1:n] + 1", Field("n", FieldType.INT32), ("code",)),
    ("[Row-1:price]", Field("n", FieldType.DOUBLE), ("code",)),
    ("Max([Row-1:n], [price])", Field("n", FieldType.DOUBLE), ()),
    ("IF [qty] > 900 THEN 'open' ELSEIF [qty] < 50 THEN 'shut' ELSE [Row-1:n] ENDIF", Field("n", FieldType.V_WSTRING), ()),
    ("IF [Row-1:n] + [price] > 1000 THEN [price] ELSE [Row-1:n] + [price] ENDIF", Field("n", FieldType.DOUBLE), ()),
    ("IF [Row-1:n] = 'a' AND [qty] > 500 THEN 'b' ELSEIF [Row-1:n] = 'b' THEN 'c' ELSE 'a' ENDIF", Field("n", FieldType.V_WSTRING), ()),
]


def make_frame(rows: int) -> pl.DataFrame:
    index = pl.int_range(rows, dtype=pl.Int64)
    mixed = (index * 7919) % 1009
    return pl.select(
        id=index,
        qty=(mixed % 1000).cast(pl.Int32),
        price=(index * 104729 % 100_000) / 97,
        rate=mixed / 7,
        name=pl.lit("customer ") + mixed.cast(pl.String),
        code=pl.lit("AB") + (index // 9 % 90).cast(pl.String),
        note=pl.when(mixed % 10 > 0).then(pl.lit(" note ") + (mixed % 50).cast(pl.String)),
        day=pl.date(2022, 1, 1) + pl.duration(days=mixed),
        moment=pl.datetime(2022, 1, 1) + pl.duration(seconds=mixed * 86_399),
        text_day=(pl.date(2022, 1, 1) + pl.duration(days=mixed)).cast(pl.String),
        number=(mixed / 4).cast(pl.String),
    ).cast({"moment": pl.Datetime("us")})


def seconds(frame: pl.LazyFrame, expression: pl.Expr) -> float:
    """Processor time of all threads: other work on the machine does not count."""
    before = time.process_time()
    frame.select(out=expression).collect(engine="streaming")
    return time.process_time() - before


def ratio(frame: pl.LazyFrame, ours: pl.Expr, by_hand: pl.Expr) -> tuple[float, float]:
    """Seconds of ours and by hand: the best of five turns, taken alternately so that both see the same machine."""
    turns = [(seconds(frame, ours), seconds(frame, by_hand)) for _ in range(5)]
    return min(turn[0] for turn in turns), min(turn[1] for turn in turns)


def main(rows: int) -> None:
    whole = make_frame(rows)
    frame = whole.lazy()
    ratios: list[float] = []
    for text, target, by_hand in FORMULAS:
        compiled: Compiled = compile_expression(text, FIELDS, AROUND)
        value = assign(compiled, target).value
        ours, hand = ratio(frame, value, by_hand)
        same = frame.select(a=value, b=by_hand.cast(target.dtype)).select(pl.col("a").eq_missing(pl.col("b")).all()).collect().item()
        ratios.append(ours / hand)
        print(f"{ours / hand:6.2f}  {ours:6.3f} s  {hand:6.3f} s  {'' if same else 'OTHER RESULTS  '}{text}")
    print(f"{statistics.median(ratios):6.2f}  median of {len(ratios)} formulas, {rows:,} rows")
    for text, target, groups in RECURRENCES:
        made = compile_multi_row(text, FIELDS, target, AROUND, groups=groups)
        best = min(seconds(frame, made.value) for _ in range(2))
        print(f"{rows / best / 1e6:6.1f}  million rows/s  {made.way:16} {text}{'  by code' if groups else ''}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
