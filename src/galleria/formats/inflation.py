"""Archives that would grow out of all proportion are refused before anything of them is unpacked."""

import zipfile

from galleria.errors import InvalidError, TooLargeError
from galleria.formats.format import Source

MOST_BYTES = 8 * 1024**3
_HARMLESS_BYTES = 256 * 1024**2
_MOST_RATIO = 250
"""Tables of repeated values get to about a hundred."""


def refuse_bombs(source: Source) -> None:
    """Raise TooLargeError where an archive unpacks to far more than it looks; what is no zip archive passes."""
    if not zipfile.is_zipfile(source.path):
        return
    try:
        with zipfile.ZipFile(source.path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise InvalidError(f'"{source.name}" cannot be read: the archive is damaged ({error})') from error
    packed = max(source.path.stat().st_size, 1)
    if unpacked > MOST_BYTES or (unpacked > _HARMLESS_BYTES and unpacked / packed > _MOST_RATIO):
        raise TooLargeError(f'"{source.name}" is refused: its {packed:,} bytes would unpack to {unpacked:,}')
