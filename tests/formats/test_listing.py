"""The Directory tool: what it tells of the files that it finds."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from galleria.formula.environment import Environment
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Context, Inputs
from galleria.tools.in_out.directory import Directory


class FolderFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def to_read(self, name: str) -> Path:
        return self.folder

    def to_write(self, name: str) -> Path:
        raise AssertionError("lists only")

    def temporary(self, suffix: str = "") -> Path:
        raise AssertionError("lists only")


def listed(folder: Path, name: str, spec: str, below: str = "False"):
    text = f'<C><Directory>{name}</Directory><FileSpec>{spec}</FileSpec><IncludeSubDirs value="{below}"/></C>'
    tool = Directory.read(Configuration(etree.fromstring(text)))
    built = tool.build(Inputs({}), Context(1, FolderFiles(folder), Environment()))
    return built.outputs["Output"].frame.collect()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "A.CSV", "c.txt", "in/d.csv", "in[1]/e.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    os.utime(tmp_path / "b.csv", (1_700_000_000, 1_600_000_000))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "spec", "below", "paths"),
    [
        (r"C:\data", "*.csv", "False", [r"C:\data\A.CSV", r"C:\data\b.csv"]),
        (
            "..\\data\\",
            "*.*",
            "True",
            ["..\\data\\A.CSV", "..\\data\\b.csv", "..\\data\\c.txt", "..\\data\\in\\d.csv", "..\\data\\in[1]\\e.csv"],
        ),
        ("data/x", "?.csv", "True", ["data/x/A.CSV", "data/x/b.csv", "data/x/in/d.csv", "data/x/in[1]/e.csv"]),
        (".", "[ab].csv", "False", []),
    ],
)
def test_paths_are_spelled_as_the_workflow_spells_the_folder(folder: Path, name: str, spec: str, below: str, paths: list[str]) -> None:
    assert listed(folder, name, spec, below)["FullPath"].to_list() == paths


def test_what_is_told_of_a_file(folder: Path) -> None:
    row = listed(folder, ".\\", "b.csv").row(0, named=True)
    assert (row["Directory"], row["FileName"], row["Size"], row["AttributeArchive"]) == (".\\", "b.csv", 5, True)
    assert (row["LastWriteTime"], row["LastAccessTime"]) == (datetime.fromtimestamp(1_600_000_000), datetime.fromtimestamp(1_700_000_000))
    assert not any(value for name, value in row.items() if name.startswith("Attribute") and name != "AttributeArchive")
