"""Rich text (RTF) as paragraphs of runs: what the editor of Report Text writes. Pictures and objects in it are left out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Look:
    """How characters look."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    half_points: int = 24
    font: int = 0
    colour: int = 0
    back: int = 0


@dataclass(frozen=True)
class Run:
    text: str
    style: Mapping[str, str]


@dataclass
class Paragraph:
    align: str = "left"
    runs: list[Run] = field(default_factory=list[Run])


def paragraphs_of(text: str) -> list[Paragraph]:
    """The paragraphs in order, the empty one after the last `\\par` left out."""
    reader = _Reader()
    for token in _TOKENS.finditer(text):
        reader.take(token)
    reader.flush()
    if not reader.paragraphs[-1].runs:
        reader.paragraphs.pop()
    return reader.paragraphs


_TOKENS = re.compile(
    r"(?P<open>\{)|(?P<close>\})|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]+)(?P<number>-?\d+)? ?"
    r"|\\(?P<sign>.)|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_SIGNS = {"~": "\u00a0", "_": "\u2011", "-": ""}
_LETTERS = {
    "line": "\n", "tab": "\t", "emdash": "\u2014", "endash": "\u2013", "bullet": "\u2022",
    "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d",
}  # laid out by meaning # fmt: skip
_ALIGNMENTS = {"ql": "left", "qc": "center", "qr": "right", "qj": "justify"}
_SKIPPED = frozenset({"stylesheet", "info", "pict", "object", "header", "footer", "generator", "listtable", "listoverridetable"})


@dataclass(frozen=True)
class _State:
    look: Look = Look()
    place: str = ""
    """Which destination the group is: `fonttbl`, `colortbl`, `skipped`, or the text."""
    font: int = 0
    after_unicode: int = 1
    """How many characters stand for one `\\u`, for readers that know no Unicode."""


class _Reader:
    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = [Paragraph()]
        self.state = _State()
        self.stack: list[_State] = []
        self.fonts: dict[int, str] = {}
        self.colours: list[list[int]] = [[]]
        self.text = ""
        self.to_skip = 0

    def take(self, token: re.Match[str]) -> None:
        if token["open"]:
            self.flush()
            self.stack.append(self.state)
        elif token["close"]:
            self.flush()
            self.state = self.stack.pop() if self.stack else _State()
        elif token["word"]:
            self._word(token["word"], int(token["number"]) if token["number"] else None)
        elif token["sign"] == "*":
            self.state = replace(self.state, place="skipped")
        else:
            byte = bytes.fromhex(token["byte"]).decode("cp1252", "replace") if token["byte"] else None
            self._write(byte or (_SIGNS.get(token["sign"], token["sign"]) if token["sign"] else token["text"]))

    def flush(self) -> None:
        if self.text:
            self.paragraphs[-1].runs.append(Run(self.text, dict(self._style())))
        self.text = ""

    def _write(self, text: str) -> None:
        skipped, self.to_skip = min(self.to_skip, len(text)), max(self.to_skip - len(text), 0)
        text = text[skipped:]
        place = self.state.place
        if place == "fonttbl":
            name = self.fonts.get(self.state.font, "") + text
            self.fonts[self.state.font] = name
        elif place == "colortbl":
            self.colours.extend([] for _ in range(text.count(";")))
        elif not place:
            self.text += text

    def _word(self, word: str, number: int | None) -> None:
        if word in ("fonttbl", "colortbl") or word in _SKIPPED:
            self.state = replace(self.state, place=word if word in ("fonttbl", "colortbl") else "skipped")
        elif self.state.place == "colortbl" and number is not None:
            self.colours[-1].append(number & 255)
        elif self.state.place == "fonttbl":
            self.state = replace(self.state, font=number or 0) if word == "f" else self.state
        elif word == "u" and number is not None:
            self._write(chr(number % 65536))
            self.to_skip = self.state.after_unicode
        elif word == "uc":
            self.state = replace(self.state, after_unicode=number or 0)
        elif word in _LETTERS:
            self._write(_LETTERS[word])
        else:
            self._format(word, number)

    def _format(self, word: str, number: int | None) -> None:
        """Paragraphs and looks; other words say nothing that matters."""
        if word == "par":
            self.flush()
            self.paragraphs.append(Paragraph(self.paragraphs[-1].align))
        elif word == "pard":
            self.paragraphs[-1].align = "left"
        elif word in _ALIGNMENTS:
            self.paragraphs[-1].align = _ALIGNMENTS[word]
        elif (look := _changed(self.state.look, word, number)) != self.state.look:
            self.flush()
            self.state = replace(self.state, look=look)

    def _style(self) -> Iterator[tuple[str, str]]:
        look = self.state.look
        if name := self.fonts.get(look.font, "").strip().rstrip(";"):
            yield "font-family", name
        yield "font-size", f"{look.half_points / 2:g}pt"
        if look.bold:
            yield "font-weight", "bold"
        if look.italic:
            yield "font-style", "italic"
        if look.underline or look.strike:
            yield "text-decoration", "underline" if look.underline else "line-through"
        for name, place in (("color", look.colour), ("background-color", look.back)):
            if place and place < len(self.colours) and len(self.colours[place]) == 3:
                yield name, _hex(self.colours[place])


def _changed(look: Look, word: str, number: int | None) -> Look:
    is_on = number != 0
    if word == "plain":
        return Look()
    if word in ("b", "i", "ul", "ulnone", "strike"):
        name = {"b": "bold", "i": "italic", "ul": "underline", "ulnone": "underline", "strike": "strike"}[word]
        return replace(look, **{name: is_on and word != "ulnone"})
    if word in ("fs", "f", "cf", "highlight", "cb") and number is not None:
        name = {"fs": "half_points", "f": "font", "cf": "colour"}.get(word, "back")
        return replace(look, **{name: number})
    return look


def _hex(parts: Sequence[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)
