"""Read a request's body no further than a limit."""

from starlette.requests import Request

from galleria.errors import InvalidError, TooLargeError


async def read_body(request: Request, most_bytes: int) -> bytes:
    """Give the whole body; TooLargeError as soon as it is known to be larger, before the rest is read."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > most_bytes:
        raise TooLargeError(f"the request's body is larger than the limit of {most_bytes:,} bytes")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise TooLargeError(f"the request's body is larger than the limit of {most_bytes:,} bytes")
    return bytes(body)


def text_of(body: bytes) -> str:
    """Decode a body as UTF-8, with or without a byte-order mark."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError("the request's body is not UTF-8") from error
