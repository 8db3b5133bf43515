"""What changed between two versions of a workflow: read from their packages in a child process, once, and kept."""

import json
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from galleria.children import commands
from galleria.gallery.workflows.records import Version
from galleria.storage.contract import Area, Storage, key_for

_LARGEST_KEPT_BYTES = 4 << 20


def differences_between(storage: Storage, before: Version, after: Version) -> Mapping[str, Any]:
    """Tell what changed, as `runner.differences` does; the versions come from a verb that checked the actor.

    May take some seconds: call it outside of a transaction. Raises InvalidError for a package that cannot be read.
    """
    name = f"{before.id}-{after.id}.differences.json"
    key = key_for(Area.CONVERTED, name)
    if storage.exists(key):
        with storage.open(key) as stream:
            return cast("Mapping[str, Any]", json.load(stream))
    with tempfile.TemporaryDirectory(prefix="galleria-versions-") as place:
        folder = Path(place)
        for version, file in ((before, "before.yxzp"), (after, "after.yxzp")):
            storage.fetch(version.package_key, folder / file)
        found = commands.compare(folder, "before.yxzp", "after.yxzp")
    content = json.dumps(found).encode()
    if len(content) <= _LARGEST_KEPT_BYTES:
        storage.put(Area.CONVERTED, name, BytesIO(content))
    return found
