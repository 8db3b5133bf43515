"""The report actions of Summarize: the snippets of a group below each other, beside each other, or on top of each other."""

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.types import Field
from galleria.reports.markup import together
from galleria.table.aggregates import Aggregate

_PREFIX = "Rpt"
_FRAMES = {
    "RptVertical": ('<table class="layout"><tr><td>', "</td></tr><tr><td>", "</td></tr></table>"),
    "RptHorizontal": ('<table class="layout"><tr><td>', "</td><td>", "</td></tr></table>"),
}


def is_report(action: str) -> bool:
    return action.startswith(_PREFIX)


def report_aggregate(action: str, source: Field) -> Aggregate:
    """One snippet a group, in the order of its rows, in a field like the source; Null is left out and makes Null alone.

    Raises ToolError where the field is no text, UnsupportedError for an action that is not known.
    """
    if action not in _FRAMES:
        raise UnsupportedError(f"Summarize action {action}", "it is not known here")
    if not source.type.is_text:
        raise ToolError(f'The action {action} needs report snippets, but the field "{source.name}" is a {source.type}.')
    opening, between, end = _FRAMES[action]
    snippets = column(source.name).drop_nulls()
    joined = together(opening, snippets.str.join(between), end)
    return Aggregate(source, pl.when(snippets.len() > 0).then(joined))
