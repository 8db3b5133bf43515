"""Cleaned markup as paragraphs, tables and pictures in order: what every writer of pages walks through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from galleria.reports.styles import parse_style
from galleria.reports.tables import Cell, rows_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

Style = Mapping[str, str]


@dataclass(frozen=True)
class Text:
    text: str
    """`\\n` alone is a line break."""
    style: Style
    link: str = ""


@dataclass(frozen=True)
class Picture:
    """An `img` or `svg` element."""

    element: Element


@dataclass(frozen=True)
class Paragraph:
    align: str
    parts: list[Text | Picture]


@dataclass(frozen=True)
class Grid:
    """A table; each cell with its blocks."""

    element: Element
    rows: list[list[tuple[Cell, list[Block]]]]


@dataclass(frozen=True)
class Layers:
    base: list[Block]
    over: list[tuple[str, Style, list[Block]]]
    """Place (`tl` to `lr`), style with the distances, blocks."""


@dataclass(frozen=True)
class Section:
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Rule:
    """A line across the page."""


@dataclass(frozen=True)
class PageBreak:
    """A new page begins."""


Block = Paragraph | Grid | Layers | Section | Rule | PageBreak

_HEADINGS = {f"h{level}": size for level, size in enumerate(("24pt", "18pt", "14pt", "12pt", "11pt", "10pt"), 1)}
_MARKS = {
    "b": ("font-weight", "bold"), "strong": ("font-weight", "bold"), "i": ("font-style", "italic"), "em": ("font-style", "italic"),
    "u": ("text-decoration", "underline"), "s": ("text-decoration", "line-through"),
    "sup": ("vertical-align", "top"), "sub": ("vertical-align", "bottom"),
}  # laid out by meaning # fmt: skip
_INHERITED = ("color", "font-family", "font-size", "font-weight", "font-style", "text-decoration", "text-align")


def blocks_of(element: Element, style: Style) -> list[Block]:
    """The blocks in an element that was read by `cleaning.clean`; `style` is what holds around it."""
    flow = _Flow(style.get("text-align", "left"))
    flow.walk(element, style)
    flow.end()
    return flow.blocks


@dataclass
class _Flow:
    align: str
    blocks: list[Block] = field(default_factory=list["Block"])
    parts: list[Text | Picture] = field(default_factory=list["Text | Picture"])

    def end(self) -> None:
        """Close the paragraph at hand."""
        if any(isinstance(part, Picture) or part.text.strip(" ") for part in self.parts):
            self.blocks.append(Paragraph(self.align, self.parts))
        self.parts = []

    def walk(self, element: Element, style: Style, link: str = "") -> None:
        self._say(element.text, style, link)
        for child in element:
            self._take(child, style, link)
            self._say(child.tail, style, link)

    def _say(self, text: str | None, style: Style, link: str) -> None:
        if text:
            self.parts.append(Text(re.sub(r"[ \t\r\n]+", " ", text), style, link))

    def _take(self, child: Element, style: Style, link: str) -> None:
        tag = str(child.tag)
        own = {**{name: style[name] for name in _INHERITED if name in style}, **parse_style(child.get("style", ""))}
        if tag in ("img", "svg"):
            self.parts.append(Picture(child))
        elif tag == "br":
            self.parts.append(Text("\n", style))
        elif tag in ("hr", "table", "section") or "overlay" in child.get("class", ""):
            self.end()
            self.blocks.append(_whole(child, own))
        elif tag in ("p", "div", "ul", "ol", "li", *_HEADINGS):
            self._block(child, tag, own, link)
        else:
            name, value = _MARKS.get(tag, ("", ""))
            marked = {**own, name: value} if name else own
            if "background-color" in style and "background-color" not in marked:
                marked["background-color"] = style["background-color"]
            self.walk(child, marked, child.get("href", link))

    def _block(self, child: Element, tag: str, style: dict[str, str], link: str) -> None:
        if tag in _HEADINGS:
            style = {"font-weight": "bold", "font-size": _HEADINGS[tag], **style}
        self.end()
        around, self.align = self.align, child.get("align") or style.get("text-align", self.align)
        if tag == "li":
            self.parts.append(Text("\u2022 ", style))
        self.walk(child, style, link)
        self.end()
        self.align = around


def _whole(element: Element, style: dict[str, str]) -> Block:
    if element.tag == "hr":
        return PageBreak() if element.get("class") == "break" else Rule()
    if element.tag == "section":
        return Section(element.get("title", ""), blocks_of(element, style))
    if element.tag == "table":
        outer = {name: value for name, value in style.items() if name in _INHERITED and name != "text-align"}
        return Grid(element, [[(cell, _inside(cell, outer)) for cell in row] for row in rows_of(element)])
    base: list[Block] = []
    over: list[tuple[str, Style, list[Block]]] = []
    for child in element:
        classes = child.get("class", "").split()
        inside = blocks_of(child, style)
        if "base" in classes:
            base += inside
        elif len(classes) == 2:
            over.append((classes[1], parse_style(child.get("style", "")), inside))
    return Layers(base, over)


def _inside(cell: Cell, outer: Style) -> list[Block]:
    style = {name: value for name, value in {**outer, **cell.style}.items() if name in _INHERITED}
    return blocks_of(cell.element, style)
