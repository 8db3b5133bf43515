"""Reports as pages: PDF, or a picture of them. Set by Typst, which gets the report as data and never as its own language.

Needs the extra `reports`. Source: typst-py, `typst.compile`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from galleria.errors import InvalidError, UnsupportedError
from galleria.reports.cleaning import clean
from galleria.reports.colours import hex_colour
from galleria.reports.document import Report, Separator
from galleria.reports.flow import Block, Grid, Layers, PageBreak, Paragraph, Picture, Rule, Section, Style, Text, blocks_of
from galleria.reports.pictures import embedded, kind_of
from galleria.reports.styles import border_of, parse_style, points

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

_SANS = ["Arial", "Liberation Sans", "Helvetica", "DejaVu Sans", "Libertinus Serif"]
_SERIF = ["Libertinus Serif"]
_MONO = ["DejaVu Sans Mono"]
_FALLBACKS = {"courier": _MONO, "consol": _MONO, "mono": _MONO, "times": _SERIF, "georgia": _SERIF, "cambria": _SERIF}

Node = dict[str, Any]


def typeset(report: Report, title: str, folder: Path, kind: str, resolution: float = 96) -> bytes:
    """The report as a `pdf`, or as a `png` of one page as long as it must be. `folder` is an empty one of the run's own.

    Raises UnsupportedError where the extra is missing, InvalidError where the report cannot be set.
    """
    (folder / "report.json").write_text(json.dumps(_data(report, title, folder, kind)), encoding="utf-8")
    return _compiled(resources.files("galleria.reports").joinpath("report.typ").read_bytes(), folder, kind, resolution)


def drawing_as_png(drawing: Element, folder: Path) -> bytes:
    """An `svg` element as a picture, at twice its size. `folder`, errors: as `typeset`."""
    (folder / "drawing.svg").write_bytes(_svg(drawing))
    source = b'#set page(width: auto, height: auto, margin: 0pt)\n#image("drawing.svg")'
    return _compiled(source, folder, "png", 144)


def _compiled(source: bytes, folder: Path, kind: str, resolution: float) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise UnsupportedError(f"Reports as {kind.upper()}", 'this server lacks the extra "reports"') from error
    template = folder / "report.typ"
    template.write_bytes(source)
    try:
        if kind == "pdf":
            return typst.compile(template, root=folder, format="pdf") or b""
        return typst.compile(template, root=folder, format="png", ppi=resolution) or b""
    except RuntimeError as error:
        raise InvalidError(f"the report cannot be laid out in pages: {str(error).splitlines()[0]}") from error


def _svg(drawing: Element) -> bytes:
    """The drawing as a file of its own: the tree was read without namespaces."""
    drawing.set("xmlns", "http://www.w3.org/2000/svg")
    return etree.tostring(drawing, with_tail=False)


def _data(report: Report, title: str, folder: Path, kind: str) -> Node:
    paper = report.paper
    width, height = (paper.width, paper.height) if paper.is_portrait else (paper.height, paper.width)
    walker = _Walker(folder, {"text-align": report.style.get("text-align", "left")}, kind == "pdf")
    between: list[Node] = {
        Separator.BREAKING: [{"kind": "break" if kind == "pdf" else "rule"}],
        Separator.WHITESPACE: [_EMPTY, _EMPTY],
    }.get(report.separator, [])
    blocks: list[Node] = []
    for position, snippet in enumerate(report.snippets):
        blocks += [*(between if position else []), *walker.of_snippet(snippet)]
    return {
        "title": title, "width": width, "height": height if kind == "pdf" else None, "first": report.on_first_page,
        "left": paper.left, "right": paper.right, "top": paper.top, "bottom": paper.bottom,
        "size": points(report.style.get("font-size", "")) or 14,
        "fonts": _fonts(report.style.get("font-family", "Arial")),
        "colour": hex_colour(report.style.get("color", "")) or "#000000",
        "header": walker.of_snippet(report.header), "footer": walker.of_snippet(report.footer), "blocks": blocks,
    }  # laid out by meaning # fmt: skip


def _fonts(family: str) -> list[str]:
    names = [name.strip() for name in family.split(",") if name.strip()]
    fallback = next((fonts for part, fonts in _FALLBACKS.items() if part in family.lower()), _SANS)
    generic = ("sans-serif", "serif", "monospace")
    return list(dict.fromkeys([*(name for name in names if name.lower() not in generic), *fallback]))


_EMPTY: Node = {"kind": "paragraph", "align": "left", "parts": [{"kind": "line"}]}


@dataclass
class _Walker:
    folder: Path
    """Where pictures are written."""
    style: Mapping[str, str]
    """Around every snippet."""
    has_pages: bool
    files: dict[bytes, str] = field(default_factory=dict[bytes, str])

    def of_snippet(self, snippet: str) -> list[Node]:
        return self._blocks(blocks_of(clean(snippet), self.style)) if snippet else []

    def _blocks(self, blocks: Sequence[Block]) -> list[Node]:
        return [self._block(block) for block in blocks]

    def _block(self, block: Block) -> Node:
        match block:
            case Paragraph():
                return {"kind": "paragraph", "align": block.align, "parts": [self._part(part) for part in block.parts]}
            case Grid():
                return self._grid(block)
            case Layers():
                over = [self._layer(place, style, blocks) for place, style, blocks in block.over]
                return {"kind": "layers", "base": self._blocks(block.base), "over": over}
            case Section():
                return {"kind": "section", "blocks": self._blocks(block.blocks)}
            case Rule():
                return {"kind": "rule"}
            case PageBreak():
                return {"kind": "break"} if self.has_pages else {"kind": "rule"}

    def _layer(self, place: str, style: Style, blocks: Sequence[Block]) -> Node:
        left, right, top, bottom = (points(style.get(f"padding-{side}", "")) or 0 for side in ("left", "right", "top", "bottom"))
        return {"place": place, "right": left - right, "down": top - bottom, "blocks": self._blocks(blocks)}

    def _part(self, part: Text | Picture) -> Node:
        if isinstance(part, Picture):
            return self._picture(part.element)
        if part.text == "\n":
            return {"kind": "line"}
        style = part.style
        return {
            "kind": "text",
            "text": part.text,
            "link": part.link,
            "size": points(style.get("font-size", "")),
            "fonts": _fonts(style["font-family"]) if "font-family" in style else [],
            "colour": hex_colour(style.get("color", "")),
            "back": hex_colour(style.get("background-color", "")),
            "bold": style.get("font-weight", "") in ("bold", "bolder", "600", "700", "800", "900"),
            "italic": style.get("font-style") == "italic",
            "line": style.get("text-decoration", ""),
            "raised": style.get("vertical-align", ""),
        }

    def _picture(self, element: Element) -> Node:
        style = parse_style(element.get("style", ""))
        if element.tag == "svg":
            content, kind = _svg(element), "svg"
            size = [element.get("width", ""), element.get("height", "")]
            width, height = (float(number) * 0.75 if re.fullmatch(r"\d+(\.\d+)?", number) else None for number in size)
        else:
            content = embedded(element.get("src", ""))
            kind = kind_of(content) or "png"
            width, height = points(style.get("width", "")), points(style.get("height", ""))
        if content not in self.files:
            self.files[content] = f"picture{len(self.files)}.{kind}"
            (self.folder / self.files[content]).write_bytes(content)
        return {"kind": "picture", "file": self.files[content], "width": width, "height": height}

    def _grid(self, grid: Grid) -> Node:
        style = parse_style(grid.element.get("style", ""))
        is_layout = "layout" in grid.element.get("class", "")
        heads = 0
        while not is_layout and heads < len(grid.rows) and grid.rows[heads] and all(cell.is_head for cell, _ in grid.rows[heads]):
            heads += 1
        rows = [[self._cell(cell.style, cell.span, blocks, is_layout) for cell, blocks in row] for row in grid.rows]
        count = max((sum(cell["span"] for cell in row) for row in rows), default=1)
        for row in rows:
            missing = count - sum(cell["span"] for cell in row)
            if missing:
                row.append(self._cell({}, missing, [], is_layout))
        width = style.get("width", "")
        return {
            "kind": "grid",
            "columns": _columns(grid, count, is_stretched=bool(width)),
            "head": [cell for row in rows[:heads] for cell in row],
            "cells": [cell for row in rows[heads:] for cell in row],
            "line": border_of(style.get("border", "")),
            "width": width if width.endswith("%") else points(width) if width else None,
            "height": points(style.get("height", "")),
        }

    def _cell(self, style: Style, span: int, blocks: Sequence[Block], is_layout: bool) -> Node:
        inset = points(style.get("padding", ""))
        return {
            "span": span,
            "fill": hex_colour(style.get("background-color", "")),
            "align": style.get("text-align", "left"),
            "up": style.get("vertical-align", "top" if is_layout else "middle"),
            "line": border_of(style.get("border", "")),
            "inset": inset if inset is not None else 0 if is_layout else 2,
            "blocks": self._blocks(blocks),
        }


def _columns(grid: Grid, count: int, *, is_stretched: bool) -> list[float | str]:
    """The tracks: widths of the columns or else of the first cells that have any; the others share what is left."""
    widths: list[float | str] = ["fr" if is_stretched else "auto"] * count
    for row in grid.rows[:1]:
        for cell, _ in row:
            width = cell.style.get("width", "")
            if width and cell.span == 1 and cell.column < count:
                widths[cell.column] = width if width.endswith("%") else points(width) or widths[cell.column]
    return widths
