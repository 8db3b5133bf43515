"""Go through a small workflow of our own before the first fork, up to where something would be computed.

What a process does for the first time is slow: Python has not yet seen which functions are worth making fast, and tables are
not yet filled. Done here it is done for every run; and what a run need not write into memory that it shares with the fork
server, it need not copy first.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

from galleria.runner.job import OUTPUTS, run_job
from galleria.runner.listeners import EventStream
from galleria.runner.surroundings import Far

TIMES = 10
"""Python makes a function fast from its eighth call on."""
_FOLDERS = ("package", "inputs", OUTPUTS, "temporary")
_RECORDS = "n,s\n1,a\n3,b\n"
_DOCUMENT = """<?xml version="1.0"?>
<AlteryxDocument yxmdVer="2021.3"><Nodes>
<Node ToolID="1"><GuiSettings Plugin="AlteryxBasePluginsGui.DbFileInput.DbFileInput"/><Properties><Configuration>
<File FileFormat="0">in.csv</File><FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>
</Configuration></Properties></Node>
<Node ToolID="2"><GuiSettings Plugin="AlteryxBasePluginsGui.AlteryxSelect.AlteryxSelect"/><Properties><Configuration><SelectFields>
<SelectField field="n" selected="True" type="Int64" size="8"/><SelectField field="*Unknown" selected="True"/>
</SelectFields></Configuration></Properties></Node>
<Node ToolID="3"><GuiSettings Plugin="AlteryxBasePluginsGui.Filter.Filter"/><Properties><Configuration>
<Mode>Custom</Mode><Expression>[n] &gt; 1 AND !IsNull([s])</Expression></Configuration></Properties></Node>
<Node ToolID="4"><GuiSettings Plugin="AlteryxBasePluginsGui.Formula.Formula"/><Properties><Configuration><FormulaFields>
<FormulaField field="t" type="V_WString" size="20" expression="IF [n] &gt; 2 THEN Uppercase([s]) ELSE [s] ENDIF"/>
</FormulaFields></Configuration></Properties></Node>
<Node ToolID="5"><GuiSettings Plugin="AlteryxBasePluginsGui.Sort.Sort"/><Properties><Configuration><SortInfo>
<Field field="n" order="Descending"/></SortInfo></Configuration></Properties></Node>
<Node ToolID="6"><GuiSettings Plugin="AlteryxBasePluginsGui.DbFileOutput.DbFileOutput"/><Properties><Configuration>
<File FileFormat="0">out.csv</File><FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>
</Configuration></Properties></Node></Nodes><Connections>
<Connection><Origin ToolID="1" Connection="Output"/><Destination ToolID="2" Connection="Input"/></Connection>
<Connection><Origin ToolID="2" Connection="Output"/><Destination ToolID="3" Connection="Input"/></Connection>
<Connection><Origin ToolID="3" Connection="True"/><Destination ToolID="4" Connection="Input"/></Connection>
<Connection><Origin ToolID="4" Connection="Output"/><Destination ToolID="5" Connection="Input"/></Connection>
<Connection><Origin ToolID="5" Connection="Output"/><Destination ToolID="6" Connection="Input"/></Connection>
</Connections><Properties/></AlteryxDocument>
"""


class _EnoughError(BaseException):
    """Nothing in a run catches it."""


class _Rehearsed(EventStream):
    def progress(self, far: Far) -> None:
        """What is told first comes when everything is built; the next thing would be to compute."""
        super().progress(far)
        raise _EnoughError


def rehearse(times: int = TIMES) -> str:
    """Gives the events, which say whether it went as it should."""
    with tempfile.TemporaryDirectory(prefix="galleria-rehearsal-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in _FOLDERS:
            (folder / part).mkdir()
        (folder / "package" / "main.yxmd").write_text(_DOCUMENT, encoding="utf-8")
        (folder / "package" / "in.csv").write_text(_RECORDS, encoding="utf-8")
        (folder / "job.json").write_text(json.dumps({"workflow": "package/main.yxmd"}), encoding="utf-8")
        for _ in range(times):
            with contextlib.suppress(_EnoughError):
                run_job(folder, _Rehearsed)
        return (folder / "events.jsonl").read_text(encoding="utf-8")
