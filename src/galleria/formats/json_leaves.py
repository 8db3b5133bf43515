"""The values in a JSON text, each with the path that leads to it; numbers as the text writes them."""

import json
from collections.abc import Iterator
from typing import cast


class Number(str):
    """A number as the text writes it."""


Leaf = str | bool | float | None
"""A `Number`, a text, a boolean, a number beyond JSON (`NaN`), or Null: also for an empty object or array."""


def leaves(text: str) -> Iterator[tuple[str, Leaf]]:
    """Path and value of everything that is no object or array, in document order: `cells.0.cell_type`, array places from 0.

    Raises json.JSONDecodeError or RecursionError where the text is no JSON.
    """
    return _leaves(json.loads(text.removeprefix("\ufeff"), parse_int=Number, parse_float=Number, strict=False), "")


def text_of_leaf(leaf: Leaf) -> str | None:
    if leaf is None:
        return None
    return str(leaf).lower() if isinstance(leaf, bool) else str(leaf)


def _leaves(value: object, path: str) -> Iterator[tuple[str, Leaf]]:
    inner: list[tuple[object, object]]
    if isinstance(value, dict):
        inner = list(cast("dict[object, object]", value).items())
    elif isinstance(value, list):
        inner = list(enumerate(cast("list[object]", value)))
    else:
        yield path, cast("Leaf", value)
        return
    if not inner:
        yield path, None
    for key, one in inner:
        yield from _leaves(one, f"{path}.{key}" if path else str(key))
