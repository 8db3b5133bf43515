"""Read a multipart request no further than the limits allow: refused before it fills memory or disk."""

import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from galleria.errors import InvalidError, TooLargeError

_FIELDS_BYTES = 1 << 20
"""Room for the form's texts beside its file."""
_LOOK_EVERY_BYTES = 1 << 24
_MOST_FILES = 4
_MOST_FIELDS = 100


@dataclass(frozen=True)
class UploadedFile:
    name: str
    """As the client says; nothing to be trusted."""
    stream: BinaryIO


@dataclass(frozen=True)
class Upload:
    fields: Mapping[str, str]
    """By name in lower case; the last one where a name comes twice."""
    files: Mapping[str, UploadedFile]

    def only_file(self) -> UploadedFile:
        """Give the first part that is a file, under whatever name it came."""
        for file in self.files.values():
            return file
        raise InvalidError("the request holds no file: send it as a part of multipart/form-data with a file name")


@dataclass
class _Meter:
    """Counts what comes in and stops it at the limit."""

    request: Request
    most_bytes: int
    free_bytes: int
    read_bytes: int = 0

    async def receive(self) -> Message:
        message = await self.request.receive()
        self.count(len(message.get("body", b"")))
        return message

    def count(self, more_bytes: int) -> None:
        looked = self.read_bytes // _LOOK_EVERY_BYTES
        self.read_bytes += more_bytes
        if self.read_bytes > self.most_bytes:
            raise TooLargeError(f"the upload is larger than the limit of {self.most_bytes:,} bytes")
        if self.read_bytes // _LOOK_EVERY_BYTES != looked:
            self.check_room(0)

    def check_room(self, wanted_bytes: int) -> None:
        if shutil.disk_usage(tempfile.gettempdir()).free - wanted_bytes < self.free_bytes:
            raise TooLargeError("the server's disk has no room for the upload")


def metered(request: Request, most_bytes: int, free_bytes: int) -> Request:
    """Give the same request, whose reading raises TooLargeError as `uploaded` does; some room for texts comes on top."""
    meter = _Meter(request, most_bytes + _FIELDS_BYTES, free_bytes)
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit():
        meter.count(int(announced[:20]))
        meter.check_room(int(announced[:20]))
        meter.read_bytes = 0
    return Request(request.scope, meter.receive)


@asynccontextmanager
async def uploaded(request: Request, most_bytes: int, free_bytes: int) -> AsyncGenerator[Upload]:
    """Give what a multipart request holds, its files lying on the disk until the block ends.

    TooLargeError before the first byte is read when the request says that it is too large, else as soon as it is;
    also when less than `free_bytes` of the disk would stay free.
    """
    bounded = metered(request, most_bytes, free_bytes)
    async with bounded.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=_FIELDS_BYTES) as form:
        parts = form.multi_items()
        files = {name: UploadedFile(part.filename or "", part.file) for name, part in parts if isinstance(part, UploadFile)}
        yield Upload({name.lower(): part.replace("\0", "") for name, part in parts if isinstance(part, str)}, files)
