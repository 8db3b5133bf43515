"""A stored file as an answer: streamed as it lies there, whole or one range of it, never loaded.

Files come from strangers: a browser that opens one in the gallery's own address must not run what is inside, so
every answer is sandboxed and its type is not guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from galleria.http.heads import is_head

_CHUNK_BYTES = 1 << 18
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".json": "application/json",
    ".xml": "application/xml",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class Download:
    stream: BinaryIO
    """Seekable; closed when the answer is over."""
    size_bytes: int
    name: str
    """What the user's file is to be called; a folder part is dropped."""
    tag: str
    """Names this content for ever: the stored file's own key or id."""
    is_attachment: bool = True
    """Saved rather than shown."""


def answer(request: Request, download: Download) -> Response:
    """Send the file, the asked-for range (206), "not modified" (304) or "no such range" (416).

    Several ranges at once, or a Range that is none, get the whole file, as RFC 9110 allows.
    """
    etag = f'"{PurePosixPath(download.tag).name}-{download.size_bytes:x}"'
    headers = _headers(download, etag)
    if etag in _tags(request.headers.get("if-none-match", "")):
        return _without_body(download, 304, headers)
    span = None
    if request.headers.get("if-range", etag) == etag:
        span = asked_span(request.headers.get("range", ""), download.size_bytes)
    if span is not None and span.start >= download.size_bytes:
        return _without_body(download, 416, {**headers, "Content-Range": f"bytes */{download.size_bytes}"})
    status = 200
    if span is None:
        span = range(download.size_bytes)
    else:
        status = 206
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{download.size_bytes}"
    headers["Content-Length"] = str(len(span))
    if is_head(request.scope):
        return _without_body(download, status, headers)
    return StreamingResponse(_chunks(download.stream, span), status, headers)


def asked_span(header: str, size_bytes: int) -> range | None:
    """Read a Range header of one range as 0-based positions; one that starts behind the end comes back empty at its start."""
    unit, equals, text = header.partition("=")
    first, dash, last = text.strip().partition("-")
    if unit.strip().lower() != "bytes" or not (equals and dash) or not all(_is_number(part) for part in (first, last)):
        return None
    if (first and last and int(last) < int(first)) or not (first or last):
        return None
    if not first:
        return range(max(size_bytes - int(last), 0), size_bytes) if int(last) else range(size_bytes, size_bytes)
    return range(int(first), max(min(int(last) + 1 if last else size_bytes, size_bytes), int(first)))


def media_type_of(name: str) -> str:
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def base_name(name: str) -> str:
    """Drop folders, of either kind of slash, and control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable()).strip() or "file"


def _headers(download: Download, etag: str) -> dict[str, str]:
    name = base_name(download.name)
    plain = name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_").replace("?", "_")
    kind = "attachment" if download.is_attachment else "inline"
    return {
        "Content-Type": media_type_of(name),
        "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }


def _without_body(download: Download, status: int, headers: dict[str, str]) -> Response:
    download.stream.close()
    return Response(status_code=status, headers=headers)


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) < 20)


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _chunks(file: BinaryIO, span: range) -> Iterator[bytes]:
    with file:
        file.seek(span.start)
        left = len(span)
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk
