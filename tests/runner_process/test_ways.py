"""Ways that part and meet again, many times one after another: what a plan holds doubles each time, what a run takes must not."""

import time
from pathlib import Path

from galleria.runner.listeners import Silent
from galleria.runner.local import local_check, local_run

_NODE = (
    '<Node ToolID="{0}"><GuiSettings Plugin="AlteryxBasePluginsGui.{1}.{1}"><Position x="0" y="0" /></GuiSettings>'
    "<Properties><Configuration>{2}</Configuration></Properties></Node>"
)
_WIRE = '<Connection><Origin ToolID="{0}" Connection="{1}" /><Destination ToolID="{2}" Connection="Input" /></Connection>'
_DIAMONDS = 40
_CSV = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>"


def _diamonds(path: Path) -> Path:
    cells = "".join(f"<r><c>{number}</c></r>" for number in range(_DIAMONDS))
    nodes = [_NODE.format(1, "TextInput", f'<Fields><Field name="n" /></Fields><Data>{cells}</Data>')]
    wires: list[str] = []
    last = 1
    for number in range(_DIAMONDS):
        split, joined = 2 * number + 2, 2 * number + 3
        nodes.append(_NODE.format(split, "Filter", f"<Mode>Custom</Mode><Expression>[n] &gt; {number}</Expression>"))
        nodes.append(_NODE.format(joined, "Union", "<Mode>ByName</Mode>"))
        wires += [_WIRE.format(last, "Output", split), _WIRE.format(split, "True", joined), _WIRE.format(split, "False", joined)]
        last = joined
    nodes.append(_NODE.format(1000, "DbFileOutput", f'<File FileFormat="0">out.csv</File>{_CSV}'))
    wires.append(_WIRE.format(last, "Output", 1000))
    path.write_text(
        f'<?xml version="1.0"?><AlteryxDocument yxmdVer="2021.3"><Nodes>{"".join(nodes)}</Nodes>'
        f"<Connections>{''.join(wires)}</Connections><Properties><MetaInfo /></Properties></AlteryxDocument>",
        encoding="utf-8",
    )
    return path


def test_forty_diamonds_run_in_the_time_of_forty(tmp_path: Path) -> None:
    path = _diamonds(tmp_path / "diamonds.yxmd")
    started = time.monotonic()
    assert not local_check(path).findings
    assert local_run(path, Silent(), output_dir=tmp_path) == 0
    assert time.monotonic() - started < 600
    numbers = [int(line) for line in (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:]]
    expected = list(range(_DIAMONDS))
    for number in range(_DIAMONDS):
        expected = [one for one in expected if one > number] + [one for one in expected if one <= number]
    assert numbers == expected
