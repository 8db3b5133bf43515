"""Report Text: makes a report's text of what was written, with values of fields in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.names import find_field, get_field, unique_name
from galleria.fields.types import Field
from galleria.reports.markup import Part, escape, snippet_field, together
from galleria.reports.pictures import picture, picture_markup
from galleria.reports.rtf import paragraphs_of
from galleria.reports.styles import font_style, style_attribute
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.report_values import value_markup

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

    @classmethod
    def read(cls, config: Configuration) -> Self:
        attached = config.value("HeaderField") if config.flag("HeaderMode") else ""
        if config.flag("HeaderMode") and not attached:
            raise ToolError("The field to attach the text to must be chosen.")
        position = config.choice("Position", ["Above", "Below", "Left", "Right"], "Above")
        return cls(tuple(_pieces(config)), config.value("Output") or "Text", attached, position)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows in their order, each with its text; one row where nothing is connected."""
        table = inputs.find("Input")
        if table is None:
            if self.attached_to:
                raise ToolError("The Input anchor must have an incoming connection.")
            field = snippet_field(self.name, "Text")
            text = together(*self._parts((), context)).alias(field.name)
            return Built({"Output": Table(pl.LazyFrame({"": [None]}).select(text), (field,))})
        text = together(*self._parts(table.fields, context))
        if not self.attached_to:
            field = snippet_field(unique_name(self.name, table.names), "Text")
            return Built({"Output": table.with_columns({field.name: text}, (*table.fields, field))})
        field = table.field(self.attached_to)
        return Built({"Output": table.with_columns({field.name: self._joined(text, column(field.name))}, table.fields)})

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
    if re.search(r"<\s*htmlpassthrough", message, re.IGNORECASE):
        raise UnsupportedError(PLUGIN, "HTML that is passed through as it is (htmlpassthrough)")
    pieces: list[Piece] = []
    end = 0
    for found in _REFERENCE_OR_FIELD.finditer(message):
        pieces += [message[end : found.start()], Reference(found["field"], found["format"] or "A", found[0])]
        end = found.end()
    return [*pieces, message[end:]]


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
