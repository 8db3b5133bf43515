"""How a delimited text file is written: what its options say."""

from dataclasses import dataclass

from galleria.errors import InvalidError
from galleria.formats.delimited.code_pages import LATIN_1, encoding_of
from galleria.formats.options import Options

_ESCAPES = {r"\t": "\t", r"\s": " ", r"\0": "", r"\n": "", r"\r": ""}
_QUOTES = {"DoubleQuotes": '"', "SingleQuotes": "'", "None": "", "Auto": '"', "True": "", "False": '"'}


@dataclass(frozen=True)
class Dialect:
    encoding: str = LATIN_1
    delimiters: str = ","
    """Each character separates fields; none where the whole line is one field."""
    quote: str = '"'
    """Encloses fields that hold delimiters; empty where quotes are text like any other."""
    has_header: bool = True
    first_line: int = 1
    """1-based; the header, if any, is on it."""
    field_length: int = 254
    """Characters that are read of each field."""
    ignores_errors: bool = False
    """Read errors are warnings."""


def read_dialect(options: Options) -> Dialect:
    """The options of a file to read; raises InvalidError on nonsense, UnsupportedError on a code page nobody knows."""
    first_line = options.whole("ImportLine", 1)
    field_length = options.whole("FieldLen", 254)
    if field_length < 1:
        raise InvalidError(f"FieldLen must be 1 or more, not {field_length}")
    return Dialect(
        encoding_of(options.text("CodePage")),
        delimiters_of(options),
        options.choice("IgnoreQuotes", _QUOTES, "DoubleQuotes"),
        options.flag("HeaderRow", default=True),
        max(first_line, 1),
        field_length,
        options.flag("IgnoreErrors"),
    )


def delimiters_of(options: Options) -> str:
    """The delimiter characters, with `\\t`, `\\s`, `\\0` and `\\n` resolved: the last two leave the line whole."""
    # The document's own spelling; the right one is taken as well.
    text = options.text("Delimeter") or options.text("Delimiter", ",")
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return text
