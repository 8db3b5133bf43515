"""From an address to the place that it names."""

from pathlib import Path

from galleria.errors import InvalidError
from galleria.storage.contract import Storage
from galleria.storage.folder import Folder


def storage_at(url: str) -> Storage:
    """Open the storage of this address: `file:///FOLDER`, a plain path, or `s3://BUCKET/PATH`."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Folder(Path(url))
    if scheme == "s3":
        try:
            from galleria.storage.bucket import bucket_at
        except ImportError as error:
            raise InvalidError("storage in a bucket needs the extra 's3': pip install 'galleria[s3]'") from error
        return bucket_at(url)
    if scheme != "file":
        raise InvalidError(f"storage {url!r}: folders (file:///FOLDER) and buckets (s3://BUCKET/PATH) are known")
    return Folder(Path(rest))
