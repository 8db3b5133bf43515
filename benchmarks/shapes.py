"""Ten shapes of real workflows: our run over Polars written by hand, and over pandas the way converters write it.

Prints, for each shape, seconds and peak memory and their ratios; goals 1.10 for the time and 1.25 for the memory over Polars.
Then the time it takes to plan chains of 50 to 400 tools: it should grow as they do.
`python -m benchmarks.shapes [ROWS] [--only WORD] [--runs N] [--without-pandas]`, a million rows without; csv at full size: 10000000.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._peak import peak_mb
from benchmarks._shapes import SHAPES, Shape, chain, make_inputs
from galleria.runner.listeners import Silent
from galleria.runner.local import local_check, local_run
from galleria.runner.preload import load_engine

RUNS = 3
PLANS = (50, 100, 200, 400)


def ours(folder: Path, out: Path, shape: Shape) -> None:
    code = local_run(folder / f"{shape.name}.yxmd", Silent(), answers={}, output_dir=out)
    assert code == 0, "the workflow ended with errors"


def one_run(which: str, shape: Shape, folder: Path, out: Path) -> None:
    """In a process of its own: do the work once, and print what it took."""
    # A server's runner has the engine loaded before a job comes, as the others have their libraries.
    if which == "ours":
        load_engine()
    if which == "pandas":
        importlib.import_module("pandas")
    started = time.perf_counter()
    if which == "ours":
        ours(folder, out, shape)
    elif which == "hand":
        shape.hand(folder, out)
    elif shape.pandas is not None:
        shape.pandas(folder, out)
    print(time.perf_counter() - started, peak_mb())


def measure(which: str, shape: Shape, folder: Path, runs: int) -> tuple[float, float]:
    """Best seconds and least MB of some runs: what the process held at its peak, its libraries included."""
    found: list[tuple[float, float]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as out:
            words = [sys.executable, "-m", "benchmarks.shapes", "--run", which, shape.name, str(folder), out]
            done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{shape.name}, {which}: {done.stderr[-2000:]}")
        seconds, megabytes = map(float, done.stdout.split())
        found.append((seconds, megabytes))
    return min(seconds for seconds, _ in found), min(megabytes for _, megabytes in found)


def compare(shape: Shape, rows: int, runs: int, *, with_pandas: bool) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_inputs(folder, max(int(rows * shape.share), 20))
        (folder / f"{shape.name}.yxmd").write_text(shape.document().text(), encoding="utf-8")
        mine, hand = (measure(which, shape, folder, runs) for which in ("ours", "hand"))
        line = f"{shape.name:20} {mine[0]:7.2f} s {mine[1]:6.0f} MB   hand x{mine[0] / hand[0]:5.2f} x{mine[1] / hand[1]:5.2f}"
        if with_pandas and shape.pandas is not None:
            other = measure("pandas", shape, folder, runs)
            line += f"   pandas x{mine[0] / other[0]:5.2f} x{mine[1] / other[1]:5.2f}"
    return line


def planning() -> None:
    """How long a check of a chain takes: everything but the rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_inputs(folder, 20)
        print("planning:", end="")
        for tools in PLANS:
            path = folder / f"{tools}.yxmd"
            path.write_text(chain(tools).text(), encoding="utf-8")
            local_check(path)
            times: list[float] = []
            for _ in range(RUNS):
                started = time.perf_counter()
                local_check(path)
                times.append(time.perf_counter() - started)
            print(f"  {tools} tools {min(times):.2f} s ({1000 * min(times) / tools:.2f} ms a tool)", end="")
        print()


def main() -> None:
    if sys.argv[1:2] == ["--run"]:
        which, name, folder, out = sys.argv[2:]
        one_run(which, next(shape for shape in SHAPES if shape.name == name), Path(folder), Path(out))
        return
    asked = argparse.ArgumentParser()
    asked.add_argument("rows", type=int, nargs="?", default=1_000_000)
    asked.add_argument("--only", default="")
    asked.add_argument("--runs", type=int, default=RUNS, help="of each, the best of which counts")
    asked.add_argument("--without-pandas", action="store_true")
    given = asked.parse_args()
    with_pandas = not given.without_pandas and importlib.util.find_spec("pandas") is not None
    print(f"{given.rows:,} rows; ratios of time and memory, goals 1.10 and 1.25 over Polars by hand", flush=True)
    for shape in SHAPES:
        if given.only in shape.name:
            print(compare(shape, given.rows, given.runs, with_pandas=with_pandas), flush=True)
    if not given.only:
        planning()


if __name__ == "__main__":
    main()
