"""The Python tool with a real child process."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from galleria.errors import ToolError
from galleria.fields.types import Field, FieldType
from galleria.formula.environment import Environment
from galleria.runner.files import LocalFiles
from galleria.runner.world import OpenWorld
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Wired
from galleria.tools.developer.python import Python

pytest.importorskip("pandas", reason="the Python tool gives its code DataFrames of pandas")

FIELDS = (
    Field("a", FieldType.INT32),
    Field("t", FieldType.V_STRING, 9),
    Field("d", FieldType.DATE),
    Field("p", FieldType.FIXED_DECIMAL, 9, 2),
)
ROWS = pl.DataFrame(
    {"a": [1, 2], "t": ["x", None], "d": [date(2021, 4, 30), None], "p": [Decimal("1.50"), None]},
    schema={field.name: field.dtype for field in FIELDS},
)


def run(code: str, folder: Path) -> Built:
    element = etree.Element("Configuration")
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": [code]}]})
    etree.SubElement(element, "Notebook").text = json.dumps({"#cdata-section": notebook})
    context = Context(1, LocalFiles(folder, folder, folder), Environment(variables={"Engine.Version": "1"}))
    inputs = Inputs({"Input": [Wired(Table(ROWS.lazy(), FIELDS), "#1")]})
    return Python.read(Configuration(element)).act(inputs, context, OpenWorld())


def test_tables_go_in_and_out(tmp_path: Path) -> None:
    code = """
from ayx import Alteryx
data = Alteryx.read("#1")
data["b"] = data["a"] * 2.5
Alteryx.write(data[["a", "t", "d", "p", "b"]], 1)
Alteryx.write(data[["t"]], 3)
"""
    built = run(code, tmp_path)
    first = built.outputs["Output1"]
    assert [(field.name, str(field.type)) for field in first.fields] == [
        ("a", "Int32"),
        ("t", "V_WString"),
        ("d", "DateTime"),
        ("p", "Double"),
        ("b", "Double"),
    ]
    assert first.frame.collect()["b"].to_list() == [2.5, 5.0]
    assert built.outputs["Output3"].frame.collect()["t"].to_list() == ["x", None]
    assert built.outputs["Output2"].fields == ()


def test_constants_are_known(tmp_path: Path) -> None:
    code = """
import pandas
from ayx import Alteryx
Alteryx.write(pandas.DataFrame({"v": [Alteryx.getWorkflowConstant("Engine.Version")], "n": [Alteryx.getIncomingConnectionNames()[0]]}), 1)
"""
    assert run(code, tmp_path).outputs["Output1"].frame.collect().rows() == [("1", "#1")]


@pytest.mark.parametrize(
    ("code", "words"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("import sys; sys.exit(3)", "The Python code ended with the exit code 3.")],
)
def test_an_error_of_the_code_is_one_of_the_tool(tmp_path: Path, code: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        run(code, tmp_path)
