"""Run Command with real programs."""

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
from galleria.tools.developer.run_command import RunCommand

CSV = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter><LineEndStyle>LF</LineEndStyle></FormatSpecificOptions>"
SOURCE = f'<OutputConfiguration><Configuration><File FileFormat="0">in.csv</File>{CSV}</Configuration></OutputConfiguration>'
RESULTS = f'<InputConfiguration><Configuration><File FileFormat="0">out.csv</File>{CSV}</Configuration></InputConfiguration>'


def run(config: str, folder: Path) -> Built:
    tool = RunCommand.read(Configuration(etree.fromstring(f"<Configuration>{config}</Configuration>")))
    context = Context(1, LocalFiles(folder, folder, folder), Environment())
    table = Table(pl.LazyFrame({"a": ["x", None]}), (Field("a", FieldType.V_STRING, 9),))
    return tool.act(Inputs({"Input": [Wired(table)]}), context, OpenWorld())


def test_rows_go_through_a_program(tmp_path: Path) -> None:
    built = run(f"{SOURCE}{RESULTS}<ProgramName>cp</ProgramName><Arguments>in.csv 'out.csv'</Arguments>", tmp_path)
    assert built.outputs["Output"].frame.collect().rows() == [("x",), (None,)]
    assert [(say.status, say.text) for say in built.notes] == [(9, 'in.csv|2 records were written to "in.csv"')]


def test_an_exit_code_is_an_error(tmp_path: Path) -> None:
    built = run("<ProgramName>false</ProgramName>", tmp_path)
    assert [say.text for say in built.notes] == ['The external program "false" returned an error code: 1']


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r'Unable to run the command "cmd.exe": there is no such program here.'):
        run("<ProgramName>cmd.exe</ProgramName><Arguments>/c del x</Arguments>", tmp_path)


def test_missing_results_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        run(f"{RESULTS}<ProgramName>true</ProgramName>", tmp_path)
