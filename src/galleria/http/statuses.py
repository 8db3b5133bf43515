"""The one table from errors to HTTP status codes; each door adds its own body."""

from galleria.errors import (
    ConflictError,
    ForbiddenError,
    GalleriaError,
    InvalidError,
    NotFoundError,
    TooBusyError,
    TooLargeError,
    UnauthorizedError,
    UnreadableError,
    UnsupportedError,
)

STATUSES: dict[type[GalleriaError], int] = {
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    TooLargeError: 413,
    TooBusyError: 503,
    UnsupportedError: 422,
    UnreadableError: 422,
    InvalidError: 400,
    GalleriaError: 500,
}
"""Looked up along the error's class tree, so that a FormulaError counts as an InvalidError."""


def status_for(error: GalleriaError) -> int:
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
