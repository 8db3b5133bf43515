"""Look into an output: its first rows, what its fields hold, plots; worked out once in a child process and kept."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, cast

from galleria.children import commands
from galleria.errors import TooLargeError, UnsupportedError
from galleria.gallery.jobs.records import JobOutput
from galleria.storage.contract import Area, Storage, key_for

LARGEST_BYTES = 2 << 30
"""Above that, a look costs more than it is worth."""
_LARGEST_KEPT_BYTES = 8 << 20
_TABLES = (".yxdb", ".csv", ".xlsx", ".xls", ".xlsm", ".parquet", ".json", ".geojson", ".avro", ".dbf", ".shp", ".flat", ".txt")


def can_preview(output: JobOutput) -> bool:
    """Say whether there is a table to look into."""
    return PurePosixPath(output.name.replace("\\", "/")).suffix.lower() in _TABLES and output.size_bytes <= LARGEST_BYTES


def preview_output(storage: Storage, output: JobOutput) -> Mapping[str, Any]:
    """Describe an output as `runner.preview` does. May take long: call it outside of a transaction.

    Raises UnsupportedError for what is no table, TooLargeError for what is too large, InvalidError for a damaged file.
    """
    if output.size_bytes > LARGEST_BYTES:
        raise TooLargeError("this output is too large to look into; download it")
    if not can_preview(output):
        raise UnsupportedError("look into an output", f"{output.name} is no table")
    return _kept(storage, f"{output.id}.preview.json", lambda: _with_file(storage, output, commands.preview))


def plot_output(storage: Storage, output: JobOutput, wanted: Mapping[str, str]) -> Mapping[str, Any]:
    """Compute a plot of an output as `runner.plot` does; as `preview_output` otherwise."""
    if not can_preview(output):
        raise UnsupportedError("plot an output", f"{output.name} is no table, or too large")
    named = hashlib.sha256(json.dumps(sorted(wanted.items())).encode()).hexdigest()[:32]
    return _kept(
        storage, f"{output.id}.plot-{named}.json", lambda: _with_file(storage, output, lambda source: commands.plot(source, wanted))
    )


def _kept(storage: Storage, name: str, work_out: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What was worked out under this name before, else what is worked out."""
    key = key_for(Area.CONVERTED, name)
    if not storage.exists(key):
        found = json.dumps(work_out()).encode()
        if len(found) > _LARGEST_KEPT_BYTES:
            return cast("Mapping[str, Any]", json.loads(found))
        key = storage.put(Area.CONVERTED, name, BytesIO(found)).key
    with storage.open(key) as stream:
        return cast("Mapping[str, Any]", json.load(stream))


def _with_file(storage: Storage, output: JobOutput, action: Callable[[Path], Mapping[str, Any]]) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory(prefix="galleria-preview-") as folder:
        source = Path(folder, f"output{PurePosixPath(output.name).suffix.lower()}")
        storage.fetch(output.storage_key, source)
        return action(source)
