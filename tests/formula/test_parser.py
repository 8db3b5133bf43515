"""Trees and their texts; nothing that is typed crashes the compiler."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from galleria.errors import FormulaError, GalleriaError
from galleria.formula.compile import compile_expression
from galleria.formula.environment import Environment
from galleria.formula.parser import parse
from galleria.formula.tree import (
    Boolean,
    Branch,
    Call,
    Chain,
    Conditional,
    Membership,
    Name,
    Node,
    Number,
    Step,
    Text,
    Unary,
    to_text,
)
from tests.formula.expressions import FIELDS

NAMES = st.text("abcXYZ _%#1é", min_size=1, max_size=6)
LEVELS = [["AND", "OR"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/"]]


def trees() -> st.SearchStrategy[Node]:
    leaves = st.one_of(
        st.sampled_from(["0", "1", "2.5", ".5", "1e-3"]).map(Number),
        st.text(max_size=8).filter(lambda text: not ('"' in text and "'" in text)).map(Text),
        st.booleans().map(Boolean),
        NAMES.map(Name),
        st.builds(Name, NAMES, st.integers(-9, 9)),
    )
    return st.recursive(leaves, _larger, max_leaves=25)


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def chain(operators: list[str]) -> st.SearchStrategy[Node]:
        return st.builds(
            lambda first, steps: Chain(first, tuple(steps)),
            inner,
            st.lists(st.builds(Step, st.sampled_from(operators), inner), min_size=1, max_size=4),
        )

    return st.one_of(
        *[chain(level) for level in LEVELS],
        st.builds(Unary, st.sampled_from("-+!"), inner),
        st.builds(lambda name, items: Call(name, tuple(items)), st.sampled_from(["Left", "IIF", "foo"]), st.lists(inner, max_size=3)),
        st.builds(
            lambda item, items, negated: Membership(item, tuple(items), negated),
            inner,
            st.lists(inner, min_size=1, max_size=3),
            st.booleans(),
        ),
        st.builds(
            lambda branches, last: Conditional(tuple(branches), last),
            st.lists(st.builds(Branch, inner, inner), min_size=1, max_size=3),
            inner,
        ),
    )


@given(trees())
@settings(max_examples=120, deadline=None)
def test_the_text_of_a_tree_parses_to_the_tree(tree: Node) -> None:
    assert parse(to_text(tree)) == tree


@given(st.text(alphabet="abs[]()\"'+-*/<>=!&|,. 01%\n\\iIfFtThHeEnNlL{}", max_size=40))
@example("IF")
@example("/*")
@example("[")
@example("1e")
@settings(max_examples=250, deadline=None)
def test_any_text_compiles_or_is_refused_in_words(text: str) -> None:
    with suppress(GalleriaError):
        compile_expression(text, FIELDS, Environment())


@given(
    st.lists(
        st.sampled_from(
            ["[i]", "s", "IF", "THEN", "ELSE", "ENDIF", "(", ")", ",", "+", "=", "IN", "NOT", "Left", "1", '"a"', "IIF", "Max", "AND", "-"]
        ),
        max_size=25,
    )
)
@settings(max_examples=250, deadline=None)
def test_any_order_of_words_compiles_or_is_refused_in_words(words: list[str]) -> None:
    test_any_text_compiles_or_is_refused_in_words.hypothesis.inner_test(" ".join(words))  # type: ignore[attr-defined] - put there by hypothesis


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "Empty expression"),
        ("1 +", 3, "it ends where a value is expected"),
        ("(1", 2, "Unmatched parenthesis"),
        ("IF 1 THEN 2 ENDIF", 12, "Malformed If Statement"),
        ("Left([s]", 8, "Malformed call of Left"),
        ("  [Agge] + 1", 2, 'Unknown variable "Agge"'),
        ('[s] + "x" + 1', 10, "tried to apply numeric operator to string value"),
        ("5 % 2", 2, "use Mod"),
        ('"abc', 0, "has no end"),
        ("Lefft(s, 1)", 0, 'Unknown function "Lefft". Did you mean "Left"?'),
        ("Left(s)", 0, "Left takes 2 arguments, 1 given"),
        ("Left(1, 2)", 5, "Number provided where a string is required"),
        ("Abs(s)", 4, "String provided where a number is required"),
        ("[Row-1:s]", 0, "Multi-Row Formula"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        compile_expression(text, FIELDS, Environment())
    assert words in caught.value.reason
    assert caught.value.position == position
    assert caught.value.message.startswith(f"Parse Error at char({position}): ")
