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
