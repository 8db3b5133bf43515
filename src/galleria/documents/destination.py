"""Where an action writes: `12/SelectFields/SelectField[@field='a']/@rename`, a tool id and a path in its configuration.

The paths are a small part of XPath: child names, 1-based positions, and attributes that equal a text, which may hold
anything (field names do). They are read here and not by an XPath engine, because they come from strangers.
Source: tools.md 11.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from galleria.documents.xml import Element, parse_fragment
from galleria.errors import InvalidError

_TOOL = re.compile(r"\s*(-?\d+)\s*(?:/|$)")
# Atomic and possessive: what a stranger wrote is tried one way only.
_STEP = re.compile(
    r"""(?P<name>[^/\[\]@][^/\[\]]*)(?P<tests>(?>\[\d+\]|\[@[^=\]]+=(?:'.*?'|".*?")\](?=[/\[]|$))*+)(?:/|$)""",
    re.DOTALL,
)
_TEST = re.compile(r"""\[(?:(?P<position>\d+)|@(?P<attribute>[^=\]]+)=(?P<quote>['"])(?P<value>.*?)(?P=quote))\](?=[/\[]|$)""", re.DOTALL)
_ATTRIBUTE = re.compile(r"@([^/\[\]]+)$")


@dataclass(frozen=True)
class Step:
    name: str
    tests: Sequence[int | tuple[str, str]] = ()
    """A 1-based position among what is left, or an attribute and its value."""


@dataclass(frozen=True)
class Destination:
    text: str
    tool_id: int
    steps: Sequence[Step]
    """From the configuration down; none for the configuration itself."""
    attribute: str = ""
    """Empty for the element's text."""


def parse_destination(text: str) -> Destination:
    """Read a destination; raises InvalidError on one that says nothing."""
    tool = _TOOL.match(text)
    if tool is None:
        raise InvalidError(f"the destination {text!r} does not begin with a tool id")
    at, steps, attribute = tool.end(), list[Step](), ""
    while at < len(text):
        if found := _ATTRIBUTE.match(text, at):
            attribute = found.group(1).strip()
            break
        step = _STEP.match(text, at)
        if step is None:
            raise InvalidError(f"the destination {text!r} cannot be understood at {text[at:]!r}")
        steps.append(Step(step["name"].strip(), tuple(_tests(step["tests"]))))
        at = step.end()
    return Destination(text, int(tool.group(1)), tuple(steps), attribute)


@dataclass(frozen=True)
class Place:
    """A destination found in a configuration."""

    element: Element
    attribute: str

    @property
    def text(self) -> str:
        return (self.element.get(self.attribute) if self.attribute else self.element.text) or ""

    def write(self, text: str) -> None:
        """Put a text there; what the element holds besides its text stays."""
        try:
            if self.attribute:
                self.element.set(self.attribute, text)
            else:
                self.element.text = text
        except ValueError:
            raise InvalidError("the value holds characters that a configuration cannot hold") from None

    @property
    def inner_xml(self) -> str:
        """What the element holds, as XML."""
        children = "".join(etree.tostring(child, encoding="unicode") for child in self.element)
        return _escaped(self.element.text or "") + children

    @property
    def outer_xml(self) -> str:
        return etree.tostring(self.element, encoding="unicode", with_tail=False)

    def write_inner(self, xml: str) -> None:
        """Replace what the element holds; its attributes stay. Raises InvalidError where this is no XML."""
        pieces = parse_fragment(xml, "the new XML")
        for child in list(self.element):
            self.element.remove(child)
        self.element.text = None
        _append(self.element, pieces)

    def write_outer(self, xml: str) -> Element | None:
        """Replace the element. The new element where it was the whole configuration, None elsewhere."""
        pieces = parse_fragment(xml, "the new XML")
        parent = self.element.getparent()
        if parent is None:
            elements = [piece for piece in pieces if not isinstance(piece, str)]
            if len(elements) != 1:
                raise InvalidError(f"the new XML of a whole configuration must be one element, not {len(elements)}")
            return elements[0]
        rest = [parent.text, *list(parent)]
        at = rest.index(self.element)
        tail, self.element.tail = self.element.tail, None
        following = list(parent)[at:]
        for child in [self.element, *following]:
            parent.remove(child)
        _append(parent, [*pieces, *([tail] if tail else [])])
        parent.extend(following)
        return None


def find_place(destination: Destination, configuration: Element) -> Place | None:
    """The first place that fits. An attribute need not be there yet."""
    found = next(_matching(configuration, destination.steps), None)
    return None if found is None else Place(found, destination.attribute)


def _matching(element: Element, steps: Sequence[Step]) -> Iterator[Element]:
    if not steps:
        yield element
        return
    step, rest = steps[0], steps[1:]
    for child in _selected((child for child in element if child.tag == step.name), step.tests):
        yield from _matching(child, rest)


def _selected(children: Iterator[Element], tests: Sequence[int | tuple[str, str]]) -> Iterator[Element]:
    for test in tests:
        children = islice(children, max(test - 1, 0), max(test, 0)) if isinstance(test, int) else filter(_Equals(*test), children)
    return children


@dataclass(frozen=True)
class _Equals:
    attribute: str
    value: str

    def __call__(self, element: Element) -> bool:
        return element.get(self.attribute) == self.value


def _tests(text: str) -> Iterator[int | tuple[str, str]]:
    for test in _TEST.finditer(text):
        yield int(test["position"]) if test["position"] else (test["attribute"].strip(), test["value"])


def _append(parent: Element, pieces: Sequence[Element | str]) -> None:
    """Add elements and texts at the end."""
    for piece in pieces:
        if not isinstance(piece, str):
            parent.append(piece)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + piece
        else:
            parent.text = (parent.text or "") + piece


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
