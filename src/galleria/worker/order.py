"""What a runner is told: the content of `job.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from galleria.connecting.maps import read_path_maps
from galleria.worker.options import Options


@dataclass(frozen=True)
class Input:
    """An uploaded file that answers a question."""

    question: str
    name: str
    key: str
    """In the storage."""


@dataclass(frozen=True)
class Order:
    limits: Mapping[str, float | None]
    fence: Mapping[str, Any]
    path_maps: Sequence[str] = ()
    addins: str = ""
    """A folder with functions that formulas know."""
    workflow: str = ""
    """Below the package."""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])

    def as_json(self, folder: Path) -> Mapping[str, Any]:
        """The order for a run in this folder."""
        return {
            "workflow": f"package/{self.workflow}",
            "answers": self.answers,
            "limits": self.limits,
            "fence": self.fence,
            "path_maps": list(self.path_maps),
            "addins": self.addins,
            "variables": {"Engine.TempFilePath": f"{folder}/temporary/"},
            "previews": False,
        }


def order_for_all(options: Options) -> Order:
    """What is the same for every job of a worker: the limits, but for the time, and the fence."""
    maps = read_path_maps(options.path_maps)
    addins = [str(options.formula_addins)] if options.formula_addins else []
    return Order(
        limits={"time_s": options.time_limit_s, "memory_bytes": options.memory_limit_bytes, "spill_bytes": options.disk_limit_bytes},
        fence={
            "read": [*addins, *(str(one.folder) for one in maps if not one.is_writable)],
            "write": [*map(str, options.allowed_roots), *(str(one.folder) for one in maps if one.is_writable)],
            "private_addresses": list(options.allowed_private_addresses),
            "unrestricted": options.is_unrestricted,
        },
        path_maps=options.path_maps,
        addins="".join(addins),
    )
