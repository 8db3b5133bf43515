"""Report Text: makes a report's text of what was written, with values of fields in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl
from lxml import etree
from lxml.html import fragment_fromstring

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.names import find_field, get_field, unique_name
from galleria.fields.types import Field
from galleria.reports.markup import Part, escape, snippet_field, together
from galleria.reports.pictures import picture, picture_markup
from galleria.reports.rtf import paragraphs_of
from galleria.reports.styles import font_style, style_attribute
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool, warning
from galleria.tools.report_values import shown_markup, value_markup

PLUGIN = "PortfolioPluginsGui.ComposerText.PortfolioComposerText"


@dataclass(frozen=True)
class Reference:
    """Where a field's value stands in the text."""

    field: str
    format: str
    """`A` for as it is, or a number of decimal places."""
    written: str


Piece = str | Reference
"""Markup, or a value."""


@dataclass(frozen=True)
class ReportText(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", optional=True),)

    pieces: tuple[Piece, ...]
    name: str
    attached_to: str
    """The report field that the text joins; empty for a field of its own."""
    position: str
    passes_html: bool = False
    """Some of the markup is HTML that the user wrote for browsers."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        attached = config.value("HeaderField") if config.flag("HeaderMode") else ""
        if config.flag("HeaderMode") and not attached:
            raise ToolError("The field to attach the text to must be chosen.")
        position = config.choice("Position", ["Above", "Below", "Left", "Right"], "Above")
        passes_html = config.flag("RawMode") and _PASSED_THROUGH.search(config.value("Message")) is not None
        return cls(tuple(_pieces(config)), config.value("Output") or "Text", attached, position, passes_html)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows in their order, each with its text; one row where nothing is connected."""
        return Built({"Output": self._output(inputs, context)}, notes=[warning(_ONLY_MARKUP)] if self.passes_html else [])

    def _output(self, inputs: Inputs, context: Context) -> Table:
        table = inputs.find("Input")
        if table is None:
            if self.attached_to:
                raise ToolError("The Input anchor must have an incoming connection.")
            field = snippet_field(self.name, "Text")
            text = together(*self._parts((), context)).alias(field.name)
            return Table(pl.LazyFrame({"": [None]}).select(text), (field,))
        text = together(*self._parts(table.fields, context))
        if not self.attached_to:
            field = snippet_field(unique_name(self.name, table.names), "Text")
            return table.with_columns({field.name: text}, (*table.fields, field))
        field = table.field(self.attached_to)
        joined = self._joined(text, shown_markup(field))
        if field.type.is_variable:
            return table.with_columns({field.name: joined}, table.fields)
        fields = [snippet_field(one.name, "Text") if one is field else one for one in table.fields]
        return table.with_columns({field.name: joined}, fields)

    def _parts(self, fields: Sequence[Field], context: Context) -> list[Part]:
        return [piece if isinstance(piece, str) else _value(piece, fields, context) for piece in self.pieces]

    def _joined(self, text: pl.Expr, other: pl.Expr) -> pl.Expr:
        first, second = (text, other) if self.position in ("Above", "Left") else (other, text)
        if self.position in ("Above", "Below"):
            return together(first, second)
        return together('<table class="layout"><tr><td>', first, "</td><td>", second, "</td></tr></table>")


def _pieces(config: Configuration) -> list[Piece]:
    if config.flag("RawMode"):
        return _raw(config.value("Message"))
    if config.flag("RichTextMode"):
        return _rich(config)
    style = config.child("Styles/Style")
    names = ("FontName", "FontSize", "ForeColor")
    look = font_style(*(style.attribute(name) for name in names))
    text = [*_split(config.value("Message"), _REFERENCE_OR_FIELD, {})]
    return ["<p>", f"<span{style_attribute(look)}>", *text, "</span></p>"]


def _raw(message: str) -> list[Piece]:
    message = _PASSED_THROUGH.sub(lambda found: _well_formed(found["html"]), message)
    pieces: list[Piece] = []
    end = 0
    for found in _REFERENCE_OR_FIELD.finditer(message):
        pieces += [message[end : found.start()], Reference(found["field"], found["format"] or "A", found[0])]
        end = found.end()
    return [*pieces, message[end:]]


def _well_formed(html: str) -> str:
    """What a browser would understand, as markup that whoever shows it can read."""
    text = re.sub(r"<!\[CDATA\[|\]\]>", "", html)
    if not text.strip():
        return ""
    try:
        return etree.tostring(fragment_fromstring(text, create_parent="div"), encoding="unicode")
    except (etree.LxmlError, ValueError) as error:
        raise ToolError(f"The HTML that is passed through cannot be read: {error}") from error


def _rich(config: Configuration) -> list[Piece]:
    pictures = {image.attribute("key"): picture_markup(picture(image.text, PLUGIN), {}) for image in config.each("Images/Image")}
    pieces: list[Piece] = ['<div class="text">']
    for paragraph in paragraphs_of(config.value("RichTextString")):
        style = {"text-align": paragraph.align} if paragraph.align != "left" else {}
        pieces.append(f"<p{style_attribute(style)}>")
        for run in paragraph.runs:
            pieces += [f"<span{style_attribute(run.style)}>", *_split(run.text, _REFERENCE, pictures), "</span>"]
        pieces.append("</p>" if paragraph.runs else "<br/></p>")
    return [*pieces, "</div>"]


_PASSED_THROUGH = re.compile(r"(?is)<\s*htmlpassthrough[^>]*>(?P<html>.*?)(?:<\s*/\s*htmlpassthrough\s*>|\Z)")
_ONLY_MARKUP = (
    "Of HTML that is passed through, reports show texts, tables, links and their styles; scripts, forms and style sheets are left out."
)
_REFERENCE = re.compile(r"\[(?P<field>[^\[\]]+):(?P<format>\w+)\]")
_REFERENCE_OR_FIELD = re.compile(r"\[(?P<field>[^\[\]:]+)(?::(?P<format>\w+))?\]")
_TAGS = re.compile(r"<(?:(?P<tag>hr\s*/|/?su[bp])|pictKey (?P<picture>-?\d+))>", re.IGNORECASE)


def _split(text: str, references: re.Pattern[str], pictures: Mapping[str, str]) -> list[Piece]:
    """A written text as markup, its references and special tags apart."""
    pieces: list[Piece] = []
    end = 0
    for found in references.finditer(text):
        pieces += [_tagged(text[end : found.start()], pictures), Reference(found["field"], found["format"] or "A", found[0])]
        end = found.end()
    return [piece for piece in (*pieces, _tagged(text[end:], pictures)) if piece]


def _tagged(text: str, pictures: Mapping[str, str]) -> str:
    """Text without references as markup; the editor's tags for lines, raised and lowered text and pictures mean what they say."""
    markup, end = "", 0
    for found in _TAGS.finditer(text):
        meant = f"<{found['tag'].lower().replace(' ', '')}>" if found["tag"] else pictures.get(found["picture"], "")
        markup += escape(text[end : found.start()]) + meant
        end = found.end()
    return markup + escape(text[end:])


def _value(reference: Reference, fields: Sequence[Field], context: Context) -> Part:
    if not (reference.format == "A" or reference.format.isdecimal()):
        raise UnsupportedError(PLUGIN, f"the format {reference.format} of a field in the text")
    if find_field(fields, reference.field) is None and ":" not in reference.written:
        return escape(reference.written)
    return value_markup(get_field(fields, reference.field), reference.format, context)
