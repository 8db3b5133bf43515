"""XML as rows: the elements of a document, each with its attributes, its text and its children's.

Read as bytes by expat, without entities of the document's own, without namespaces: names stay as they are written,
and a fragment cut from a larger document may use prefixes that it does not declare.
Source: help page "Reading XML" (2020.2, 2021.1); saved schemas of real workflows (`tools.md` 7.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType, errors

from galleria.errors import InvalidError


@dataclass(frozen=True)
class XmlOptions:
    element: str = ""
    """The name of the elements that become rows; empty finds the root's children by itself."""
    root: bool = False
    """The root element is the only row, whatever `element` says."""
    child_values: bool = True
    outer_xml: bool = False


@dataclass
class _Element:
    name: str
    attributes: dict[str, str]
    start: int
    """Byte offset of its tag."""
    end: int = 0
    texts: list[str] = field(default_factory=list[str])
    children: list[_Element] = field(default_factory=list["_Element"])

    @property
    def text(self) -> str:
        """Its own text, blanks and all, without its children's."""
        return "".join(self.texts)


def read_rows(text: str, options: XmlOptions) -> list[dict[str, str]]:
    """One dict for each element that is a row: values by column name, in document order.

    Columns: the element's text under its own name, its attributes, then (as asked for) `<name>_OuterXML`, each child's
    text under the child's name and its attributes as `<child>_<attribute>`. A child's name that occurs again is numbered
    from 2 on; from 1 where it is the element's own. Raises InvalidError where the text is no well-formed XML.
    """
    data = text.lstrip("\ufeff \t\r\n").encode("utf-8", "surrogatepass")
    root = _parse(data)
    return [_row(element, data, options) for element in _rows(root, options)]


def _rows(root: _Element, options: XmlOptions) -> list[_Element]:
    if options.root:
        return [root]
    if options.element:
        return list(_outermost(root, options.element))
    parent, name = _repeated(root)
    return [child for child in parent.children if child.name == name]


def _outermost(root: _Element, name: str) -> Iterator[_Element]:
    """The elements of that name in document order, those inside one of them left out."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.name == name:
            yield element
        else:
            waiting.extend(reversed(element.children))


def _repeated(root: _Element) -> tuple[_Element, str]:
    """On the uppermost level where a parent has children of one name: the parent that has most, and the name; else the root and its first.

    Source: a saved schema (of a worksheet, `row` below `sheetData` is found, and not the fewer `col` below `cols` before it).
    """
    level = [root]
    while level:
        best, best_name, most = root, "", 1
        for parent in level:
            for name, count in Counter(child.name for child in parent.children).most_common(1):
                if count > most:
                    best, best_name, most = parent, name, count
        if best_name:
            return best, best_name
        level = [child for parent in level for child in parent.children]
    return root, root.children[0].name if root.children else ""


def _row(element: _Element, data: bytes, options: XmlOptions) -> dict[str, str]:
    row = {element.name: element.text}
    for name, value in element.attributes.items():
        _put(row, name, value)
    if options.outer_xml:
        _put(row, f"{element.name}_OuterXML", _outer(element, data))
    if options.child_values:
        _put_children(row, element, data, options)
    return row


def _put_children(row: dict[str, str], element: _Element, data: bytes, options: XmlOptions) -> None:
    seen: Counter[str] = Counter()
    for child in element.children:
        seen[child.name] += 1
        first = seen[child.name] == 1 and child.name != element.name
        name = child.name if first else f"{child.name}_{seen[child.name]}"
        _put(row, name, child.text)
        for attribute, value in child.attributes.items():
            _put(row, f"{name}_{attribute}", value)
        if options.outer_xml:
            _put(row, f"{name}_OuterXML", _outer(child, data))


def _put(row: dict[str, str], name: str, value: str) -> None:
    """Under that name, or the first free one counted up from it."""
    number, free = 2, name
    while free in row:
        free, number = f"{name}_{number}", number + 1
    row[free] = value


def _outer(element: _Element, data: bytes) -> str:
    return data[element.start : element.end].decode("utf-8", "surrogatepass")


def _parse(data: bytes) -> _Element:
    builder = _Builder()
    parser = ParserCreate("utf-8")
    builder.listen_to(parser)
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise InvalidError(f"XmlParse Error: {errors.messages[error.code]} in line {error.lineno}, column {error.offset + 1}.") from error
    return builder.result(len(data))


class _Builder:
    """Builds the tree from the parser's events; an element ends where the next event begins."""

    def __init__(self) -> None:
        self.open: list[_Element] = []
        self.ended: list[_Element] = []
        self.root: _Element | None = None

    def listen_to(self, parser: XMLParserType) -> None:
        self.parser = parser
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.DefaultHandlerExpand = lambda _: self.settle()
        parser.EntityDeclHandler = self.refuse

    def result(self, size: int) -> _Element:
        assert self.root is not None, "expat takes no document without a root"
        self.settle(size)
        return self.root

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.settle()
        element = _Element(name, attributes, self.parser.CurrentByteIndex)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _: str) -> None:
        self.settle()
        self.ended.append(self.open.pop())

    def text(self, text: str) -> None:
        self.settle()
        self.open[-1].texts.append(text)

    def settle(self, position: int | None = None) -> None:
        for element in self.ended:
            element.end = self.parser.CurrentByteIndex if position is None else position
        self.ended.clear()

    def refuse(self, *_: object) -> None:
        raise InvalidError("XmlParse Error: a document that defines its own entities is not read.")
