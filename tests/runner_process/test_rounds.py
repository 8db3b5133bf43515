"""The rounds of an iterative macro: what is built for one serves the next only where nothing but the rows differs."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from galleria.messages import Message
from galleria.runner import rounds
from galleria.runner.execute import Execution, Outcome
from galleria.runner.local import local_run

_GUI = '<GuiSettings Plugin="AlteryxBasePluginsGui.{0}.{0}"><Position x="0" y="0" /></GuiSettings>'
_NODE = '<Node ToolID="{1}">' + _GUI + "<Properties><Configuration>{2}</Configuration></Properties></Node>"
_WIRE = '<Connection><Origin ToolID="{0}" Connection="{1}" /><Destination ToolID="{2}" Connection="{3}" /></Connection>'
_ROWS = (
    '<NumRows value="3" /><Fields><Field name="n" /><Field name="x" /></Fields><Data><r><c>3</c><c>a</c></r>'
    "<r><c>12</c><c>b</c></r><r><c>7</c><c>7</c></r></Data>"
)
_LOOP = (
    '<RuntimeProperties><IterativeMacro><Input>Rows</Input><Output>Again</Output><IterationLimit value="50" />'
    "<LimitBehavior>Warn</LimitBehavior><OutputMode>AutoByName</OutputMode></IterativeMacro></RuntimeProperties>"
)


_SOURCES = {
    "GenerateRows": "<UpdateField value='False' /><CreateField_Name>k</CreateField_Name><CreateField_Type>Int32</CreateField_Type>"
    "<Expression_Init>1</Expression_Init><Expression_Cond>k &lt; 3</Expression_Cond><Expression_Loop>k + 1</Expression_Loop>",
    "Directory": "<Directory>.</Directory><FileSpec>*.yxmc</FileSpec>",
}


@dataclass
class Lines:
    lines: list[str] = field(default_factory=list[str])

    def message(self, message: Message) -> None:
        self.lines.append(f"{int(message.status)} {message.path} {message.text}")

    def progress(self, far: object) -> None: ...

    def output(self, path: Path) -> None: ...


def _document(nodes: list[tuple[str, int, str]], wires: list[tuple[int, str, int, str]], more: str = "", macro: str = "") -> str:
    written = "".join(_NODE.format(*node) for node in nodes) + macro
    joined = "".join(_WIRE.format(*wire) for wire in wires)
    return (
        f'<?xml version="1.0"?><AlteryxDocument yxmdVer="2021.3"><Nodes>{written}</Nodes><Connections>{joined}</Connections>'
        f"<Properties><MetaInfo />{more}</Properties></AlteryxDocument>"
    )


def _write(folder: Path, formula: str, source: str = "") -> Path:
    """A workflow with a macro that counts `n` down and computes `x` in each round, and may have a source of its own."""
    fields = f'<FormulaField expression="[n] - 1" field="n" type="Int32" size="4" /><FormulaField {formula} />'
    template = f"<Name>Rows</Name><TextInput><Configuration>{_ROWS}</Configuration></TextInput>"
    nodes = [
        ("MacroInput", 1, template),
        ("Formula", 2, f"<FormulaFields>{fields}</FormulaFields>"),
        ("Filter", 3, "<Mode>Custom</Mode><Expression>[n] &gt; 0</Expression>"),
        ("MacroOutput", 4, "<Name>Again</Name>"),
        ("MacroOutput", 5, "<Name>Every</Name>"),
    ]
    wires = [(1, "Output", 2, "Input"), (2, "Output", 3, "Input"), (3, "True", 4, "Input"), (2, "Output", 5, "Input")]
    if source:
        nodes += [(source, 6, _SOURCES[source]), ("MacroOutput", 7, "<Name>Made</Name>")]
        wires.append((6, "Output", 7, "Input"))
    (folder / "down.yxmc").write_text(_document(nodes, wires, _LOOP), encoding="utf-8")
    macro = (
        '<Node ToolID="2"><GuiSettings><Position x="0" y="0" /></GuiSettings><Properties><Configuration /></Properties>'
        '<EngineSettings Macro="down.yxmc" /></Node>'
    )
    csv = "<FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>"
    outer = [("TextInput", 1, _ROWS), ("DbFileOutput", 3, f'<File FileFormat="0">out.csv</File>{csv}')]
    path = folder / "workflow.yxmd"
    path.write_text(_document(outer, [(1, "Output", 2, "Rows"), (2, "Every", 3, "Input")], macro=macro), encoding="utf-8")
    return path


def _run(path: Path, folder: Path) -> tuple[list[str], str]:
    heard = Lines()
    local_run(path, heard, output_dir=folder)
    return heard.lines, (folder / "out.csv").read_text(encoding="utf-8")


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each round that was had again."""
    counted: list[int] = []
    real = Execution.again

    def again(self: Execution) -> Outcome:
        counted.append(1)
        return real(self)

    monkeypatch.setattr(Execution, "again", again)
    return counted


STEADY = [
    'expression="[x]" field="y" type="V_String" size="100"',
    'expression="[x] + ToString([n])" field="x" type="V_String" size="9"',
    'expression="ToNumber([x]) + [n]" field="y" type="V_String" size="100"',
    'expression="ToNumber([x])" field="y" type="Byte" size="1"',
    'expression="[n] - 5" field="x" type="Byte" size="1"',
    'expression="[Engine.IterationNumber]" field="y" type="Int32" size="4"',
    'expression="Left([x], [Engine.IterationNumber]) + ToString([Engine.IterationNumber])" field="y" type="V_String" size="9"',
    'expression="IIF([Engine.IterationNumber] &lt; 4, 1 / [Engine.IterationNumber], [n])" field="y" type="Byte" size="1"',
]


@pytest.mark.parametrize("formula", STEADY)
def test_rounds_had_again_equal_rounds_run_anew(formula: str, tmp_path: Path, repeats: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(tmp_path, formula)
    again = _run(path, tmp_path / "again")
    assert len(repeats) >= 8
    monkeypatch.setattr(rounds, "FEW", 0)
    monkeypatch.setattr(rounds, "SOME", 0)
    repeats.clear()
    assert _run(path, tmp_path / "anew") == again
    assert not repeats


@pytest.mark.parametrize(("expression", "is_had_again"), [("[Engine.IterationNumber]", True), ("%Engine.IterationNumber%", False)])
def test_every_round_knows_its_number(expression: str, is_had_again: bool, tmp_path: Path, repeats: list[int]) -> None:
    _, text = _run(_write(tmp_path, f'expression="{expression}" field="y" type="Int32" size="4"'), tmp_path)
    assert bool(repeats) is is_had_again
    assert {line.rpartition(",")[2] for line in text.splitlines()[1:]} == {str(number) for number in range(12)}


@pytest.mark.parametrize(("source", "is_had_again"), [("GenerateRows", True), ("Directory", False)])
def test_what_a_source_finds_outside_is_found_anew(source: str, is_had_again: bool, tmp_path: Path, repeats: list[int]) -> None:
    _run(_write(tmp_path, STEADY[0], source), tmp_path)
    assert bool(repeats) is is_had_again


@pytest.mark.parametrize("chance", ["Rand()", "UuidCreate()"])
def test_chance_deals_anew_in_every_round(chance: str, tmp_path: Path, repeats: list[int]) -> None:
    _, text = _run(_write(tmp_path, f'expression="{chance}" field="y" type="V_String" size="50"'), tmp_path)
    dealt = [line.rpartition(",")[2] for line in text.splitlines()[1:]]
    assert not repeats
    assert len(dealt) == len(set(dealt)) > 12
