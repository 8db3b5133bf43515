"""Checking and converting in a child process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from galleria.children.commands import Allowance, Commands
from galleria.children.server import RunnerServer
from galleria.errors import InvalidError, TooLargeError, UnsupportedError
from tests.patience import wait_until

BARE = """<?xml version="1.0"?>
<AlteryxDocument yxmdVer="2021.3">
  <Nodes>
    <Node ToolID="1"><GuiSettings Plugin="{plugin}"/><Properties><Configuration/></Properties></Node>
  </Nodes>
  <Connections/>
  <Properties/>
</AlteryxDocument>
"""


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    made = Commands()
    yield made
    made.close()


def test_a_bare_workflow_becomes_a_package_with_a_report(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    source, package = tmp_path / "up" / "Nothing.yxmd", tmp_path / "package.yxzp"
    source.write_text(BARE.format(plugin="Nobody.Knows.This"), encoding="utf-8")
    report = commands.check(source, package)
    assert report["file_name"] == "Nothing.yxmd"
    assert report["tools"][0]["supported"] is False
    with ZipFile(package) as archive:
        assert archive.namelist() == ["Nothing.yxmd"]


@pytest.mark.parametrize("text", ["", "<a", "PK\x03\x04", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'])
def test_what_is_no_workflow_is_refused_in_words(commands: Commands, tmp_path: Path, text: str) -> None:
    (tmp_path / "up").mkdir()
    source = tmp_path / "up" / "Nothing.yxmd"
    source.write_text(text)
    with pytest.raises(InvalidError) as refused:
        commands.check(source, tmp_path / "package.yxzp")
    assert "root:" not in refused.value.message
    assert not (tmp_path / "package.yxzp").exists()


def test_a_format_that_cannot_be_made_is_unsupported(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "in.yxdb").write_bytes(b"nonsense")
    with pytest.raises((UnsupportedError, InvalidError)):
        commands.convert(tmp_path / "in.yxdb", tmp_path / "out.pdf")


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    import sys

    text = """
import sys, time
from galleria.runner import preload, serve, __main__
__main__.main = lambda command: time.sleep(60)
sys.exit(serve.serve(lambda: preload.Engine(lambda folder: 0)))
"""
    slow = Commands(RunnerServer((sys.executable, "-P", "-c", text)), Allowance(time_s=0.3))
    with pytest.raises(TooLargeError, match="its time was over"):
        slow.convert(tmp_path / "in.yxdb", tmp_path / "out.csv")
    slow.close()


def test_the_fork_server_is_kept_for_a_while_only(tmp_path: Path) -> None:
    server = RunnerServer()
    for kept_s in (3600, 0.2):
        commands = Commands(server, kept_s=kept_s)
        with pytest.raises(InvalidError):
            commands.check(tmp_path / "missing.yxmd", tmp_path / "package.yxzp")
        assert kept_s < 1 or server.pid is not None
    wait_until(lambda: server.pid is None)
    commands.close()
