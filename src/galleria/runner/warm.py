"""A small workflow, run once in a process that waits for its real one: what is slow the first time is over then."""

from __future__ import annotations

import shutil
from pathlib import Path

from galleria.runner.addresses import connect_checked
from galleria.runner.files import LocalFiles
from galleria.runner.listeners import Silent
from galleria.runner.run import run_workflow
from galleria.runner.surroundings import Surroundings
from galleria.runner.transfer import Transfers

_BASE = "AlteryxBasePluginsGui."
_CSV = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>"
_TOOLS = (
    (f"{_BASE}TextInput.TextInput", '<NumRows value="2"/><Fields><Field name="a"/></Fields><Data><r><c>2</c></r><r><c>1</c></r></Data>'),
    (f"{_BASE}Filter.Filter", "<Mode>Custom</Mode><Expression>[a] &gt; 1</Expression>"),
    (f"{_BASE}Sort.Sort", '<SortInfo><Field field="a" order="Ascending"/></SortInfo>'),
    (f"{_BASE}DbFileOutput.DbFileOutput", f'<File FileFormat="0">warm.csv</File>{_CSV}'),
)
_ANCHORS = ("Output", "True", "Output")


def warm_up(folder: Path) -> None:
    """Run the small workflow in the job folder's temporary files, and leave none of it behind."""
    place = folder / "temporary" / "warm"
    place.mkdir()
    try:
        document = place / "warm.yxmd"
        document.write_text(_document(), encoding="utf-8")
        around = Surroundings(LocalFiles(place, place, place), Transfers(connect_checked(None)))
        run_workflow(document, around, Silent())
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _document() -> str:
    nodes = "".join(
        f'<Node ToolID="{number}"><GuiSettings Plugin="{plugin}"/><Properties><Configuration>{config}</Configuration></Properties></Node>'
        for number, (plugin, config) in enumerate(_TOOLS, 1)
    )
    wires = "".join(
        f'<Connection><Origin ToolID="{number}" Connection="{anchor}"/><Destination ToolID="{number + 1}" Connection="Input"/></Connection>'
        for number, anchor in enumerate(_ANCHORS, 1)
    )
    return f'<AlteryxDocument yxmdVer="2021.3"><Nodes>{nodes}</Nodes><Connections>{wires}</Connections><Properties/></AlteryxDocument>'
