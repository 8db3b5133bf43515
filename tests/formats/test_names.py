"""Fields of any name are written and read."""

from pathlib import Path

import pytest

from galleria.fields.types import Field, FieldType
from tests.formats.tables import POINT, read, table_of, write

_NAMES = ["*", "^.*$", "a", "len", "a b", "\u00e9", "it's", "b]"]


@pytest.mark.parametrize("suffix", ["yxdb", "csv", "xlsx", "parquet", "sqlite", "avro", "dbf", "shp", "mif", "geojson", "kml"])
def test_names_like_patterns_are_names(suffix: str, tmp_path: Path) -> None:
    columns = [(Field(name, FieldType.V_WSTRING, 20), [f"{at} x", None]) for at, name in enumerate(_NAMES)]
    shapes = [(Field("place", FieldType.SPATIAL), [POINT, POINT])] if suffix in ("shp", "mif", "geojson", "kml") else []
    path = tmp_path / f"x.{suffix}"
    write(table_of([*columns, *shapes]), path, {"sqlite": "t", "xlsx": "S"}.get(suffix, ""))
    frame = read(path, {"sqlite": "t", "xlsx": "S"}.get(suffix, "")).table.frame.collect()
    texts = frame.row(0)
    assert [text for text in texts if isinstance(text, str) and text.endswith(" x")] == [f"{at} x" for at in range(len(_NAMES))]


@pytest.mark.parametrize("kind", [FieldType.V_WSTRING, FieldType.DATE, FieldType.DOUBLE])
def test_one_column_without_values_keeps_its_objects(kind: FieldType, tmp_path: Path) -> None:
    write(table_of([(Field("a", kind), [None, None]), (Field("place", FieldType.SPATIAL), [POINT, None])]), tmp_path / "x.mif")
    assert read(tmp_path / "x.mif").table.frame.collect()["a"].to_list() == [None, None]


@pytest.mark.parametrize("kind", [FieldType.INT32, FieldType.STRING, FieldType.V_STRING, FieldType.V_WSTRING])
def test_line_breaks_in_names_stay(kind: FieldType, tmp_path: Path) -> None:
    values = [7, None] if kind is FieldType.INT32 else ["\u00e9" * 200, None]
    columns = [(Field(name, kind, 0 if kind is FieldType.INT32 else 254), values) for name in ("Total\nSales", "Total Sales", "a\tb", "c")]
    write(table_of(columns), tmp_path / "x.yxdb")
    frame = read(tmp_path / "x.yxdb").table.frame.collect()
    assert frame.to_dict(as_series=False) == {field.name: values for field, _ in columns}
