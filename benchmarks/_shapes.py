"""Ten shapes of real workflows: each as a document, as Polars written by hand, and as pandas the way converters write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import polars as pl
import sigilyx

if TYPE_CHECKING:
    import pandas as pd

Work = Callable[[Path, Path], None]
"""Takes the folder of the inputs and the one for outputs."""
Wire = tuple[int, str, int, str]

BASE = "AlteryxBasePluginsGui."
SUMMARIZE = "AlteryxSpatialPluginsGui.Summarize.Summarize"
CSV = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter><FieldLen>254</FieldLen><CodePage>65001</CodePage></FormatSpecificOptions>"
_NODE = (
    '<Node ToolID="{0}"><GuiSettings{1}><Position x="0" y="0" /></GuiSettings>'
    "<Properties><Configuration>{2}</Configuration></Properties>{3}</Node>"
)
_WIRE = '<Connection><Origin ToolID="{0}" Connection="{1}" /><Destination ToolID="{2}" Connection="{3}" /></Connection>'
_TEXTS = 50


@dataclass
class Document:
    nodes: str = ""
    wires: str = ""
    count: int = 0

    def tool(self, kind: str, config: str, *sources: tuple[int, str, str]) -> int:
        """Add a tool, fed by (tool, its anchor, own anchor); returns its id. `kind` is a plugin, its last word, or a macro's file."""
        self.count += 1
        is_macro = kind.endswith(".yxmc")
        plugin = kind if "." in kind else f"{BASE}{kind}.{kind}"
        gui = "" if is_macro else f' Plugin="{plugin}"'
        self.nodes += _NODE.format(self.count, gui, config, f'<EngineSettings Macro="{kind}" />' if is_macro else "")
        self.wires += "".join(_WIRE.format(origin, anchor, self.count, own) for origin, anchor, own in sources)
        return self.count

    def read(self, name: str) -> int:
        return self.tool("DbFileInput", _file(name))

    def write(self, name: str, source: int, anchor: str = "Output") -> int:
        return self.tool("DbFileOutput", _file(name), (source, anchor, "Input"))

    def text(self) -> str:
        return (
            f'<?xml version="1.0"?><AlteryxDocument yxmdVer="2021.3"><Nodes>{self.nodes}</Nodes><Connections>{self.wires}</Connections>'
            "<Properties><MetaInfo /></Properties></AlteryxDocument>"
        )


def _file(name: str) -> str:
    if name.endswith(".csv"):
        return f'<File FileFormat="0">{name}</File>{CSV}'
    sheet = "|||Sheet1" if name.endswith(".xlsx") else ""
    return f'<File FileFormat="{25 if sheet else 19}">{name}{sheet}</File>'


@dataclass(frozen=True)
class Shape:
    name: str
    document: Callable[[], Document]
    hand: Work
    pandas: Work | None
    share: float = 1
    """Of the rows asked for: shapes that cost more a row take fewer."""


def make_inputs(folder: Path, rows: int) -> None:
    """`sales` as csv, yxdb and (its first part) workbook, `rates` as yxdb, `texts` of fifty columns as csv."""
    at = pl.int_range(rows, dtype=pl.Int64)
    sales = pl.select(
        id=at,
        key=at * 7919 % 1000,
        amount=(at * 104729 % 100_000) / 100,
        region=pl.lit("region ") + (at % 12).cast(pl.String),
        code=pl.lit("AB-") + (at * 31 % 9973).cast(pl.String) + pl.lit("/") + (at % 7).cast(pl.String),
    )
    sales.write_csv(folder / "sales.csv")
    types = {name: {"type": "Int64"} for name in ("id", "key")} | {"amount": {"type": "Double"}}
    types |= {name: {"type": "V_String", "size": 20} for name in ("region", "code")}
    sigilyx.write_yxdb_with_overrides(folder / "sales.yxdb", sales, types)
    sales.head(max(rows // 20, 1)).write_excel(folder / "sales.xlsx", worksheet="Sheet1")
    keys = pl.select(key=pl.int_range(1000, dtype=pl.Int64), rate=pl.int_range(1000, dtype=pl.Int64) / 500 + 0.5)
    sigilyx.write_yxdb_with_overrides(folder / "rates.yxdb", keys, {"key": {"type": "Int64"}, "rate": {"type": "Double"}})
    few = pl.int_range(max(rows // 10, 1), dtype=pl.Int64)
    pl.select(**{f"t{n}": pl.lit("  Some Text ") + (few * (n + 3) % 97).cast(pl.String) + pl.lit(" ") for n in range(_TEXTS)}).write_csv(
        folder / "texts.csv"
    )


def _write_yxdb(frame: pl.DataFrame, path: Path) -> None:
    texts = {name: {"type": "V_String", "size": 20} for name, dtype in frame.schema.items() if dtype == pl.String}
    sigilyx.write_yxdb_with_overrides(path, frame, texts)


def _sales(folder: Path) -> pl.LazyFrame:
    return sigilyx.scan_yxdb(folder / "sales.yxdb")


def _pandas_sales(folder: Path) -> pd.DataFrame:
    """Converters know no yxdb: they read a csv of the same rows."""
    import pandas as pd

    return pd.read_csv(folder / "sales.csv")


def _join_document() -> Document:
    made = Document()
    sales, rates = made.read("sales.yxdb"), made.read("rates.yxdb")
    keys = '<JoinInfo connection="Left"><Field field="key" /></JoinInfo><JoinInfo connection="Right"><Field field="key" /></JoinInfo>'
    joined = made.tool("Join", keys, (sales, "Output", "Left"), (rates, "Output", "Right"))
    fields = '<SummarizeField field="region" action="GroupBy" /><SummarizeField field="{}" action="Sum" rename="{}" />'
    asked = fields.format("amount", "total") + '<SummarizeField field="rate" action="Avg" rename="rate" />'
    summed = made.tool(SUMMARIZE, f"<SummarizeFields>{asked}</SummarizeFields>", (joined, "Join", "Input"))
    made.write("out.csv", summed)
    return made


def _join_hand(folder: Path, out: Path) -> None:
    joined = _sales(folder).join(sigilyx.scan_yxdb(folder / "rates.yxdb"), on="key")
    joined.group_by("region").agg(total=pl.col("amount").sum(), rate=pl.col("rate").mean()).sort("region").collect(
        engine="streaming"
    ).write_csv(out / "out.csv")


def _join_pandas(folder: Path, out: Path) -> None:
    rates = sigilyx.scan_yxdb(folder / "rates.yxdb").collect().to_pandas()
    joined = _pandas_sales(folder).merge(rates, on="key", how="inner")
    joined.groupby("region", as_index=False).agg({"amount": "sum", "rate": "mean"}).to_csv(out / "out.csv", index=False)


def _clean_document() -> Document:
    made = Document()
    names = ",".join(f'"t{n}"' for n in range(_TEXTS))
    asked = {
        "Check Box (84)": "True",
        "Check Box (15)": "True",
        "Check Box (77)": "True",
        "Drop Down (81)": "upper",
        "List Box (11)": names,
    }
    values = "".join(f'<Value name="{name}">{escape(value)}</Value>' for name, value in asked.items())
    clean = made.tool("Cleanse.yxmc", values, (made.read("texts.csv"), "Output", "Input2"))
    made.write("out.csv", clean, "Output26")
    return made


def _clean_hand(folder: Path, out: Path) -> None:
    texts = pl.scan_csv(folder / "texts.csv", infer_schema=False)
    texts.with_columns(pl.all().fill_null("").str.strip_chars().str.to_uppercase()).sink_csv(out / "out.csv", engine="streaming")


def _clean_pandas(folder: Path, out: Path) -> None:
    import pandas as pd

    frame = pd.read_csv(folder / "texts.csv", dtype=str)
    for column in frame.columns:
        frame[column] = frame[column].fillna("").str.strip().str.upper()
    frame.to_csv(out / "out.csv", index=False)


def _cross_document() -> Document:
    made = Document()
    asked = (
        '<GroupFields><Field field="key" /></GroupFields><HeaderField field="region" /><DataField field="amount" />'
        '<Methods><Method method="Sum" /></Methods>'
    )
    made.write("out.csv", made.tool("CrossTab", asked, (made.read("sales.yxdb"), "Output", "Input")))
    return made


def _cross_hand(folder: Path, out: Path) -> None:
    rows = _sales(folder).select("key", "region", "amount").collect(engine="streaming")
    rows.pivot("region", index="key", values="amount", aggregate_function="sum").sort("key").write_csv(out / "out.csv")


def _cross_pandas(folder: Path, out: Path) -> None:
    _pandas_sales(folder).pivot_table(index="key", columns="region", values="amount", aggfunc="sum").reset_index().to_csv(
        out / "out.csv", index=False
    )


_PATTERN = r"([A-Z]+)-(\d+)/(\d)"


def _regex_document() -> Document:
    made = Document()
    fields = "".join(f'<Field field="p{n}" type="V_String" size="20" />' for n in (1, 2, 3))
    asked = f'<Field>code</Field><RegExExpression value="{_PATTERN}" /><CaseInsensitve value="False" /><Method>ParseComplex</Method>'
    parsed = made.tool("RegEx", f"{asked}<ParseComplex>{fields}</ParseComplex>", (made.read("sales.yxdb"), "Output", "Input"))
    made.write("out.yxdb", parsed)
    return made


def _regex_hand(folder: Path, out: Path) -> None:
    parts = pl.col("code").str.extract_groups(_PATTERN)
    rows = _sales(folder).with_columns(parts.struct.field(str(n)).alias(f"p{n}") for n in (1, 2, 3))
    _write_yxdb(rows.collect(engine="streaming"), out / "out.yxdb")


def _regex_pandas(folder: Path, out: Path) -> None:
    frame = _pandas_sales(folder)
    frame[["p1", "p2", "p3"]] = frame["code"].str.extract(_PATTERN)
    frame.to_csv(out / "out.csv", index=False)


def _multi_row_document() -> Document:
    made = Document()
    asked = (
        '<UpdateField value="False" /><CreateField_Name>s</CreateField_Name><CreateField_Type>Double</CreateField_Type>'
        '<CreateField_Size>8</CreateField_Size><OtherRows>Empty</OtherRows><NumRows value="1" />'
        '<Expression>[Row-1:s] + [amount]</Expression><GroupByFields><Field field="region" /></GroupByFields>'
    )
    made.write("out.yxdb", made.tool("MultiRowFormula", asked, (made.read("sales.yxdb"), "Output", "Input")))
    return made


def _multi_row_hand(folder: Path, out: Path) -> None:
    # The original's rows come sorted by their group: the same result, or it would be another task.
    rows = _sales(folder).sort("region", maintain_order=True).with_columns(s=pl.col("amount").cum_sum().over("region"))
    _write_yxdb(rows.collect(engine="streaming"), out / "out.yxdb")


def _multi_row_pandas(folder: Path, out: Path) -> None:
    frame = _pandas_sales(folder)
    frame["s"] = frame.groupby("region")["amount"].cumsum()
    frame.to_csv(out / "out.csv", index=False)


def _through(source: str, target: str) -> Callable[[], Document]:
    def document() -> Document:
        made = Document()
        made.write(target, made.read(source))
        return made

    return document


def _xlsx_hand(folder: Path, out: Path) -> None:
    pl.read_excel(folder / "sales.xlsx").write_excel(out / "out.xlsx", worksheet="Sheet1")


def _xlsx_pandas(folder: Path, out: Path) -> None:
    import pandas as pd

    pd.read_excel(folder / "sales.xlsx").to_excel(out / "out.xlsx", index=False)


def _csv_hand(folder: Path, out: Path) -> None:
    pl.scan_csv(folder / "sales.csv", infer_schema=False).sink_csv(out / "out.csv", engine="streaming")


def _csv_pandas(folder: Path, out: Path) -> None:
    _pandas_sales(folder).to_csv(out / "out.csv", index=False)


def _yxdb_hand(folder: Path, out: Path) -> None:
    _write_yxdb(_sales(folder).collect(engine="streaming"), out / "out.yxdb")


def chain(length: int) -> Document:
    """Formula after formula, and now and then a filter that keeps nearly all."""
    made = Document()
    last, anchor = made.read("sales.yxdb"), "Output"
    for number in range(length - 2):
        if number % 4 == 3:
            last = made.tool("Filter", f"<Mode>Custom</Mode><Expression>[amount] != {number}.005</Expression>", (last, anchor, "Input"))
            anchor = "True"
            continue
        field = f'<FormulaField field="f{number % 8}" type="Double" size="8" expression="[amount] + {number}" enabled="True" />'
        last, anchor = made.tool("Formula", f"<FormulaFields>{field}</FormulaFields>", (last, anchor, "Input")), "Output"
    made.write("out.yxdb", last, anchor)
    return made


def _chain_hand(folder: Path, out: Path) -> None:
    rows = _sales(folder)
    for number in range(198):
        if number % 4 == 3:
            rows = rows.filter((pl.col("amount") != number + 0.005).fill_null(value=False))
        else:
            rows = rows.with_columns((pl.col("amount") + number).alias(f"f{number % 8}"))
    _write_yxdb(rows.collect(engine="streaming"), out / "out.yxdb")


def _chain_pandas(folder: Path, out: Path) -> None:
    frame = _pandas_sales(folder)
    for number in range(198):
        if number % 4 == 3:
            frame = frame[frame["amount"] != number + 0.005].copy()
        else:
            frame[f"f{number % 8}"] = frame["amount"] + number
    frame.to_csv(out / "out.csv", index=False)


_DIAMONDS = 40


def _diamonds_document() -> Document:
    made = Document()
    last = made.read("sales.yxdb")
    for number in range(_DIAMONDS):
        test = f"<Mode>Custom</Mode><Expression>[key] &gt; {number * 20}</Expression>"
        split = made.tool("Filter", test, (last, "Output", "Input"))
        last = made.tool("Union", "<Mode>ByName</Mode>", (split, "True", "Input"), (split, "False", "Input"))
    made.write("out.yxdb", last)
    return made


def _diamonds_hand(folder: Path, out: Path) -> None:
    """Step by step: as one lazy query, ways that part and meet forty times are more than Polars can plan."""
    rows = _sales(folder).collect(engine="streaming")
    for number in range(_DIAMONDS):
        test = pl.col("key") > number * 20
        rows = pl.concat([rows.filter(test), rows.filter(~test)])
    _write_yxdb(rows, out / "out.yxdb")


def _diamonds_pandas(folder: Path, out: Path) -> None:
    import pandas as pd

    frame = _pandas_sales(folder)
    for number in range(_DIAMONDS):
        test = frame["key"] > number * 20
        frame = pd.concat([frame[test], frame[~test]])
    frame.to_csv(out / "out.csv", index=False)


SHAPES = [
    Shape("join and summarize", _join_document, _join_hand, _join_pandas),
    Shape("clean 50 columns", _clean_document, _clean_hand, _clean_pandas),
    Shape("cross tab", _cross_document, _cross_hand, _cross_pandas),
    Shape("regex parse", _regex_document, _regex_hand, _regex_pandas),
    Shape("multi-row", _multi_row_document, _multi_row_hand, _multi_row_pandas),
    Shape("xlsx in and out", _through("sales.xlsx", "out.xlsx"), _xlsx_hand, _xlsx_pandas),
    Shape("csv in and out", _through("sales.csv", "out.csv"), _csv_hand, _csv_pandas),
    Shape("yxdb in and out", _through("sales.yxdb", "out.yxdb"), _yxdb_hand, None),
    Shape("200 tools", lambda: chain(200), _chain_hand, _chain_pandas, 0.2),
    Shape("40 diamonds", _diamonds_document, _diamonds_hand, _diamonds_pandas, 0.2),
]
