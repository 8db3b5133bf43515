"""LZF, the compression of Alteryx Databases, in plain Python: for the few files that need it. Source: LibLZF."""

from galleria.errors import InvalidError


def decompress(data: bytes, limit: int) -> bytes:
    """The bytes behind a compressed block; raises InvalidError where they make no sense or are more than `limit`."""
    out = bytearray()
    at, end = 0, len(data)
    try:
        while at < end:
            control = data[at]
            at += 1
            if control < 32:
                out += data[at : at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += data[at]
                at += 1
            start = len(out) - ((control & 31) << 8) - data[at] - 1
            at += 1
            length += 2
            if start < 0:
                raise InvalidError("a compressed block is damaged")
            known = bytes(out[start : start + length])
            # What is copied may run into itself: then it repeats.
            out += (known * (length // len(known) + 1))[:length] if len(known) < length else known
            if len(out) > limit:
                raise InvalidError("a compressed block is damaged")
    except (IndexError, ZeroDivisionError) as error:
        raise InvalidError("a compressed block is damaged") from error
    return bytes(out)
