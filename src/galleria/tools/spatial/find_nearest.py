"""Finds for each spatial object of one stream the nearest ones of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from galleria.errors import UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field, FieldType
from galleria.spatial.columns import shapes_of
from galleria.spatial.relation import neighbours
from galleria.spatial.sphere import cardinal
from galleria.spatial.tables import Pairs, paired, unpaired
from galleria.table.select_list import Pick, SelectList, Stream, lay_out, pick_column
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool
from galleria.tools.select_configuration import read_joined_select_list
from galleria.tools.spatial_fields import UNITS, spatial_field

PLUGIN = "AlteryxSpatialPluginsGui.FindNearest.FindNearest"
_TOLD = 2
"""The stream of what is told of a pair."""


@dataclass(frozen=True)
class FindNearest(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Targets"), Anchor("Universe"))
    outputs: ClassVar[Sequence[str]] = ("Matched", "Unmatched")

    target: str
    universe: str
    count: int
    """How many neighbours at most."""
    most: float
    """How far away at most, in units."""
    units: str
    ignores_zero: bool
    """A distance of 0 does not count."""
    fields: SelectList

    @classmethod
    def read(cls, config: Configuration) -> FindNearest:
        units = config.value("MaxDistanceUnits", "Miles").strip()
        if units not in UNITS:
            raise UnsupportedError(PLUGIN, f"distances by {units}: drive times need a licensed road network")
        if config.value("Universe/File").strip() or config.child("Universe").attribute("File"):
            raise UnsupportedError(PLUGIN, "a universe from a file; connect an Input Data tool to the Universe anchor")
        target, universe = (config.child(side).attribute("SpatialObj") for side in ("Target", "Universe"))
        return cls(
            target,
            universe,
            config.whole("HowMany", 1),
            config.number("MaxDistance"),
            units,
            ignores_zero=config.flag("Ignore0"),
            fields=read_joined_select_list(config),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Matched: by target in its incoming order, nearest first; Unmatched: the targets that nothing is near enough to.

        Distances are measured from the centre of a target; equally near ones keep the order of the universe.
        """
        targets, universe = inputs.one("Targets"), inputs.one("Universe")
        columns = column(spatial_field(targets, self.target).name), column(spatial_field(universe, self.universe).name)
        told = self._told()
        pairs = paired(targets, universe, columns, self._pairs, {field.name: field.dtype for field in told})
        picks = self.fields.picks([Stream(targets.fields, "Target_"), Stream(universe.fields, "Universe_"), Stream(told)])
        of_streams = pick_column([targets, universe])

        def column_of(pick: Pick) -> pl.Expr:
            return pl.col(pick.source.name) if pick.stream == _TOLD else of_streams(pick)

        made = lay_out(pairs, self.fields, picks, column_of, context.problem_limit)
        outputs = {"Matched": Table(made.frame, made.fields), "Unmatched": unpaired(targets, pairs)}
        return Built(outputs, problems=made.problems)

    def _told(self) -> tuple[Field, ...]:
        distance = Field(f"Distance{self.units}", FieldType.DOUBLE)
        return Field("FindNearestRank", FieldType.INT16), distance, Field("Direction", FieldType.STRING, 2)

    def _pairs(self, targets: pl.Series, universe: pl.Series) -> Pairs:
        size = UNITS[self.units]
        found = neighbours(shapes_of(targets), shapes_of(universe), self.count, self.most * size, ignores_zero=self.ignores_zero)
        values = (found.rank, found.distance_m / size, cardinal(found.bearing))
        told = {field.name: pl.Series(column, dtype=field.dtype) for field, column in zip(self._told(), values, strict=True)}
        return Pairs(found.target, found.universe, told)
