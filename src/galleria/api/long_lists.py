"""Lists of everything, as clients ask for them that know no pages: written part by part, so that a server of any memory can."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from fastapi.responses import JSONResponse, Response, StreamingResponse

PART = 1000

_Key = TypeVar("_Key", str, int)


def answer_list(keys: Sequence[_Key], shaped: Callable[[Sequence[_Key]], Sequence[object]]) -> Response:
    """Answer with what `shaped` makes of the keys, in their order; it is called for one part after the other.

    Each part is a look of its own at the database: what goes meanwhile is left out, and no transaction lasts as long as the caller reads.
    """
    if len(keys) <= PART:
        return JSONResponse(list(shaped(keys)))
    return StreamingResponse(_written(keys, shaped), media_type="application/json")


def _written(keys: Sequence[_Key], shaped: Callable[[Sequence[_Key]], Sequence[object]]) -> Iterator[bytes]:
    separator = b"["
    for first in range(0, len(keys), PART):
        entries = shaped(keys[first : first + PART])
        if entries:
            # As `JSONResponse` writes it.
            yield separator + json.dumps(entries, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()[1:-1]
            separator = b","
    yield b"[]" if separator == b"[" else b"]"
