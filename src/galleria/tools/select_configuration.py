"""Reads the select list in the configuration of Select, Join, Append Fields and others."""

from galleria.fields.types import field_type, parse_size
from galleria.table.select_list import Choice, SelectList
from galleria.tools.configuration import Configuration


def read_select_list(config: Configuration) -> SelectList:
    """The list in an element that holds `OrderChanged`, `CommaDecimal` and `SelectFields`; all fields where it is absent."""
    choices = tuple(_choice(entry) for entry in config.each("SelectFields/SelectField"))
    return SelectList(choices, is_ordered=config.flag("OrderChanged"), decimal_comma=config.flag("CommaDecimal"))


def read_joined_select_list(config: Configuration) -> SelectList:
    """The list of a tool that joins streams, which keeps it one level down."""
    return read_select_list(config.child("SelectConfiguration/Configuration"))


def _choice(entry: Configuration) -> Choice:
    kind = entry.attribute("type")
    size, scale = parse_size(entry.attribute("size"))
    return Choice(
        field=entry.attribute("field"),
        is_selected=entry.attribute_flag("selected", default=True),
        rename=entry.attribute("rename"),
        type=field_type(kind) if kind else None,
        size=size,
        scale=scale,
        description=entry.attribute("description"),
    )
