"""Workflow documents for tests, built of tools that stand one behind the other."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

_TOOL = """
    <Node ToolID="{number}">
      <GuiSettings Plugin="AlteryxBasePluginsGui.{plugin}"><Position x="{x}" y="54"/></GuiSettings>
      <Properties><Configuration>{settings}</Configuration></Properties>
      <EngineSettings EngineDll="AlteryxBasePluginsEngine.dll" EngineDllEntryPoint="Alteryx{name}"/>
    </Node>"""
_WIRE = '<Connection><Origin ToolID="{0}" Connection="Output"/><Destination ToolID="{1}" Connection="Input"/></Connection>'


def text_input(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, str]:
    fields = "".join(f"<Field name={quoteattr(name)}/>" for name in names)
    data = "".join("<r>" + "".join(f"<c>{escape(cell)}</c>" for cell in row) + "</r>" for row in rows)
    return "TextInput.TextInput", f'<NumRows value="{len(rows)}"/><Fields>{fields}</Fields><Data>{data}</Data>'


def rows_counted(most: int) -> tuple[str, str]:
    """One field, `n`, from 1 on."""
    named = '<UpdateField value="False"/><CreateField_Name>n</CreateField_Name><CreateField_Type>Int32</CreateField_Type>'
    steps = f"<Expression_Init>1</Expression_Init><Expression_Cond>n &lt;= {most}</Expression_Cond><Expression_Loop>n + 1</Expression_Loop>"
    return "GenerateRows.GenerateRows", f"{named}<CreateField_Size>4</CreateField_Size>{steps}"


def formula(field: str, kind: str, expression: str) -> tuple[str, str]:
    what = f'expression={quoteattr(expression)} field={quoteattr(field)} size="100" type="{kind}"'
    return "Formula.Formula", f"<FormulaFields><FormulaField {what}/></FormulaFields>"


def output(file: str, code: int | None, options: str = "<CodePage>65001</CodePage>") -> tuple[str, str]:
    """Without a code the extension says which format it is; texts are UTF-8 unless the options say otherwise."""
    named = "" if code is None else f' FileFormat="{code}"'
    written = f'<File{named} MaxRecords="">{escape(file)}</File>'
    return "DbFileOutput.DbFileOutput", f"{written}<Passwords/><FormatSpecificOptions>{options}</FormatSpecificOptions>"


def document(chain: Sequence[tuple[str, str]], outputs: Sequence[tuple[str, str]]) -> str:
    """Connect each tool of the chain with the next, and the last one with every output."""
    tools = [*chain, *outputs]
    nodes = "".join(
        _TOOL.format(number=number, plugin=plugin, x=54 * number, settings=settings, name=plugin.partition(".")[0])
        for number, (plugin, settings) in enumerate(tools, 1)
    )
    last = len(chain)
    wires = [(number, number + 1) for number in range(1, last)] + [(last, number) for number in range(last + 1, len(tools) + 1)]
    connections = "".join(_WIRE.format(*wire) for wire in wires)
    nodes_and_wires = f"<Nodes>{nodes}</Nodes><Connections>{connections}</Connections>"
    return f'<?xml version="1.0"?>\n<AlteryxDocument yxmdVer="2021.3">{nodes_and_wires}<Properties/></AlteryxDocument>\n'
