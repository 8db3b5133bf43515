"""Brings together the rows of two streams whose spatial objects lie to each other in a certain way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.spatial.columns import shapes_of
from galleria.spatial.relation import BOXES, CONTAINS, INTERSECTS, WITHIN, related
from galleria.spatial.tables import Pairs, paired, unpaired
from galleria.table.select_list import SelectList, Stream, lay_out, pick_column
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.select_configuration import read_joined_select_list
from galleria.tools.spatial_fields import spatial_field

PLUGIN = "AlteryxSpatialPluginsGui.SpatialMatch.SpatialMatch"
_NAMED = {name.casefold(): name for name in (INTERSECTS, CONTAINS, WITHIN)} | {
    "touches": "FT*******|F**T*****|F***T****",
    "touchesorintersects": "T********|*T*******|***T*****|****T****",
}


@dataclass(frozen=True)
class SpatialMatch(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Targets"), Anchor("Universe"))
    outputs: ClassVar[Sequence[str]] = ("Matched", "Unmatched")

    target: str
    universe: str
    relation: str
    fields: SelectList

    @classmethod
    def read(cls, config: Configuration) -> SpatialMatch:
        if config.flag("IntersectPoly"):
            raise UnsupportedError(PLUGIN, "the intersection as a further object")
        if config.value("Universe/File").strip() or config.child("Universe").attribute("File"):
            raise UnsupportedError(PLUGIN, "a universe from a file; connect an Input Data tool to the Universe anchor")
        target, universe = (config.child(side).attribute("SpatialObj") for side in ("Target", "Universe"))
        return cls(target, universe, _relation(config.child("Method").attribute("method")), read_joined_select_list(config))

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Matched: by target, then by universe, each in its incoming order; Unmatched: the targets that lie to nothing so."""
        targets, universe = inputs.one("Targets"), inputs.one("Universe")
        columns = column(spatial_field(targets, self.target).name), column(spatial_field(universe, self.universe).name)
        pairs = paired(targets, universe, columns, self._pairs)
        picks = self.fields.picks([Stream(targets.fields, "Target_"), Stream(universe.fields, "Universe_")])
        made = lay_out(pairs, self.fields, picks, pick_column([targets, universe]), context.problem_limit)
        outputs = {"Matched": Table(made.frame, made.fields), "Unmatched": unpaired(targets, pairs)}
        return Built(outputs, problems=made.problems)

    def _pairs(self, targets: pl.Series, universe: pl.Series) -> Pairs:
        at, other = related(shapes_of(targets), shapes_of(universe), self.relation)
        return Pairs(at, other)


def _relation(method: str) -> str:
    """The relation as `related` takes it; raises UnsupportedError for one that is not known."""
    folded = method.strip().casefold()
    if folded in _NAMED:
        return _NAMED[folded]
    if folded.startswith("boundingrect"):
        return BOXES
    patterns = method.strip().upper().split("|")
    if all(len(one) == 9 and set(one) <= set("TF*012") for one in patterns):
        return "|".join(patterns)
    raise UnsupportedError(PLUGIN, f'the method "{method}"')
