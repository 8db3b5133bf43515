"""In which formats an output can be fetched, the best one first."""

from pathlib import PurePosixPath

_BY_EXTENSION = {".yxdb": ("Raw", "Yxdb", "Csv", "Xlsx"), ".csv": ("Raw", "Csv")}
_NAMED = ("Shp", "Kml", "Tab", "Mif", "Dbf", "Pdf", "Docx", "Xlsx", "Html", "Tde", "Zip")


def formats_of(name: str) -> tuple[str, ...]:
    """The names that the published API has for them; `Raw` is the file as the run wrote it."""
    extension = PurePosixPath(name).suffix.lower()
    own = tuple(word for word in _NAMED if extension == f".{word.lower()}")
    return _BY_EXTENSION.get(extension, ("Raw", *own))
