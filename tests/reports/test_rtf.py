"""Rich text as paragraphs."""

import pytest

from galleria.reports.rtf import paragraphs_of

START = r"{\rtf1\ansi\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1 Courier New;}}{\colortbl ;\red255\green0\blue16;}"

TEXTS = [
    (r"a\par b\par}", [["a"], ["b"]]),
    (r"\fs20 a\b b\b0 c\par}", [["a", "b", "c"]]),
    (r"\'e9\'80 \u8212?-\u-3913? x}", [["é€ —-\uf0b7 x"]]),
    (r"\{x\}\\ y\~z\tab t\line u}", [["{x}\\ y\u00a0z\tt\nu"]]),
    (r"{\*\generator Riched20;}{\pict\wmetafile8 0102}a}", [["a"]]),
    ("a\r\nb}", [["ab"]]),
    (r"\par\par}", [[], []]),
    (r"}", []),
    (r"}}}} a", [[" a"]]),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_text_is_told_apart_from_words_of_control(text: str, expected: list[list[str]]) -> None:
    assert [[run.text for run in paragraph.runs] for paragraph in paragraphs_of(START + text)] == expected


def test_looks_and_alignments() -> None:
    first, second = paragraphs_of(START + r"\pard\qc\cf1\b\i\ul\f1\fs36 a\plain\par\pard\qr b}")
    assert (first.align, second.align) == ("center", "right")
    assert first.runs[0].style == {
        "font-family": "Courier New",
        "font-size": "18pt",
        "font-weight": "bold",
        "font-style": "italic",
        "text-decoration": "underline",
        "color": "#ff0010",
    }
    assert second.runs[0].style == {"font-family": "Arial", "font-size": "12pt"}
