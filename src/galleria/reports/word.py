"""Reports as Word documents (WordprocessingML): paragraphs, tables and pictures in order; charts become pictures.

Source: ECMA-376 part 1, chapters 17 (text), 20.4 (pictures in it) and 11.3 (the package).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from galleria.reports.cleaning import clean
from galleria.reports.colours import hex_colour
from galleria.reports.document import Report, Separator
from galleria.reports.flow import Block, Grid, Layers, PageBreak, Paragraph, Picture, Rule, Section, Style, Text, blocks_of
from galleria.reports.markup import escape
from galleria.reports.pictures import embedded, size_of
from galleria.reports.styles import border_of, parse_style, points
from galleria.reports.tables import Cell
from galleria.reports.typeset import drawing_as_png
from galleria.reports.word_package import DOCUMENT, EMPTY, NAMESPACES, PAGE_BREAK, RULE, Part, write_package

_ALIGNMENTS = {"right": "right", "center": "center", "justify": "both"}
_EMU_PER_POINT = 12_700


def write_word(report: Report, path: Path, folder: Path) -> None:
    """Write the report. `folder` is an empty one of the run's own. Raises as `typeset` does, for charts."""
    base = {name: report.style[name] for name in ("font-family", "font-size", "color") if name in report.style}
    room = _paper_width(report) - report.paper.left - report.paper.right
    main, header, footer = (_Writer(folder, room, base) for _ in range(3))
    between = {Separator.BREAKING: PAGE_BREAK, Separator.WHITESPACE: EMPTY * 2}.get(report.separator, "")
    body = between.join(main.of_snippet(snippet) for snippet in report.snippets)
    parts = {
        name: Part(f"<w:{tag} {NAMESPACES}>{writer.of_snippet(text) or EMPTY}</w:{tag}>", writer.pictures)
        for name, tag, text, writer in (("header", "hdr", report.header, header), ("footer", "ftr", report.footer, footer))
        if text
    }
    document = f"<w:document {NAMESPACES}><w:body>{body}{_page(report, parts)}</w:body></w:document>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        write_package(package, {DOCUMENT: Part(document, main.pictures), **parts})


def _paper_width(report: Report) -> float:
    return report.paper.width if report.paper.is_portrait else report.paper.height


def _page(report: Report, parts: dict[str, Part]) -> str:
    """The paper, in twentieths of a point, and which header and footer it has."""
    paper = report.paper
    width, height = (paper.width, paper.height) if paper.is_portrait else (paper.height, paper.width)
    turned = "" if paper.is_portrait else ' w:orient="landscape"'
    references = "".join(f'<w:{name}Reference w:type="default" r:id="{name}"/>' for name in parts)
    margins = " ".join(f'w:{side}="{getattr(paper, side) * 20:.0f}"' for side in ("top", "right", "bottom", "left"))
    first = "" if report.on_first_page else "<w:titlePg/>"
    size = f'<w:pgSz w:w="{width * 20:.0f}" w:h="{height * 20:.0f}"{turned}/>'
    return f'<w:sectPr>{references}{size}<w:pgMar {margins} w:header="360" w:footer="360" w:gutter="0"/>{first}</w:sectPr>'


@dataclass
class _Writer:
    folder: Path
    room: float
    """Width of the text, in points: pictures are no wider."""
    base: Style
    pictures: list[bytes] = field(default_factory=list[bytes])

    def of_snippet(self, snippet: str) -> str:
        return self._blocks(blocks_of(clean(snippet), self.base)) if snippet else ""

    def _blocks(self, blocks: Sequence[Block]) -> str:
        return "".join(self._block(block) for block in blocks)

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph():
                return _paragraph(block.align, "".join(self._part(part) for part in block.parts))
            case Grid():
                return self._table(block)
            case Layers():
                # Word has no place for what lies over other things in the flow of text: it stands below.
                return self._blocks([*block.base, *(one for _, _, blocks in block.over for one in blocks)])
            case Section():
                return self._blocks(block.blocks)
            case Rule():
                return RULE
            case PageBreak():
                return PAGE_BREAK

    def _part(self, part: Text | Picture) -> str:
        if isinstance(part, Picture):
            return self._picture(part)
        look = "".join(_look(part.style))
        words = "<w:br/>" if part.text == "\n" else f'<w:t xml:space="preserve">{escape(part.text)}</w:t>'
        return f"<w:r><w:rPr>{look}</w:rPr>{words}</w:r>"

    def _picture(self, part: Picture) -> str:
        style = parse_style(part.element.get("style", ""))
        is_drawing = part.element.tag == "svg"
        content = drawing_as_png(part.element, self.folder) if is_drawing else embedded(part.element.get("src", ""))
        own_width, own_height = size_of(content)
        # Drawings are made at twice their size; other pictures have 96 pixels an inch.
        wanted = own_width * 0.5 if is_drawing else points(style.get("width", "")) or own_width * 0.75
        width = min(wanted, self.room)
        self.pictures.append(content)
        return _drawing(len(self.pictures), width, width * own_height / own_width)

    def _table(self, grid: Grid) -> str:
        style = parse_style(grid.element.get("style", ""))
        is_layout = "layout" in grid.element.get("class", "")
        count = max((sum(cell.span for cell, _ in row) for row in grid.rows), default=1)
        frame = "".join(_borders("w:tblBorders", style))
        size = _size(style.get("width", ""))
        rows = "".join(self._row(row, count, is_layout=is_layout) for row in grid.rows)
        properties = f"<w:tblPr><w:tblW {size}/>{frame}</w:tblPr><w:tblGrid>{'<w:gridCol/>' * count}</w:tblGrid>"
        # Two tables would grow together without a paragraph between them.
        return f"<w:tbl>{properties}{rows}</w:tbl>{EMPTY}"

    def _row(self, row: list[tuple[Cell, list[Block]]], count: int, *, is_layout: bool) -> str:
        head = "<w:trPr><w:tblHeader/></w:trPr>" if row and not is_layout and all(cell.is_head for cell, _ in row) else ""
        cells = [self._cell(cell.style, cell.span, blocks) for cell, blocks in row]
        missing = count - sum(cell.span for cell, _ in row)
        return f"<w:tr>{head}{''.join(cells)}{self._cell({}, missing, []) if missing else ''}</w:tr>"

    def _cell(self, style: Style, span: int, blocks: Sequence[Block]) -> str:
        fill = hex_colour(style.get("background-color", ""))
        up = {"top": "top", "bottom": "bottom"}.get(style.get("vertical-align", ""), "center")
        size = _size(style.get("width", ""))
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill[1:]}"/>' if fill else ""
        spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        inside = self._blocks(blocks)
        # A cell must end with a paragraph.
        end = "" if inside.endswith("</w:p>") else EMPTY
        lines = "".join(_borders("w:tcBorders", style))
        return f'<w:tc><w:tcPr><w:tcW {size}/>{spans}{lines}{shade}<w:vAlign w:val="{up}"/></w:tcPr>{inside}{end}</w:tc>'


def _paragraph(align: str, runs: str) -> str:
    side = f'<w:jc w:val="{_ALIGNMENTS[align]}"/>' if align in _ALIGNMENTS else ""
    return f'<w:p><w:pPr><w:spacing w:before="0" w:after="0"/>{side}</w:pPr>{runs}</w:p>'


def _size(width: str) -> str:
    """A width as attributes: a share in fiftieths of a percent, a length in twentieths of a point."""
    if width.endswith("%"):
        return f'w:type="pct" w:w="{float(width[:-1]) * 50:.0f}"'
    found = points(width) if width else None
    return f'w:type="dxa" w:w="{found * 20:.0f}"' if found else 'w:type="auto" w:w="0"'


def _borders(tag: str, style: Style) -> Iterator[str]:
    """All four sides, in eighths of a point."""
    line = border_of(style.get("border", ""))
    if line:
        look = f'w:val="single" w:sz="{max(round(line[0] * 8), 2)}" w:space="0" w:color="{(hex_colour(line[1]) or "#000000")[1:]}"'
        yield f"<{tag}>{''.join(f'<w:{side} {look}/>' for side in ('top', 'left', 'bottom', 'right'))}</{tag}>"


def _look(style: Style) -> Iterator[str]:
    """How a run looks, in the order that the format asks for."""
    if family := style.get("font-family", "").split(",")[0].strip():
        yield f'<w:rFonts w:ascii="{escape(family)}" w:hAnsi="{escape(family)}" w:cs="{escape(family)}"/>'
    if style.get("font-weight", "") in ("bold", "bolder", "600", "700", "800", "900"):
        yield "<w:b/>"
    if style.get("font-style") == "italic":
        yield "<w:i/>"
    if style.get("text-decoration") == "line-through":
        yield "<w:strike/>"
    if colour := hex_colour(style.get("color", "")):
        yield f'<w:color w:val="{colour[1:]}"/>'
    if size := points(style.get("font-size", "")):
        yield f'<w:sz w:val="{size * 2:.0f}"/>'
    if style.get("text-decoration") == "underline":
        yield '<w:u w:val="single"/>'
    if back := hex_colour(style.get("background-color", "")):
        yield f'<w:shd w:val="clear" w:color="auto" w:fill="{back[1:]}"/>'
    if raised := {"top": "superscript", "bottom": "subscript"}.get(style.get("vertical-align", "")):
        yield f'<w:vertAlign w:val="{raised}"/>'


def _drawing(number: int, width: float, height: float) -> str:
    """A picture in the text, in English Metric Units."""
    size = f'cx="{width * _EMU_PER_POINT:.0f}" cy="{height * _EMU_PER_POINT:.0f}"'
    name = f'id="{number}" name="picture {number}"'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:docPr {name}/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="picture{number}"/>'
        f'<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
