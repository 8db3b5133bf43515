"""How words sound and texts resemble each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galleria.table.likeness import jaro_likeness, levenshtein_likeness
from galleria.table.phonetics import double_metaphone

# Codes of the published algorithm, known from its descriptions.
CODES = """
    aubrey APR, richard RXRT, maurice MRS, steven STFN, peter PTR, jose HS, otto AT, caesar SSR, chianti KNT, michael MKL,
    chemistry KMSTR, bacher PKR, focaccia FKX, accident AKSTNT, bacci PX, edgar ATKR, judge JJ, laugh LF, night NT, tough TF,
    danger TNJR, biaggi PJ, campbell KMPL, rogier RJ, sugar XKR, schenker XNKR, smith SM0, schmidt XMT, snider SNTR, school SKL,
    island ALNT, nation NXN, thomas TMS, thumb 0M, arnow ARN, filipowicz FLPTS, breaux PR, zhao J, xavier SF, knight NT,
    philip FLP, orchestra ARKSTR, architect ARKTKT, cagney KKN, tagliaro TKLR, wright RT, george JRJ, ghislane JLN, resnais RSN,
    artois ART, church XRX, character KRKTR, wachtler AKTLR, mchugh MK, czerny SRN, succeed SKST, bajador PJTR
"""


@pytest.mark.parametrize("line", [line.strip() for line in CODES.split(",")])
def test_words_have_the_code_of_their_sound(line: str) -> None:
    word, code = line.split()
    assert double_metaphone(word) == code


@pytest.mark.parametrize("word", ["", "   ", "123", "日本", "'"])
def test_what_makes_no_sound_has_no_code(word: str) -> None:
    assert double_metaphone(word) == ""


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [("MARTHA", "MARHTA", 0.944), ("DIXON", "DICKSONX", 0.767), ("DWAYNE", "DUANE", 0.822), ("A", "B", 0), ("", "", 1), ("", "A", 0)],
)
def test_jaro_counts_what_both_have_nearby(left: str, right: str, likeness: float) -> None:
    assert jaro_likeness(left, right) == pytest.approx(likeness, abs=0.0005)
    assert jaro_likeness(right, left) == pytest.approx(likeness, abs=0.0005)


@given(st.text("abc", max_size=80), st.text("abc", max_size=80))
def test_levenshtein_is_the_share_of_characters_that_stay(left: str, right: str) -> None:
    longest = max(len(left), len(right))
    expected = 1 - _distance(left, right) / longest if longest else 1
    assert levenshtein_likeness(left, right) == pytest.approx(expected)


def _distance(left: str, right: str) -> int:
    """By the table of the textbook."""
    above = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        here = [row]
        for at, other in enumerate(right, 1):
            here.append(min(above[at] + 1, here[-1] + 1, above[at - 1] + (letter != other)))
        above = here
    return above[-1]
