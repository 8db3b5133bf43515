"""`galleria compare`: what counts as the same, as a table of pairs of files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from galleria.cli.app import app
from galleria.errors import GalleriaError

EQUAL = [
    ("the same", "a,b\n1,x\n", "a,b\n1,x\n"),
    ("columns in another order", "a,b\n1,x\n", "b,a\nx,1\n"),
    ("names written otherwise", "Order Id,b\n1,x\n", "order_ID,B\n1,x\n"),
    ("rows in another order, some of them twice", "a\n1\n2\n1\n", "a\n1\n1\n2\n"),
    ("empty and Null", 'a,b\n"",1\n', "a,b\n[Null],1\n"),
    ("blanks at the end", "a,b\nx  ,1\n", "a,b\nx,1\n"),
    ("a number in other words", "a\n1.0\n", "a\n1\n"),
    ("an exponent", "a\n1.5e3\n", "a\n1500\n"),
    ("fractions that are near", "a,b\nx,0.123456789\n", "a,b\nx,0.12345679\n"),
    ("the decimals that are shown", "a\n0.33\n", "a\n0.333333\n"),
    ("many near fractions in groups", "g,v\na,1.00000001\na,2.00000001\nb,1.5\n", "g,v\nb,1.50000001\na,2\na,1.00000002\n"),
    ("midnight", "a\n2024-01-02\n", "a\n2024-01-02 00:00:00\n"),
    ("no rows", "a,b\n", "a,b\n"),
]
DIFFERENT = [
    ("a whole number", "a\n1000000\n", "a\n1000001\n", ["1 row only in A:", "    a=1000000"]),
    ("a long whole number", "a\n12345678901234567890\n", "a\n12345678901234567891\n", ["1 row only in A:"]),
    ("a fraction", "a\n0.5001\n", "a\n0.5\n", ["    a=0.5001"]),
    ("a leading zero in a text", "a\n007\n", "a\n7\n", ["    a=007"]),
    ("a letter's case", "a\nx\n", "a\nX\n", ["1 row only in B:"]),
    ("blanks at the beginning", "a,b\n x,1\n", "a,b\nx,1\n", ["1 row only in A:"]),
    ("how often a row is there", "a\n1\n1\n2\n", "a\n1\n2\n2\n", ["    a=1", "    a=2"]),
    ("more rows", "a\n1\n", "a\n1\n2\n", ["1 and 2 rows", "1 row only in B:"]),
    ("columns", "a,b\n1,2\n", "a,c\n1,2\n", ["columns only in A: b", "columns only in B: c"]),
    ("a fraction in one of several groups", "g,v\na,1.5\nb,1.5\n", "g,v\na,1.5\nb,1.6\n", ["    g=b, v=1.5", "    g=b, v=1.6"]),
]


def outcome(*words: object) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["compare", *map(str, words)], standalone_mode=False)
    if isinstance(result.exception, GalleriaError):
        raise result.exception
    return result.return_value, result.output.splitlines()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "a.csv", tmp_path / "b.csv"


def fill(files: tuple[Path, Path], left: str, right: str) -> None:
    for path, text in zip(files, (left, right), strict=True):
        path.write_text(text)


@pytest.mark.parametrize(("left", "right"), [pytest.param(left, right, id=what) for what, left, right in EQUAL])
def test_tables_that_are_equal(files: tuple[Path, Path], left: str, right: str) -> None:
    fill(files, left, right)
    assert outcome(*files) == (0, [f"{left.count(chr(10)) - 1} and {right.count(chr(10)) - 1} rows", "equal"])


@pytest.mark.parametrize(("left", "right", "lines"), [pytest.param(*rest, id=what) for what, *rest in DIFFERENT])
def test_tables_that_are_different(files: tuple[Path, Path], left: str, right: str, lines: list[str]) -> None:
    fill(files, left, right)
    code, said = outcome(*files)
    assert code == 1
    assert said[-1] == "different"
    assert [line for line in lines if line not in said] == []


def test_with_a_key_columns_are_told(files: tuple[Path, Path]) -> None:
    fill(files, "id,v,w\n1,1.5,x\n2,2.5,x\n3,3,x\n4,4,x\n", "id,v,w\n2,2.6,x\n1,1.5,x\n3,3,y\n5,5,x\n")
    assert outcome(*files, "--key", "ID") == (
        1,
        [
            "4 and 4 rows",
            "column v differs in 1 row",
            "    id=2: 2.5 became 2.6",
            "column w differs in 1 row",
            "    id=3: x became y",
            "1 row only in A:",
            "    id=4, v=4, w=x",
            "1 row only in B:",
            "    id=5, v=5, w=x",
            "different",
        ],
    )
    with pytest.raises(GalleriaError, match="the key nowhere is no column of both"):
        outcome(*files, "--key", "nowhere")


def test_rows_with_one_key_meet_in_their_order(files: tuple[Path, Path]) -> None:
    fill(files, "id,v\n1,a\n1,b\n2,c\n", "id,v\n2,c\n1,a\n1,x\n1,y\n")
    said = outcome(*files, "--key", "id")[1]
    assert said[1:-1] == ["column v differs in 1 row", "    id=1: b became x", "1 row only in B:", "    id=1, v=y"]


def test_the_tolerance_is_a_choice(files: tuple[Path, Path]) -> None:
    fill(files, "id,v\n1,100.55\n", "id,v\n1,101.2\n")
    for words in ((), ("--key", "id")):
        assert outcome(*files, *words)[0] == 1
        assert outcome(*files, *words, "--tolerance", "0.01")[0] == 0


def test_formats_may_differ(files: tuple[Path, Path], tmp_path: Path) -> None:
    fill(files, "n,d,t,ok,x\n1,2024-01-02,2024-01-02 03:04:05,True,0.1\n,,,,\n", "")
    frame = pl.DataFrame({"n": [None, 1], "d": [None, date(2024, 1, 2)], "t": [None, datetime(2024, 1, 2, 3, 4, 5)], "ok": [None, True]})
    frame.with_columns(x=pl.Series([None, 0.1], dtype=pl.Float32)).write_parquet(tmp_path / "b.parquet")
    assert outcome(files[0], tmp_path / "b.parquet") == (0, ["2 and 2 rows", "equal"])


def test_blobs_are_not_compared(tmp_path: Path) -> None:
    for name, value in (("a", b"1"), ("b", b"2")):
        pl.DataFrame({"n": [1], "blob": [value]}).write_parquet(tmp_path / f"{name}.parquet")
    assert outcome(tmp_path / "a.parquet", tmp_path / "b.parquet") == (0, ["1 and 1 rows", "columns not compared: blob", "equal"])


@pytest.mark.parametrize(("name", "words"), [("none.csv", "is not there"), ("x.what", r"format \.what"), ("x.yxdb", "cannot be read")])
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, words: str) -> None:
    for one in ("x.what", "x.yxdb", "a.csv"):
        (tmp_path / one).write_text("a\n1\n")
    with pytest.raises(GalleriaError, match=words):
        outcome(tmp_path / "a.csv", tmp_path / name)
