"""Our run of a workflow over the same work written by hand in Polars, with the same yxdb writer: time and peak memory.

Read csv and yxdb, filter, formula, join, summarize, sort, three outputs. Prints the ratio ours / by hand; goal 1.10 for the time,
1.25 for the memory. `python -m benchmarks.engine [ROWS]`, 5 million without.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
import sigilyx

from benchmarks._peak import peak_mb
from galleria.runner.listeners import Silent
from galleria.runner.local import local_run
from galleria.runner.preload import load_engine

WIDTHS = {"region": {"type": "V_String", "size": 16}, "id": {"type": "Int64"}, "rate": {"type": "Double"}}


def make_inputs(folder: Path, rows: int) -> None:
    frame = pl.select(
        id=pl.int_range(rows, dtype=pl.Int64),
        key=pl.int_range(rows, dtype=pl.Int64) * 7919 % 1000,
        amount=(pl.int_range(rows, dtype=pl.Int64) * 104729 % 100_000) / 100,
        region=pl.lit("region ") + (pl.int_range(rows, dtype=pl.Int64) % 12).cast(pl.String),
    )
    frame.write_csv(folder / "sales.csv")
    keys = pl.select(key=pl.int_range(1000, dtype=pl.Int64), rate=pl.int_range(1000, dtype=pl.Int64) / 500 + 0.5)
    sigilyx.write_yxdb_with_overrides(folder / "rates.yxdb", keys, {"key": {"type": "Int64"}, "rate": {"type": "Double"}})


NODE = """<Node ToolID="{id}"><GuiSettings Plugin="{plugin}"><Position x="0" y="0" /></GuiSettings>
<Properties><Configuration>{config}</Configuration></Properties><EngineSettings EngineDll="" EngineDllEntryPoint="" /></Node>"""
WIRE = '<Connection><Origin ToolID="{0}" Connection="{1}" /><Destination ToolID="{2}" Connection="{3}" /></Connection>'
BASE = "AlteryxBasePluginsGui."
CSV_OPTIONS = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter><FieldLen>254</FieldLen><CodePage>65001</CodePage></FormatSpecificOptions>"
SELECT = """<SelectFields>
<SelectField field="id" selected="True" type="Int64" size="8" /><SelectField field="key" selected="True" type="Int64" size="8" />
<SelectField field="amount" selected="True" type="Double" size="8" /><SelectField field="region" selected="True" type="V_String" size="16" />
</SelectFields>"""
TOOLS = [
    (1, f"{BASE}DbFileInput.DbFileInput", f'<File FileFormat="0">sales.csv</File>{CSV_OPTIONS}'),
    (2, f"{BASE}DbFileInput.DbFileInput", '<File FileFormat="19">rates.yxdb</File>'),
    (3, f"{BASE}AlteryxSelect.AlteryxSelect", SELECT),
    (4, f"{BASE}Filter.Filter", "<Mode>Custom</Mode><Expression>[amount] &gt; 100</Expression>"),
    (
        5,
        f"{BASE}Formula.Formula",
        '<FormulaFields><FormulaField field="double" type="Double" size="8" expression="[amount] * 2 + [id]" enabled="True" /></FormulaFields>',
    ),
    (
        6,
        f"{BASE}Join.Join",
        '<JoinInfo connection="Left"><Field field="key" /></JoinInfo><JoinInfo connection="Right"><Field field="key" /></JoinInfo><SelectConfiguration><Configuration outputConnection="Join"><SelectFields><SelectField field="Right_key" selected="False" input="Right_" /><SelectField field="*Unknown" selected="True" /></SelectFields></Configuration></SelectConfiguration>',
    ),
    (
        7,
        "AlteryxSpatialPluginsGui.Summarize.Summarize",
        '<SummarizeFields><SummarizeField field="region" action="GroupBy" rename="region" /><SummarizeField field="double" action="Sum" rename="total" /><SummarizeField field="id" action="Count" rename="rows" /></SummarizeFields>',
    ),
    (8, f"{BASE}Sort.Sort", '<SortInfo><Field field="double" order="Descending" /></SortInfo>'),
    (9, f"{BASE}DbFileOutput.DbFileOutput", '<File FileFormat="19">sorted.yxdb</File>'),
    (10, f"{BASE}DbFileOutput.DbFileOutput", f'<File FileFormat="0">summary.csv</File>{CSV_OPTIONS}'),
    (11, f"{BASE}DbFileOutput.DbFileOutput", f'<File FileFormat="0">rest.csv</File>{CSV_OPTIONS}'),
]
WIRES = [
    (1, "Output", 3, "Input"), (3, "Output", 4, "Input"), (4, "True", 5, "Input"), (5, "Output", 6, "Left"), (2, "Output", 6, "Right"),
    (6, "Join", 7, "Input"), (6, "Join", 8, "Input"), (8, "Output", 9, "Input"), (7, "Output", 10, "Input"), (4, "False", 11, "Input"),
]  # laid out by meaning # fmt: skip


def make_workflow(folder: Path) -> Path:
    nodes = "".join(NODE.format(id=number, plugin=plugin, config=config) for number, plugin, config in TOOLS)
    wires = "".join(WIRE.format(*wire) for wire in WIRES)
    path = folder / "bench.yxmd"
    path.write_text(
        f'<?xml version="1.0"?><AlteryxDocument yxmdVer="2021.3"><Nodes>{nodes}</Nodes><Connections>{wires}</Connections>'
        "<Properties><MetaInfo /></Properties></AlteryxDocument>",
        encoding="utf-8",
    )
    return path


def by_hand(folder: Path, out: Path) -> None:
    sales = pl.scan_csv(folder / "sales.csv", infer_schema=False).select(
        pl.col("id").cast(pl.Int64), pl.col("key").cast(pl.Int64), pl.col("amount").cast(pl.Float64), "region"
    ).cache()  # laid out by meaning # fmt: skip
    kept = sales.filter(pl.col("amount") > 100).with_columns(double=pl.col("amount") * 2 + pl.col("id"))
    # The original's Join gives its rows in the order of the key; ties of the later sort keep that order.
    rates = sigilyx.scan_yxdb(folder / "rates.yxdb")
    joined = kept.sort("key", maintain_order=True).join(rates, on="key", maintain_order="left").cache()
    summary = joined.group_by("region").agg(total=pl.col("double").sum(), rows=pl.len()).sort("region")
    rest = sales.filter(~(pl.col("amount") > 100))
    done = pl.collect_all(
        [
            joined.sort("double", descending=True, maintain_order=True),
            summary.sink_csv(out / "summary.csv", lazy=True),
            rest.sink_csv(out / "rest.csv", lazy=True),
        ],
        engine="streaming",
    )
    sigilyx.write_yxdb_with_overrides(out / "sorted.yxdb", done[0], {"region": {"type": "V_String", "size": 16}})


def ours(folder: Path, out: Path) -> None:
    code = local_run(folder / "bench.yxmd", Silent(), answers={}, output_dir=out)
    assert code == 0, "the workflow ended with errors"


def measure(which: str, folder: Path) -> tuple[float, float]:
    """Seconds and MB of one run in a process of its own, from the start of the work."""
    out = folder / which
    out.mkdir(exist_ok=True)
    words = [sys.executable, "-m", "benchmarks.engine", which, str(folder), str(out)]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> None:
    if len(sys.argv) == 4:
        which, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
        # A server's runner has the engine loaded before a job comes, as by_hand has Polars.
        if which == "ours":
            load_engine()
        started = time.perf_counter()
        {"hand": by_hand, "ours": ours}[which](folder, out)
        print(time.perf_counter() - started, peak_mb())
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_inputs(folder, rows)
        make_workflow(folder)
        runs = {which: [measure(which, folder) for _ in range(3)] for which in ("hand", "ours")}
    best = {which: (min(s for s, _ in found), min(m for _, m in found)) for which, found in runs.items()}
    print(
        f"{rows:,} rows: by hand {best['hand'][0]:.2f} s, {best['hand'][1]:.0f} MB; ours {best['ours'][0]:.2f} s, {best['ours'][1]:.0f} MB"
    )
    print(f"ratio: time {best['ours'][0] / best['hand'][0]:.2f} (goal 1.10), memory {best['ours'][1] / best['hand'][1]:.2f} (goal 1.25)")


if __name__ == "__main__":
    main()
