"""Functions that users define in XML."""

from pathlib import Path

import pytest

from galleria.errors import GalleriaError, UnsupportedError
from galleria.formula.compile import compile_expression
from galleria.formula.environment import Environment
from galleria.formula.evaluate import evaluate

ADDINS = """<?xml version="1.0" encoding="utf-8"?>
<FormulaAddIn>
  <Function><Name>HALF</Name><NumParams variable="false">1</NumParams><Formula>P1 / 2</Formula></Function>
  <Function><Name>Quarter</Name><NumParams variable="false">1</NumParams><Formula>half(HALF(p1))</Formula></Function>
  <Function><Name>Twice</Name><NumParams variable="false">1</NumParams><Formula>P1 + P1</Formula></Function>
  <Function><Name>First</Name><NumParams variable="true">1</NumParams><Formula>P1</Formula></Function>
  <Function><Name>Endless</Name><NumParams variable="false">1</NumParams><Formula>Endless(P1)</Formula></Function>
  <Function><Name>Broken</Name><NumParams variable="false">1</NumParams><Formula>P1 +</Formula></Function>
  <Function><Name>Stray</Name><NumParams variable="false">1</NumParams><Formula>P2</Formula></Function>
  <Function><Name>Abs</Name><NumParams variable="false">1</NumParams><Formula>0</Formula></Function>
  <Function><Name>Library</Name><NumParams variable="false">1</NumParams><Dll><Name>x.dll</Name></Dll></Function>
</FormulaAddIn>
"""


@pytest.fixture
def around(tmp_path: Path) -> Environment:
    (tmp_path / "own.xml").write_text(ADDINS, encoding="utf-8")
    return Environment(addin_folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Half(5)", 2.5), ("QUARTER(10)", 2.5), ('Twice("ab")', "abab"), ("Twice(3)", 6), ("First(1, 2, 3)", 1), ("Abs(-5)", 5)],
)
def test_an_addin_is_worked_out_like_a_function(around: Environment, text: str, value: object) -> None:
    assert evaluate(text, {}, around)["value"] == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Half()", "HALF takes 1 argument, 0 given"),
        ("Half('a')", "in the add-in function HALF: Formula: tried to apply numeric operator to string value"),
        ("Endless(1)", "calls itself"),
        ("Broken(1)", "Broken is wrong"),
        ("Stray(1)", 'Unknown variable "P2"'),
        ("Library(1)", "x.dll"),
        ("Nowhere(1)", 'Unknown function "Nowhere"'),
    ],
)
def test_a_bad_addin_is_refused_in_words(around: Environment, text: str, words: str) -> None:
    assert words in str(evaluate(text, {}, around)["error"])


def test_a_file_that_is_no_xml_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text("<FormulaAddIn>", encoding="utf-8")
    with pytest.raises(GalleriaError, match=r"bad\.xml is no XML"):
        compile_expression("Foo(1)", (), Environment(addin_folder=tmp_path))


def test_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("42", encoding="utf-8")
    document = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><FormulaAddIn><Function><Name>Peek</Name><Formula>&x;</Formula></Function></FormulaAddIn>'
    (tmp_path / "hostile.xml").write_text(document, encoding="utf-8")
    with pytest.raises(UnsupportedError):
        compile_expression("Peek()", (), Environment(addin_folder=tmp_path))


ENTRIES = {"Version": 0, "MakeDate": 1, "MakeTime": 0, "Sum": 2, "Avg": 2, "Count": 2, "Coalesce": 2, "TDist": 2}
"""What the library offers, each with its least number of arguments."""


@pytest.fixture
def library(tmp_path: Path) -> Environment:
    functions = "".join(
        f'<Function><Name>{name}</Name><NumParams variable="true">{least}</NumParams>'
        f"<Dll><Name>AlteryxAbacus.dll</Name><EntryPoint>{name}</EntryPoint></Dll></Function>"
        for name, least in ENTRIES.items()
    )
    (tmp_path / "library.xml").write_text(f"<FormulaAddIn>{functions}</FormulaAddIn>", encoding="utf-8")
    return Environment(addin_folder=tmp_path, variables={"Engine.Version": "2025.1.0.0"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Version()", 2025.1),
        ("MakeDate(2024, 2, 29)", "2024-02-29"),
        ("MakeDate(2023, 2, 29)", None),
        ("MakeDate(1900, 2, 29)", None),
        ("MakeDate(2000, 2, 29)", "2000-02-29"),
        ("MakeDate(2023, 4, 31)", None),
        ("MakeDate(2023, 12, 31)", "2023-12-31"),
        ("MakeDate(2023, Null(), Null())", "2023-01-01"),
        ("MakeDate(2023)", "2023-01-01"),
        ("MakeDate(1399, 1, 1)", None),
        ("MakeDate(2023, 13, 1)", None),
        ("MakeDate(2023.9, 2.9, 3.9)", "2023-02-03"),
        ("MakeTime()", "00:00:00"),
        ("MakeTime(23, 59, 59)", "23:59:59"),
        ("MakeTime(7, Null(), 5)", "07:00:05"),
        ("MakeTime(24)", None),
        ("Sum(1, Null(), 2.5)", 3.5),
        ("Sum(ToNumber(''), Null())", 0),
        ("Avg(1, Null(), 2)", 1.5),
        ("Avg(IIF(True, Null(), 1), IIF(True, Null(), 1))", None),
        ("Count('a', Null(), 'b', '')", 3),
        ("Coalesce(Null(), 'b', 'c')", "b"),
        ("Coalesce(IIF(True, Null(), 1), 2)", 2),
    ],
)
def test_a_function_of_a_known_library_is_computed(library: Environment, text: str, value: object) -> None:
    assert evaluate(text, {}, library)["value"] == value


@pytest.mark.parametrize(("text", "words"), [("TDist(1, 2)", "TDist"), ("MakeDate(1, 2, 3, 4)", "MakeDate"), ("Version(1)", "Version")])
def test_what_the_library_has_beyond_is_refused_by_name(library: Environment, text: str, words: str) -> None:
    found = str(evaluate(text, {}, library)["error"])
    assert words in found
    assert "AlteryxAbacus.dll" in found
