"""Whether something failed because there was no room: in the database, or on a disk."""

import errno

from sqlalchemy.exc import DBAPIError

NO_ROOM = "There is no room left where the gallery keeps this; nothing was changed. Its administrator has to make room."
_POSTGRESQL = "53100"
"""disk_full"""
_SQLITE = (13, 4874)
"""SQLITE_FULL; SQLITE_IOERR_SHMSIZE: the index of the log cannot grow."""


def is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) == _POSTGRESQL or getattr(error.orig, "sqlite_errorcode", None) in _SQLITE
