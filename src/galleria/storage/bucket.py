"""Files in an S3-compatible bucket, which any number of machines reach."""

import hashlib
import io
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from galleria.errors import InvalidError, NotFoundError, TooLargeError
from galleria.storage.contract import Area, Kept, Stored, checked, key_for, nothing

_CHUNK_BYTES = 8 << 20
"""A part of an upload; S3 takes none below 5 MiB."""

_PATIENCE = timedelta(seconds=30)
"""How long a request is tried again."""


@dataclass(frozen=True)
class Bucket:
    """`store` answers for everything below the address's path; keys are those of a folder."""

    store: S3Store

    def put(self, area: Area, name: str, source: BinaryIO, limit_bytes: int | None = None) -> Stored:
        key = key_for(area, name)
        passing = _Passing(source, limit_bytes)
        try:
            with _in_words(key):
                # An upload in parts appears when its last part is there; one that breaks off is given up by the library.
                obstore.put(self.store, key, passing.chunks(), chunk_size=_CHUNK_BYTES)
        except OSError as error:
            # The library tells of a failed giving up, not of what it gave up for.
            raise passing.broken_by or error from error
        return Stored(key, passing.size_bytes, passing.digest.hexdigest())

    def open(self, key: str) -> BinaryIO:
        with _in_words(checked(key)):
            return io.BufferedReader(_Reading(obstore.open_reader(self.store, key)), _CHUNK_BYTES)

    def fetch(self, key: str, to: Path) -> None:
        with _in_words(checked(key)):
            chunks = obstore.get(self.store, key).stream(min_chunk_size=_CHUNK_BYTES)
            with to.open("wb") as sink:
                for chunk in chunks:
                    sink.write(chunk)

    def size_bytes(self, key: str) -> int:
        with _in_words(checked(key)):
            return obstore.head(self.store, key)["size"]

    def exists(self, key: str) -> bool:
        try:
            self.size_bytes(key)
        except NotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        try:
            with _in_words(checked(key)):
                obstore.delete(self.store, key)
        except NotFoundError:
            pass

    def purge(self, area: Area, age_s: float, kept: Kept = nothing, spread: str = "") -> int:
        until = datetime.now(UTC) - timedelta(seconds=age_s)
        count = 0
        with _in_words(area):
            for batch in obstore.list(self.store, f"{area}/{spread}/" if spread else f"{area}/"):  # pyright: ignore[reportUnknownMemberType] - untyped there
                old: list[str] = [found["path"] for found in batch if found["last_modified"] < until]
                stays = set(kept(old)) if old else set[str]()
                old = [key for key in old if key not in stays]
                if old:
                    obstore.delete(self.store, old)
                count += len(old)
        return count


def bucket_at(url: str) -> Bucket:
    """The bucket of `s3://BUCKET/PATH`; region, keys and endpoint come from the usual variables (`AWS_REGION`, `AWS_ENDPOINT_URL`, ...).

    Nothing is sent yet. Raises InvalidError where the address has no bucket.
    """
    parts = urlsplit(url)
    if not parts.netloc:
        raise InvalidError(f"storage {url!r} names no bucket: s3://BUCKET or s3://BUCKET/PATH")
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options={"allow_http": plain},
        retry_config={"max_retries": 4, "retry_timeout": _PATIENCE},
    )
    return Bucket(store)


class _Passing:
    """What flows by on its way into the bucket: counted, digested, and stopped at the limit."""

    def __init__(self, source: BinaryIO, limit_bytes: int | None) -> None:
        self.digest = hashlib.sha256()
        self.size_bytes = 0
        self.broken_by: Exception | None = None
        self._source = source
        self._limit_bytes = limit_bytes

    def chunks(self) -> Iterator[bytes]:
        try:
            yield from self._counted()
        except Exception as error:
            self.broken_by = error
            raise

    def _counted(self) -> Iterator[bytes]:
        while chunk := self._source.read(_CHUNK_BYTES):
            self.size_bytes += len(chunk)
            if self._limit_bytes is not None and self.size_bytes > self._limit_bytes:
                raise TooLargeError(f"the file is larger than the limit of {self._limit_bytes:,} bytes")
            self.digest.update(chunk)
            yield chunk


class _Reading(io.RawIOBase):
    """The library's reader in the shape of a file."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def readinto(self, buffer: Any, /) -> int:
        found = bytes(self._reader.read(len(buffer)))
        buffer[: len(found)] = found
        return len(found)


@contextmanager
def _in_words(key: str) -> Generator[None]:
    """What the library raises about a key, as an error of ours; its own texts may hold addresses and are not passed on."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError(f"the stored file {key} is gone") from error
    except BaseError as error:
        raise OSError(f"the bucket did not answer for {key}: {type(error).__name__}") from error
