"""Workflow documents (.yxmd, .yxmc, .yxwz) from 8.5 on, turned into plain data. Nothing is interpreted, nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from galleria.documents import xml
from galleria.documents.interface import read_actions, read_kind, read_questions
from galleria.documents.workflow import Constant, Node, Settings, Wire, Workflow
from galleria.documents.xml import Element
from galleria.errors import InvalidError, NotFoundError, UnsupportedError
from galleria.fields.types import Field, field_type


def read_workflow_file(path: Path) -> Workflow:
    """The document at `path`. Raises as `read_document` does, NotFoundError where there is no such file."""
    try:
        xml.check_size(path.stat().st_size, path.name)
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise NotFoundError(f"no document at {path.name}") from None
    except OSError as error:
        raise InvalidError(f"{path.name}: cannot be read: {error.strerror}") from error
    return read_document(data, path.name, path)


def read_document(data: bytes, name: str, path: Path | None = None) -> Workflow:
    """A document that goes by the file name `name`; `path` says where it lies.

    Raises InvalidError (no XML, no workflow document, tools without or with the same id, wires from nowhere),
    TooLargeError, and UnsupportedError for an encrypted document.
    """
    root, replaced = xml.parse(data, name)
    _refuse_other_documents(root, name)
    notes = [f"{replaced} characters that XML forbids were replaced by U+FFFD"] if replaced else []
    nodes = _Nodes(name).read(root)
    properties = _child(root, "Properties")
    runtime = properties.find("RuntimeProperties")
    stem = PurePosixPath(name.replace("\\", "/")).stem
    return Workflow(
        name=_name(properties, stem),
        kind=read_kind(runtime, name),
        version=root.get("yxmdVer", ""),
        nodes=nodes,
        wires=_wires(root, {node.tool_id for node in nodes}, name, notes),
        constants=_constants(properties),
        questions=read_questions(runtime),
        actions=read_actions(runtime),
        settings=_settings(root, properties),
        description=properties.findtext("MetaInfo/Description", "").strip(),
        author=properties.findtext("MetaInfo/Author", "").strip(),
        path=path,
        notes=tuple(notes),
        runtime=runtime,
        root=root,
    )


def _refuse_other_documents(root: Element, name: str) -> None:
    top = [root, *root, *_child(root, "Nodes")]
    if any(_local(element) == "EncryptedData" for element in top):
        raise UnsupportedError("encrypted document", f"{name} was locked or encrypted when it was saved; only the original can open it")
    if root.tag != "AlteryxDocument":
        raise InvalidError(f"{name}: the root element is <{_local(root)}>, a workflow document starts with <AlteryxDocument>")


@dataclass
class _Nodes:
    """Collects the nodes of a document, in document order, and refuses a tool id that came before."""

    name: str
    lines: dict[int, int] = field(default_factory=dict[int, int])

    def read(self, root: Element) -> tuple[Node, ...]:
        return tuple(self._below(_child(root, "Nodes"), None))

    def _below(self, parent: Element, container: int | None) -> Iterator[Node]:
        for element in parent.iterfind("Node"):
            node = _node(element, self._tool_id(element), container)
            yield node
            yield from self._below(_child(element, "ChildNodes"), node.tool_id)

    def _tool_id(self, element: Element) -> int:
        line = int(element.sourceline or 0)
        tool_id = _tool_id(element, self.name)
        if tool_id in self.lines:
            raise InvalidError(f"{self.name}: line {line}: tool id {tool_id} is taken by the <Node> in line {self.lines[tool_id]}")
        self.lines[tool_id] = line
        return tool_id


def _node(element: Element, tool_id: int, container: int | None) -> Node:
    gui = _child(element, "GuiSettings")
    engine = _child(element, "EngineSettings")
    properties = _child(element, "Properties")
    position, size = _place(gui)
    return Node(
        tool_id=tool_id,
        plugin=gui.get("Plugin", ""),
        macro=engine.get("Macro", ""),
        configuration=_child(properties, "Configuration"),
        container=container,
        position=position,
        size=size,
        annotation=properties.findtext("Annotation/AnnotationText", "") or properties.findtext("Annotation/DefaultAnnotationText", ""),
        given_name=properties.findtext("Annotation/Name", ""),
        saved_fields={
            meta.get("connection", "Output"): fields for meta in properties.iterfind("MetaInfo") if (fields := _saved_fields(meta))
        },
        engine_dll=engine.get("EngineDll", ""),
        entry_point=engine.get("EngineDllEntryPoint", ""),
    )


def _place(gui: Element) -> tuple[tuple[float, float], tuple[float, float] | None]:
    position = gui.find("Position")
    if position is None:
        return (0.0, 0.0), None
    place = (_number(position.get("x")), _number(position.get("y")))
    size = (_number(position.get("width")), _number(position.get("height")))
    return place, size if any(size) else None


def _saved_fields(meta: Element) -> tuple[Field, ...]:
    """The remembered schema of an anchor; empty where it cannot be understood: it is a memory, nothing depends on it."""
    try:
        return tuple(
            Field(
                name=remembered.get("name", ""),
                type=field_type(remembered.get("type", "")),
                size=int(_number(remembered.get("size"))),
                scale=int(_number(remembered.get("scale"))),
                source=remembered.get("source", ""),
                description=remembered.get("description", ""),
            )
            for remembered in meta.iterfind("RecordInfo/Field")
        )
    except InvalidError:
        return ()


def _wires(root: Element, tools: set[int], name: str, notes: list[str]) -> tuple[Wire, ...]:
    wires: list[Wire] = []
    for connection in root.iterfind("Connections/Connection"):
        origin, destination = connection.find("Origin"), connection.find("Destination")
        if origin is None or destination is None:
            raise InvalidError(f"{name}: line {connection.sourceline}: a <Connection> needs an <Origin> and a <Destination>")
        wire = Wire(
            origin=_tool_id(origin, name),
            origin_anchor=origin.get("Connection", "Output"),
            destination=_tool_id(destination, name),
            destination_anchor=destination.get("Connection", "Input"),
            name=connection.get("name", ""),
            wireless=is_true(connection.get("Wireless")),
        )
        if wire.destination not in tools:
            notes.append(f"a wire from tool {wire.origin} to tool {wire.destination} was left out: there is no tool {wire.destination}")
        elif wire.origin not in tools:
            # Leaving this one out would leave out rows.
            line = connection.sourceline
            raise InvalidError(f"{name}: line {line}: tool {wire.destination} is connected to tool {wire.origin}, which does not exist")
        else:
            wires.append(wire)
    return tuple(wires)


def _tool_id(element: Element, name: str) -> int:
    text = element.get("ToolID", "")
    try:
        return int(text)
    except ValueError:
        line = element.sourceline
        raise InvalidError(f"{name}: line {line}: <{_local(element)}> needs a whole number as its ToolID, not {text!r}") from None


def _constants(properties: Element) -> tuple[Constant, ...]:
    return tuple(
        Constant(
            namespace=constant.findtext("Namespace", "User").strip() or "User",
            name=constant.findtext("Name", ""),
            value=constant.findtext("Value", ""),
            is_numeric=is_true(_value(constant, "IsNumeric")),
        )
        for constant in properties.iterfind("Constants/Constant")
    )


def _settings(root: Element, properties: Element) -> Settings:
    def flag(path: str) -> bool:
        return is_true(_value(properties, path))

    return Settings(
        record_limit=_most_records(_number(_value(properties, "GlobalRecordLimit"))),
        conversion_error_limit=max(int(_number(_value(properties, "ConvErrorLimit"), Settings.conversion_error_limit)), 0),
        stop_at_conversion_limit=flag("ConvErrorLimit_Stop"),
        cancel_on_error=flag("CancelOnError"),
        disable_browse=flag("DisableBrowse"),
        disable_output=flag("DisableAllOutput"),
        show_all_macro_messages=flag("ShowAllMacroMessages"),
        uses_amp=is_true(root.get("RunE2")) or flag("RunWithE2"),
    )


def _name(properties: Element, stem: str) -> str:
    if is_true(_value(properties, "MetaInfo/NameIsFileName")):
        return stem
    return properties.findtext("MetaInfo/Name", "").strip() or stem


def is_true(text: str | None) -> bool:
    return (text or "").strip().casefold() in ("true", "t", "1", "yes")


def _child(element: Element, tag: str) -> Element:
    """The child of that name; an empty one where there is none."""
    found = element.find(tag)
    return element.makeelement(tag, {}) if found is None else found


def _value(element: Element, path: str) -> str | None:
    """The `value` attribute of the element at `path`, or else its text; None where it is absent."""
    found = element.find(path)
    return None if found is None else found.get("value", found.text)


def _most_records(limit: float) -> int:
    """0 for all, as for a limit that no table reaches."""
    return int(limit) if 0 < limit < 2**32 - 1 else 0


def _number(text: str | None, default: float = 0.0) -> float:
    try:
        number = float(text or default)
    except ValueError:
        return default
    return number if abs(number) < 1e15 else default


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
