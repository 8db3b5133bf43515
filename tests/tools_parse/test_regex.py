"""Regular expressions in the original's dialect, over columns."""

import polars as pl
import pytest

from galleria.errors import InvalidError, UnsupportedError
from galleria.formula.regex import compile_pattern


def _one(expression: pl.Expr, text: str | None) -> object:
    return pl.DataFrame({"text": [text]}, schema={"text": pl.String()}).select(expression).item()


def _plain(value: object) -> object:
    return value.to_list() if isinstance(value, pl.Series) else value


@pytest.mark.parametrize(
    ("pattern", "text", "tokens"),
    [
        (r"\d+", "12a3", ["12", "3"]),
        (r"(\d)a", "1a2a3", ["1", "2"]),
        (r"\l+", "abC", ["abC"]),
        (r"[[:alpha:]]+", "Éa1b", ["Éa", "b"]),
        (r"[^\d[:space:]]", "1 é", ["é"]),
        (r"[]a-]", "]-b", ["]", "-"]),
        (r"\<\w+\>", "a bc", ["a", "bc"]),
        (r"a{,2}", "a{,2}", ["a{,2}"]),
        (r"\Qa.\E", "a.ab", ["a."]),
        (r"(\w)\1", "aabcc", ["a", "c"]),
        (r"\w+(?=!)", "a! b c!", ["a", "c"]),
        (r"(?<!x)y", "xyy", ["y"]),
        (r"^.$", "a\nb\r\nc", ["a", "b", "c"]),
        (r"a.b", "a\nb", ["a\nb"]),
        (r"\d*", "12a", ["12", ""]),
        (r"(.*?)(?:\s+|$)", "a b", ["a", "b"]),
        (r"\((?:[^()]|(?R))*\)", "(a(b)c) (d", ["(a(b)c)"]),
        (r"(?<x>a(?&x)?b)", "aabb ab", ["aabb", "ab"]),
        (r"(a(?1)?b)+", "aabbab", ["ab"]),
        (r"\x41\x{e9}\t", "Aé\t", ["Aé\t"]),
        (r"\R", "\r\n", ["\r\n"]),
        (r"(?<n>b)", "abab", ["b", "b"]),
        (r"a(?#comment)b", "ab", ["ab"]),
        (r"a++b", "aab", ["aab"]),
        (r"x", None, None),
        (r"x", "", []),
    ],
)
def test_tokens(pattern: str, text: str | None, tokens: list[str] | None) -> None:
    assert _plain(_one(compile_pattern(pattern).tokens(pl.col("text")), text)) == tokens


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "expected"),
    [
        ("a", "Aba", "x", "xbx"),
        (r"(\w)(\d)", "a1", "$2-$1", "1-a"),
        (r"(\d)", "1", "${1}0", "10"),
        (r"(\d)", "1", "$10", ""),
        (r"b", "b", "[$&]", "[b]"),
        (r"b", "abc", r"\U$`$'\E$`", "aACac"),
        (r"(\w+)", "one", r"\u$1", "One"),
        (r"a", "a", "$", "$"),
        (r"a", "a", "$$1", "$1"),
        (r".*", "ab", "x", "xx"),
        (r"(x)?a", "a", "<$1>", "<>"),
        (r"a", None, "x", None),
    ],
)
def test_replacement(pattern: str, text: str | None, replacement: str, expected: str | None) -> None:
    assert _one(compile_pattern(pattern).replace(pl.col("text"), replacement), text) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "ignore_case", "whole", "found", "count"),
    [
        ("(abc){2}", "ABCABC", True, True, True, 1),
        ("(abc){3}", "ABCABC", True, False, False, 0),
        ("(abc){2}", "ABCABC", False, False, False, 0),
        ("a|ab", "ab", True, True, True, 1),
        (r"(?!b)a", "aa", True, False, True, 2),
        ("", "ab", True, False, True, 3),
    ],
)
def test_matching(pattern: str, text: str, *, ignore_case: bool, whole: bool, found: bool, count: int) -> None:
    compiled = compile_pattern(pattern, ignore_case=ignore_case)
    column = pl.col("text")
    assert [_one(compiled.whole(column), text), _one(compiled.found(column), text), _one(compiled.count(column), text)] == [
        whole,
        found,
        count,
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        (r"(\d)?(a)", "ba", [None, "a"]),
        (r"()(\d)", "x1", ["", "1"]),
        (r"(a)", "b", None),
        (r"(a)(?=b)", "ab", ["a"]),
        (r"(?<x>a)", "a", ["a"]),
        (r"(?<x>a)?b?", "c", [None]),
        (r"(\d)(?=\w)|(\d)", "1", [None, "1"]),
        (r"(?=c)(a)", "b", None),
    ],
)
def test_groups_of_the_first_match(pattern: str, text: str, groups: list[str | None] | None) -> None:
    match = pl.DataFrame({"text": [text]}).select(match=compile_pattern(pattern).first_match(pl.col("text"))).unnest("match")
    whole, *found = match.row(0)
    assert (None if whole is None else found) == groups


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("(", InvalidError),
        ("[a", InvalidError),
        ("\\", InvalidError),
        ("*a", InvalidError),
        ("(?7)", UnsupportedError),
        (r"a\K", UnsupportedError),
    ],
)
def test_what_no_engine_reads_is_refused(pattern: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        compile_pattern(pattern)


@pytest.mark.parametrize("name", ["alpha", "alnum", "digit", "lower", "upper", "blank", "punct", "cntrl", "graph", "print", "xdigit"])
def test_both_engines_agree_on_the_classes(name: str) -> None:
    characters = pl.DataFrame({"text": [chr(code) for code in range(1, 0x250)]})
    linear = characters.select(compile_pattern(f"[[:{name}:]]", ignore_case=False).found(pl.col("text"))).to_series()
    backtracking = characters.select(compile_pattern(f"(?=[[:{name}:]])", ignore_case=False).found(pl.col("text"))).to_series()
    differing = [text for text, left, right in zip(characters["text"], linear, backtracking, strict=True) if left != right]
    assert differing == []
