"""Double Metaphone: how a word sounds in English, as a short code. Source: Lawrence Philips, "The Double Metaphone Search Algorithm", 2000.

Only the first of the two codes is made. Each rule says what letters sound like where they stand; the first that fits counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_SILENT_AT_START = re.compile(r"(?=GN|KN|PN|WR|PS).")
_SLAVIC = re.compile(r"W|K|CZ")
"""What makes a word Slavic or Germanic, which turns some rules off."""
_RULES = r"""
^(?=[AEIOUY])[AEIOUY]  A
[AEIOUY]               -
^X                     S

BB?                    P

Ç                      S
(?<=[^AEIOUY]A)CH(?!I|E(?!R\b))   K
(?<=BA)CH(?=ER)        K
(?<=MA)CH(?=ER)        K
^CAESAR                SSR
CH(?=IA)               K
(?!^)CH(?=AE)          K
^CH(?!ORE)(?=ARAC|ARIS|OR|YM|IA|EM)  K
(?<=OR)CH(?=ES|ID)     K
(?<=AR)CH(?=IT)        K
(?<=\AS)CH             K
CH(?=[TS])             K
(?<=[AOUE])CH(?=[LRNMBHFVW ])  K
^CH(?=[LRNMBHFVW ])    K
(?<=\AM)CH             K
CH                     X
(?<!WI)CZ              S
CCIA                   X
(?<=\AA)CC(?=[IEH])(?!CCHU).  KS
(?<=U)CC(?=EE|ES)      KS
(?<!\AM)CC(?!HU)[IEH]  X
CC                     K
C[KGQ]                 K
C[IEY]                 S
C [CQG]                K
C[KQ]                  K
C                      K

DG[IEY]                J
DG                     TK
D[TD]?                 T

FF?                    F

(?<=[^AEIOUY])GH       K
^GHI                   J
^GH                    K
(?<=[BHD].)GH          -
(?<=[BHD]..)GH         -
(?<=[BH]...)GH         -
(?<=[CGLRT].U)GH       F
(?<=[^I])GH            K
GH                     -
~(?<=\A[AEIOUY])GN     KN
~GN(?!EY|Y)            N
GN                     KN
~GL(?=I)               KL
^G(?=Y|ES|EP|EB|EL|EY|IB|IL|IN|IE|EI|ER).  K
(?<!\ADAN)(?<!\ARAN)(?<!\AMAN)(?<![EI])G(?=ER)E  K
(?<![EIRO])GY          K
G(?=[EIY])ET           K
G[EIY]                 J
(?<=[AO])GG(?=I)       J
GG?                    K

(?<![^AEIOUY])H(?=[AEIOUY]).  H
H                      -

^JOSE(?=\b)            HS
^JJ?                   J
(?<![SKL])JJ?(?![LTKSNMBZ])  J
JJ?                    -

KK?                    K
LL?                    L
(?<=U)MB(?=\Z|ER)      M
MM?                    M
NN?                    N
Ñ                      N
PH                     F
P[PB]?                 P
QQ?                    K
~(?<=IE)(?<!MEIE)(?<!MAIE)R\Z  -
RR?                    R

(?<=[IY])S(?=L)        -
^S(?=UGAR)             X
SH(?=EIM|OEK|OLM|OLZ)  S
SH                     X
SI(?=[OA]).            S
SZ                     S
SCH(?=ER|EN)           X
SCH(?=OO|UY|ED|EM)     SK
SCH                    X
SC[IEY]                S
SC.?                   SK
(?<=[AO]I)S\Z          -
SS?                    S

TION                   XN
TIA|TCH                X
TH(?=OM|AM)            T
TT?H                   0
T[TD]?                 T

VV?                    F
WR                     R
^W(?=[AEIOUY]|H)       A
WICZ|WITZ              TS
W                      -
(?<=[IE]AU)X\Z         -
(?<=[AO]U)X\Z          -
X[CX]?                 KS
ZH                     J
ZZ?                    S
"""


_Rule = tuple[re.Pattern[str], str, bool]
"""Where it fits, the sound (empty for none), and whether it holds in Slavic and Germanic words as well."""
_FIRST = re.compile(r"~?(?:\^|\(\?<?[=!][^)]*\))*(?:\[([^]]+)\]|(.))")
"""Finds the letter, or the letters, that a rule begins with."""


@cache
def _rules() -> dict[str, list[_Rule]]:
    """By the letter that they are about, in their order."""
    rules: dict[str, list[_Rule]] = {}
    for line in filter(None, _RULES.splitlines()):
        text, sound = line.rsplit(maxsplit=1)
        first = _FIRST.match(text)
        assert first is not None
        rule = re.compile(text.strip().removeprefix("~")), "" if sound == "-" else sound, text[0] != "~"
        for letter in first[1] or first[2]:
            rules.setdefault(letter, []).append(rule)
    return rules


def double_metaphone(word: str) -> str:
    """The code of a word, in capitals, of any length; `0` stands for th. Letters other than Latin ones make no sound."""
    return "".join(_sounds(word.upper().strip()))


def _sounds(word: str) -> Iterator[str]:
    rules, is_slavic = _rules(), _SLAVIC.search(word) is not None
    place = 1 if _SILENT_AT_START.match(word) else 0
    while place < len(word):
        step = 1
        for rule, sound, is_general in rules.get(word[place], ()):
            found = rule.match(word, place) if is_general or not is_slavic else None
            if found is not None:
                yield sound
                step = max(found.end() - place, 1)
                break
        place += step
