"""How a delimited text file is to be written: what its options say."""

from dataclasses import dataclass
from enum import StrEnum

from galleria.formats.delimited.code_pages import encoding_of
from galleria.formats.delimited.dialect import delimiters_of
from galleria.formats.options import Options

_LINE_ENDS = {"CRLF": "\r\n", "LF": "\n", "CR": "\r"}
_QUOTING = {"False": "auto", "Auto": "auto", "True": "always", "Always": "always", "Never": "never"}


class Quoting(StrEnum):
    AUTO = "auto"
    """Texts that hold the delimiter, a quote or a line break."""
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Layout:
    encoding: str = "utf-8"
    delimiter: str = ","
    """Any number of characters, none too."""
    quoting: Quoting = Quoting.AUTO
    has_header: bool = True
    line_end: str = "\r\n"
    writes_mark: bool = False
    """Begins with a byte order mark, where the encoding has one."""


def read_layout(options: Options) -> Layout:
    """The options of a file to write; raises InvalidError on nonsense, UnsupportedError on a code page nobody knows."""
    encoding = encoding_of(options.text("CodePage"))
    return Layout(
        encoding,
        delimiters_of(options),
        Quoting(options.choice("ForceQuotes", _QUOTING, "False")),
        options.flag("HeaderRow", default=True),
        options.choice("LineEndStyle", _LINE_ENDS, "CRLF"),
        options.flag("WriteBOM", default=encoding.startswith("utf-16")),
    )
