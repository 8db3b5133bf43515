"""What the fast reader of workbooks does not tell of binary ones (.xls): where a sheet says that it begins.

Source: the published descriptions of compound files ([MS-CFB]) and of the records in them ([MS-XLS]).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = ("Workbook", "Book")
_SHEET, _DIMENSIONS, _END = 0x85, 0x200, 0x0A
_IN_HEADER, _IN_HEADER_AT = 109, 76
_ENTRY = 128
_SECTORS = ((512, 64), (4096, 64))
_LAST_SECTOR = 0xFFFF_FFF9
"""Numbers above stand for ends and free places."""


def declared_start(data: bytes, sheet: str) -> tuple[int, int] | None:
    """Row and column (from 0) with which the sheet of the file says that it begins; None where it is too damaged to tell.

    Where it says that it ends is not asked for: some declare far more than they have.
    """
    try:
        stream = _workbook(data)
        start = next((start for name, start in _sheets(stream) if name == sheet), None)
        found = None if start is None else next((body for code, body in _records(stream, start) if code == _DIMENSIONS), None)
        # Older workbooks count rows in two bytes.
        layout = "<I4xH" if found and len(found) >= 14 else "<H2xH"
        row, column = struct.unpack_from(layout, found or b"")
    except (struct.error, IndexError, ValueError):
        return None
    return row, column


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Names of the sheets, and where in the stream they begin."""
    is_wide_book = stream[4:6] == b"\x00\x06"
    for code, body in _records(stream, 0):
        if code == _SHEET:
            text = body[8:] if is_wide_book else body[7:]
            is_wide = is_wide_book and body[7] & 1
            name = text[: body[6] * 2].decode("utf-16-le", "replace") if is_wide else text[: body[6]].decode("latin-1")
            yield name, struct.unpack_from("<I", body)[0]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, at)
        yield code, stream[at + 4 : at + 4 + length]
        if code == _END:
            return
        at += 4 + length


def _workbook(data: bytes) -> bytes:
    """The stream of the workbook in the compound file; empty where there is none."""
    sector, small = (1 << power for power in struct.unpack_from("<HH", data, 30))
    count, directory, cutoff, small_table = (struct.unpack_from("<I", data, place)[0] for place in (44, 48, 56, 60))
    if (sector, small) not in _SECTORS:
        return b""
    whole = _Sectors(data[sector:], sector, _next_sectors(data, sector, min(count, len(data) // sector)))
    entries = whole.chain(directory)
    root, *others = (entries[at : at + _ENTRY] for at in range(0, len(entries) - _ENTRY + 1, _ENTRY))
    for entry in others:
        start, length = struct.unpack_from("<II", entry, 116)
        if _name(entry) in _STREAMS and length >= cutoff:
            return whole.chain(start)[:length]
        if _name(entry) in _STREAMS:
            table = whole.chain(small_table)
            followers = struct.unpack(f"<{len(table) // 4}I", table)
            return _Sectors(whole.chain(struct.unpack_from("<I", root, 116)[0]), small, followers).chain(start)[:length]
    return b""


def _name(entry: bytes) -> str:
    return entry[: struct.unpack_from("<H", entry, 64)[0]].decode("utf-16-le", "replace").rstrip("\0")


@dataclass(frozen=True)
class _Sectors:
    data: bytes
    size: int
    followers: Sequence[int]
    """For each sector the one that follows it."""

    def chain(self, sector: int) -> bytes:
        parts: list[bytes] = []
        # A chain of more sectors than there are runs in a circle.
        while sector < _LAST_SECTOR and len(parts) < len(self.followers):
            parts.append(self.data[sector * self.size : (sector + 1) * self.size])
            sector = self.followers[sector]
        return b"".join(parts)


def _next_sectors(data: bytes, size: int, count: int) -> Sequence[int]:
    """For each sector of the file the one that follows it."""
    tables = list(struct.unpack_from(f"<{_IN_HEADER}I", data, _IN_HEADER_AT))
    further = struct.unpack_from("<I", data, 68)[0]
    while further < _LAST_SECTOR and len(tables) < count:
        *more, further = struct.unpack_from(f"<{size // 4}I", data, (further + 1) * size)
        tables.extend(more)
    sectors = (struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size) for sector in tables[:count])
    return [number for sector in sectors for number in sector]
