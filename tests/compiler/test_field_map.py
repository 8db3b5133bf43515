"""Field maps of macros: which columns come in under which names."""

import polars as pl
import pytest

from galleria.compiler.field_map import Names, field_maps, mapped
from galleria.errors import ToolError
from galleria.fields.types import Field, FieldType
from galleria.table.table import Table

TABLE = Table(
    pl.LazyFrame({"a": [1, None], "b": ["x", None]}, schema={"a": pl.Int64, "b": pl.String}),
    (Field("a", FieldType.INT64), Field("b", FieldType.V_STRING, 9)),
)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ({}, {"a": "a", "b": "b"}),
        ({"a": "a", "b": "b"}, {"a": "a", "b": "b"}),
        ({"code": "B"}, {"a": "a", "code": "b"}),
        ({"a": "b"}, {"a2": "a", "a": "b"}),
        ({"a": "b", "b": "a"}, {"b": "a", "a": "b"}),
        ({"one": "a", "two": "a"}, {"one": "a", "b": "b", "two": "a"}),
        ({"same": "same"}, {"a": "a", "b": "b"}),
    ],
)
def test_fields_come_in_under_the_names_of_the_macro(names: Names, columns: dict[str, str]) -> None:
    given = mapped(TABLE, names)
    assert {field.name: (field.type, field.size) for field in given.fields} == {
        name: (TABLE.field(source).type, TABLE.field(source).size) for name, source in columns.items()
    }
    assert (
        given.frame.collect().rows() == TABLE.frame.select(pl.col(source).alias(name) for name, source in columns.items()).collect().rows()
    )
    assert given.names == list(columns)


def test_a_field_to_rename_must_be_there() -> None:
    with pytest.raises(ToolError, match='The field "nothing" is missing'):
        mapped(TABLE, {"a": "nothing"})


def test_maps_are_found_among_the_values_of_the_node() -> None:
    values = {"Input.My Rows": "a=x\r\nb = y=z\n\nc=\nno mark", "Check Box (2)": "True"}
    assert field_maps(values) == {"my rows": {"a": "x", "b ": " y=z"}}
