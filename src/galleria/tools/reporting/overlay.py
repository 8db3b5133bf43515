"""Overlay: lays report snippets over another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import columns
from galleria.fields.names import unique_name
from galleria.reports.markup import snippet_field, together
from galleria.reports.styles import style_attribute
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool
from galleria.tools.report_values import shown_markup

_PLACES = ("TL", "TC", "TR", "ML", "MC", "MR", "LL", "LC", "LR")
_SNIPPET = "overlay snippet"


@dataclass(frozen=True)
class Overlay(Tool):
    plugins: ClassVar[Sequence[str]] = ("PortfolioPluginsGui.ComposerOverlay.Overlay",)

    base: str
    over: Mapping[str, str]
    """The field for each place that has one: `TL` is top left, `MC` the middle, `LR` lower right."""
    padding: Mapping[str, int]
    """Pixels from an edge (`left`, `right`, `top`, `bottom`) of the base to what lies at it."""
    keeps_fields: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if not config.value("Field_Base"):
            raise ToolError("The field that the others lie on must be chosen.")
        over = {place: config.value(f"Field_{place}") for place in _PLACES}
        padding = config.child("Padding")
        return cls(
            base=config.value("Field_Base"),
            over={place: field for place, field in over.items() if field},
            padding={side.lower(): padding.attribute_whole(side) for side in ("Left", "Right", "Top", "Bottom")},
            keeps_fields=config.flag("PreserveSourceFields"),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The rows in their order; the fields that went into the overlay go unless they are to be kept."""
        table = inputs.one()
        base = table.field(self.base)
        over = {place: table.field(name) for place, name in self.over.items()}
        parts: list[pl.Expr | str] = ['<div class="overlay"><div class="base">', shown_markup(base), "</div>"]
        for place, field in over.items():
            parts += [f'<div class="on {place.lower()}"{self._offset(place)}>', shown_markup(field), "</div>"]
        used = [base, *over.values()]
        kept = [field for field in table.fields if self.keeps_fields or field not in used]
        field = snippet_field(unique_name("Overlay", [one.name for one in kept]), "Overlay")
        frame = table.frame.with_columns(together(*parts, "</div>").alias(_SNIPPET))
        laid_out = frame.select(*columns(one.name for one in kept), pl.col(_SNIPPET).alias(field.name))
        return Built({"Output": table.same_rows(laid_out, (*kept, field))})

    def _offset(self, place: str) -> str:
        """How far what lies at an edge stays from it; what lies in the middle has no edge."""
        sides = {"T": "top", "L": "bottom"}.get(place[0]), {"L": "left", "R": "right"}.get(place[1])
        return style_attribute({f"padding-{side}": f"{self.padding[side]}px" for side in sides if side and self.padding[side]})
