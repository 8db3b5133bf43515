"""In which formats an output can be fetched, the best one first."""

from importlib.util import find_spec
from pathlib import PurePosixPath

_BY_EXTENSION = {".yxdb": ("Raw", "Yxdb", "Csv", "Xlsx"), ".csv": ("Raw", "Csv")}
_SPATIAL = ("Shp", "Kml", "Mif", "Dbf")
_REPORT = ("Pdf", "Docx", "Xlsx", "Html", "Zip")
_NAMED = ("Shp", "Kml", "Tab", "Mif", "Dbf", "Pdf", "Docx", "Xlsx", "Html", "Tde", "Zip")


def formats_of(name: str, *, is_spatial: bool = False) -> tuple[str, ...]:
    """The names that the published API has for them; `Raw` is the file as the run wrote it."""
    extension = PurePosixPath(name).suffix.lower()
    if extension == ".pcxml":
        return _REPORT if find_spec("typst") else tuple(word for word in _REPORT if word != "Pdf")
    own = tuple(word for word in _NAMED if extension == f".{word.lower()}")
    shapes = _SPATIAL if is_spatial and extension == ".yxdb" else ()
    return (*_BY_EXTENSION.get(extension, ("Raw", *own)), *shapes)
