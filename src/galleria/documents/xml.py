"""Strangers' XML, read with nothing that reaches out or blows up: no document type, no entities, no network.

The bytes are decoded here, before the parser sees them, because documents lie about their encoding.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from galleria.errors import InvalidError, TooLargeError

MAX_BYTES = 64 * 1024 * 1024
MAX_ELEMENTS = 2_000_000

_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*?\?>")
_DECLARED_ENCODING = re.compile(rb"""\A\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:x0*(?:[0-8BCEF]|1[0-9A-F]|D[89A-F][0-9A-F]{2}|FFF[EF])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));",
    re.IGNORECASE,
)
_MISCELLANY = re.compile(r"(?:\s++|<\?(?s:.)*?\?>|<!--(?s:.)*?-->)*+")
"""White space, processing instructions and comments: what may stand before a document type."""
_REPLACEMENT = "\ufffd"


def parse(data: bytes, name: str) -> tuple[Element, int]:
    """The root element of a document, without comments and processing instructions, and how many characters were replaced.

    Characters that XML forbids, which some old documents hold, become U+FFFD; their number says so. Raises InvalidError
    with `name` and the line where this is no XML, TooLargeError above the limits of size, depth and number of elements.
    """
    check_size(len(data), name)
    text = _DECLARATION.sub(_blank, decode(data, name), count=1)
    if text.count("<") > 2 * MAX_ELEMENTS:
        raise TooLargeError(f"{name}: a document may have {MAX_ELEMENTS:,} elements")
    _refuse_document_type(text, name)
    try:
        return _parse(text), 0
    except etree.XMLSyntaxError as error:
        repaired, replaced = _FORBIDDEN.subn(_REPLACEMENT, text)
        if not replaced:
            raise _in_words(error, name) from None
    try:
        return _parse(repaired), replaced
    except etree.XMLSyntaxError as error:
        raise _in_words(error, name) from None


def parse_fragment(text: str, name: str) -> list[Element | str]:
    """What XML text holds, in order: elements and the texts between them. Raises InvalidError where it is not well formed."""
    root, _ = parse(f"<fragment>{text}</fragment>".encode(), name)
    pieces: list[Element | str] = [root.text or ""]
    for child in list(root):
        tail, child.tail = child.tail, None
        pieces += [child, tail or ""]
    return [piece for piece in pieces if not isinstance(piece, str) or piece]


def check_size(size_bytes: int, name: str) -> None:
    """Raise TooLargeError for a document above the limit."""
    if size_bytes > MAX_BYTES:
        raise TooLargeError(f"{name}: a document may have {MAX_BYTES // 1024 // 1024} MiB, this one has {size_bytes // 1024 // 1024}")


def decode(data: bytes, name: str) -> str:
    """The text of a document. Its byte order mark decides; then what its bytes look like, what it declares, UTF-8, Windows-1252."""
    for mark, encoding in ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _decode(data[len(mark) :], (encoding, "utf-8", "cp1252"), name)
    if data.startswith(b"<\x00"):
        return _decode(data, ("utf-16-le",), name)
    if data.startswith(b"\x00<"):
        return _decode(data, ("utf-16-be",), name)
    declared = _DECLARED_ENCODING.match(data)
    first = declared.group(1).decode("ascii") if declared else "utf-8"
    # Bytes that begin as ASCII does are no UTF-16, whatever they declare.
    first = "utf-8" if first.casefold().startswith(("utf-16", "utf16", "ucs", "iso-10646")) else first
    return _decode(data, (first, "utf-8", "cp1252"), name)


def _decode(data: bytes, encodings: tuple[str, ...], name: str) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise InvalidError(f"{name}: not readable as text ({', '.join(encodings)} were tried)")


def _parse(text: str) -> Element:
    # The parser's own limits stay on (no huge_tree): 256 levels deep, 10 million characters in one text.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        collect_ids=False,
    )
    return etree.fromstring(text.encode("utf-8"), parser)


def _in_words(error: etree.XMLSyntaxError, name: str) -> InvalidError | TooLargeError:
    line = error.lineno or 1
    reason = str(error.msg or "not well formed").split(", line ")[0]
    if "Excessive depth" in reason:
        return TooLargeError(f"{name}: line {line}: elements may be nested 256 deep")
    if "too long" in reason or "huge" in reason:
        return TooLargeError(f"{name}: line {line}: one text may have 10 million characters")
    return InvalidError(f"{name}: line {line}: not well-formed XML: {reason}")


def _refuse_document_type(text: str, name: str) -> None:
    at = _MISCELLANY.match(text).end()  # pyright: ignore[reportOptionalMemberAccess]: matches the empty text too
    if text.startswith("<!", at):
        line = text.count("\n", 0, at) + 1
        raise InvalidError(f"{name}: line {line}: a document type (<!DOCTYPE ...>) is not allowed in a workflow document")


def _blank(found: re.Match[str]) -> str:
    """The declaration away, its lines kept, so that errors name the right line."""
    return "\n" * found.group().count("\n")
