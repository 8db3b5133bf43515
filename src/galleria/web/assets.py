"""Style sheets, scripts and pictures: read once, served under a name that changes with their content, kept by browsers for ever."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from galleria.errors import NotFoundError

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Assets:
    files: dict[str, Asset]
    version: str
    """Eight hex digits of what all of them hold."""


@cache
def assets() -> Assets:
    """Read them all; some 200 kB."""
    files = {
        path.relative_to(_FOLDER).as_posix(): Asset(path.read_bytes(), _TYPES[path.suffix])
        for path in sorted(_FOLDER.rglob("*"))
        if path.suffix in _TYPES
    }
    digest = hashlib.sha256()
    for name, asset in files.items():
        digest.update(name.encode() + b"\0" + asset.content)
    return Assets(files, digest.hexdigest()[:8])


def serve_asset(request: Request, version: str, path: str) -> Response:
    """Give a file; of another version as well, for pages that were loaded before the server was renewed."""
    asset = assets().files.get(path)
    if asset is None:
        raise NotFoundError(f"no file {path[:100]}")
    kept = _FOR_EVER if version == assets().version else "no-cache"
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": kept})
