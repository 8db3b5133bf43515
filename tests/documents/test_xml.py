"""What the XML door lets in and what it turns away."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

import pytest

from galleria.documents import xml
from galleria.errors import GalleriaError, InvalidError, TooLargeError

WORD = "Zürich €"
BARE = f"<a>{WORD}</a>"


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\r\n{BARE}'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(BARE.encode(), id="no declaration, no mark"),
        pytest.param(BOM_UTF8 + declared("UTF-8").encode(), id="UTF-8 with mark"),
        pytest.param(BOM_UTF16_LE + declared("UTF-16").encode("utf-16-le"), id="UTF-16 little endian"),
        pytest.param(BOM_UTF16_BE + declared("UTF-16").encode("utf-16-be"), id="UTF-16 big endian"),
        pytest.param(BARE.encode("utf-16-le"), id="UTF-16 without mark"),
        pytest.param(declared("windows-1252").encode("cp1252"), id="Windows-1252 as declared"),
        pytest.param(declared("UTF-16").encode(), id="declares UTF-16, is UTF-8"),
        pytest.param(declared("UTF-8").encode("cp1252"), id="declares UTF-8, is Windows-1252"),
        pytest.param(BOM_UTF16_LE + declared("UTF-8").encode("utf-16-le"), id="declares UTF-8, is UTF-16"),
        pytest.param(declared("no-such-encoding").encode(), id="declares an unknown encoding"),
        pytest.param(b"\n  " + declared("UTF-8").encode(), id="blanks before the declaration"),
    ],
)
def test_a_document_is_read_whatever_its_encoding(data: bytes) -> None:
    assert xml.parse(data, "a.yxmd")[0].text == WORD


def test_line_ends_are_those_of_xml_and_comments_are_gone() -> None:
    root, replaced = xml.parse(b"<?xml version='1.0'?>\r\n<a>one\r\ntwo&#xD;<!-- x --><?y z?>&#xA;three</a>", "a.yxmd")
    assert (root.text, len(root), replaced) == ("one\ntwo\r\nthree", 0, 0)


def test_a_declaration_inside_a_text_stays() -> None:
    assert xml.parse(b"<a><![CDATA[<?xml version='1.0'?><b/>]]></a>", "a.yxmd")[0].text == "<?xml version='1.0'?><b/>"


@pytest.mark.parametrize("forbidden", ["&#x1;", "&#1;", "&#x1F;", "\x01", "\x0b", "&#xFFFF;"])
def test_characters_that_xml_forbids_are_replaced_and_counted(forbidden: str) -> None:
    root, replaced = xml.parse(f"<a>x{forbidden}y&#9;&#x0A;</a>".encode(), "a.yxmd")
    assert (root.text, replaced) == ("x\ufffdy\t\n", 1)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        pytest.param(b"", InvalidError, "not well-formed", id="empty"),
        pytest.param(b"\x00\x01\x02", InvalidError, "not well-formed", id="binary"),
        pytest.param(b"PK\x03\x04 a zip", InvalidError, "line 1: not well-formed", id="a zip"),
        pytest.param(b"<a>\n<b>\n</a>", InvalidError, "line 3", id="tags that do not match"),
        pytest.param(b"<?xml version='1.0'\n?>\n<a>\n&nbsp;</a>", InvalidError, "line 4", id="unknown entity"),
        pytest.param(b"<!DOCTYPE a SYSTEM 'http://x/y'><a/>", InvalidError, "line 1: a document type", id="external subset"),
        pytest.param(
            b"<!--<a>-->\n<?b ?><!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
            InvalidError,
            "line 2: a document",
            id="entity",
        ),
        pytest.param(b"<a><!DOCTYPE b></a>", InvalidError, "not well-formed", id="document type inside"),
        pytest.param(b"<a>" * 300 + b"</a>" * 300, TooLargeError, "nested 256 deep", id="too deep"),
        pytest.param(b"<a>" + b"x" * 10_100_000 + b"</a>", TooLargeError, "10 million characters", id="too long a text"),
        pytest.param(b"<a>" + b"<b/>" * (2 * xml.MAX_ELEMENTS) + b"</a>", TooLargeError, "elements", id="too many elements"),
        pytest.param(b"<a>" + b" " * xml.MAX_BYTES + b"</a>", TooLargeError, "64 MiB", id="too many bytes"),
    ],
)
def test_hostile_documents_are_refused_in_words(data: bytes, error: type[GalleriaError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        xml.parse(data, "bad.yxmd")
    assert caught.value.message.startswith("bad.yxmd: ")


def test_a_fragment_gives_its_elements_and_texts_in_order() -> None:
    pieces = xml.parse_fragment("one<b x='1'/>two<c>d</c>", "action")
    assert [piece if isinstance(piece, str) else piece.tag for piece in pieces] == ["one", "b", "two", "c"]


def test_a_broken_fragment_is_refused() -> None:
    with pytest.raises(InvalidError, match="action: line 1"):
        xml.parse_fragment("</fragment><fragment>", "action")
