"""Small documents for the tests of this folder."""

from __future__ import annotations

from galleria.documents.read import read_document
from galleria.documents.workflow import Workflow


def document(nodes: str = "", connections: str = "", properties: str = "", attributes: str = 'yxmdVer="2021.3"') -> str:
    return (
        f'<?xml version="1.0"?>\n<AlteryxDocument {attributes}>\n<Nodes>{nodes}</Nodes>\n'
        f"<Connections>{connections}</Connections>\n<Properties>{properties}</Properties>\n</AlteryxDocument>\n"
    )


def node(tool_id: int | str, configuration: str = "", plugin: str = "Some.Tool.Tool", more: str = "", macro: str = "") -> str:
    shown = f'<GuiSettings Plugin="{plugin}"><Position x="54" y="78" /></GuiSettings>' if plugin else "<GuiSettings />"
    engine = f'<EngineSettings Macro="{macro}" />' if macro else '<EngineSettings EngineDll="Some.dll" EngineDllEntryPoint="SomeTool" />'
    return f'<Node ToolID="{tool_id}">{shown}<Properties><Configuration>{configuration}</Configuration>{more}</Properties>{engine}</Node>'


def wire(origin: int | str, destination: int | str, more: str = "", anchors: tuple[str, str] = ("Output", "Input")) -> str:
    return (
        f'<Connection {more}><Origin ToolID="{origin}" Connection="{anchors[0]}" />'
        f'<Destination ToolID="{destination}" Connection="{anchors[1]}" /></Connection>'
    )


def read(text: str, name: str = "small.yxmd") -> Workflow:
    return read_document(text.encode(), name)
