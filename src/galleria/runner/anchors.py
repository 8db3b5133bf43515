"""Every anchor of a run as a parquet file, with a list of what lies where (`anchors.json`)."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from galleria.compiler.plan import Plan, Shown
from galleria.fields.columns import columns
from galleria.fields.types import Field
from galleria.runner.execute import Outcome, Place
from galleria.table.table import Table, empty_table


@dataclass
class AnchorSaver:
    """Adds a query to the pass for each anchor that the document shows."""

    plan: Plan
    folder: Path
    written: dict[Place, Path] = field(default_factory=dict[Place, Path])

    def __call__(self, place: Place, table: Table) -> list[pl.LazyFrame]:
        if not table.fields or not any((shown.feed.origin, shown.feed.anchor) == place for shown in self.plan.shown):
            return []
        path = self.folder / f".{len(self.written)}.parquet"
        self.written[place] = path
        # One type for all whole numbers: readers compare them with numbers of any size. `anchors.json` says the field's own.
        whole = [one.name for one in table.fields if one.type.is_integer]
        frame = table.frame.with_columns(one.cast(pl.Int64) for one in columns(whole))
        return [frame.sink_parquet(path, lazy=True)]

    def finish(self, outcome: Outcome) -> None:
        """Give every file its name and write `anchors.json`; anchors that were not reached are left out."""
        listed: list[dict[str, object]] = []
        for shown in self.plan.shown:
            place = (shown.feed.origin, shown.feed.anchor)
            table = outcome.tables.get(place) if place in outcome.counts else _nothing_came(shown, outcome)
            if table is None:
                continue
            path = self.folder / file_name(shown)
            if place in self.written and self.written[place].exists():
                shutil.copyfile(self.written[place], path)
            else:
                pl.DataFrame(schema={one.name: one.dtype for one in table.fields}).write_parquet(path)
            listed.append({**described(shown, table.fields), "file": path.name, "records": outcome.counts.get(place, 0)})
        for path in self.written.values():
            path.unlink(missing_ok=True)
        (self.folder / "anchors.json").write_text(json.dumps(listed, indent=1, ensure_ascii=False), encoding="utf-8")


def _nothing_came(shown: Shown, outcome: Outcome) -> Table | None:
    """An empty table for an anchor of a tool that failed, and for what a tool that ran received from one; else None."""
    is_own = shown.feed.origin[0] == shown.tool_id
    ran_without = not is_own and any(key[0] == shown.tool_id for key in outcome.ran)
    has_failed = is_own and any(key[0] == shown.tool_id for key in outcome.failed)
    return empty_table(()) if ran_without or has_failed else None


def described(shown: Shown, fields: tuple[Field, ...]) -> dict[str, object]:
    """An anchor and its schema, as `anchors.json` lists it."""
    return {
        "tool_id": shown.tool_id,
        "plugin": shown.plugin,
        "anchor": shown.anchor,
        "fields": [{"name": one.name, "type": one.type.value, "size": one.size, "scale": one.scale} for one in fields],
    }


def file_name(shown: Shown) -> str:
    anchor = re.sub(r"[^\w.# -]", "_", shown.anchor)
    return f"{shown.tool_id}.{anchor}.parquet"
