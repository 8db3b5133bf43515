"""One job folder, run from `job.json` to the last line of `events.jsonl`. Where it is called, the fence is up already."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

from galleria.addresses import Rules
from galleria.connecting.maps import read_path_maps
from galleria.errors import GalleriaError, UnsupportedError
from galleria.formula.environment import Environment
from galleria.messages import Message, Status
from galleria.runner import gate, handed
from galleria.runner.fence import read_fence
from galleria.runner.files import FencedFiles
from galleria.runner.listeners import EventStream
from galleria.runner.mapped import MappedFiles
from galleria.runner.run import Code, run_workflow
from galleria.runner.surroundings import Surroundings
from galleria.runner.transfer import Transfers

OUTPUTS = "outputs"


def run_job(folder: Path, stream_to: Callable[[IO[str], Path], EventStream] = EventStream) -> int:
    """Run what `folder` holds; returns a `Code` and says the same in the last event."""
    job = json.loads((folder / "job.json").read_bytes())
    with (folder / "events.jsonl").open("a", encoding="utf-8") as file:
        stream = stream_to(file, folder / OUTPUTS)
        code, detail = _run(folder, job, stream)
        stream.event("end", {"code": int(code), "detail": detail})
    return int(code)


def _run(folder: Path, job: dict[str, object], stream: EventStream) -> tuple[Code, str]:
    fence = read_fence(job)
    connect = gate.way_out(Rules.of(fence.private_addresses))
    world = Transfers(connect, unrestricted=fence.unrestricted)
    path = folder / str(job["workflow"])
    files = MappedFiles(FencedFiles(folder, path.parent, fence), read_path_maps(_texts(job.get("path_maps"))))
    addins = str(job.get("addins") or "")
    formula = Environment(variables=_strings(job.get("variables")), started=datetime.now(), addin_folder=Path(addins) if addins else None)
    try:
        around = Surroundings(files, world, formula, _strings(job.get("answers")), handed.databases(connect))
        return run_workflow(path, around, stream), ""
    except UnsupportedError as error:
        stream.message(Message(error.tool_id, Status.ERROR, f"Galleria does not support {error.message}"))
        return Code.NOT_RUN, f"unsupported: {error.message}"
    except GalleriaError as error:
        stream.message(Message(None, Status.ERROR, error.message))
        return Code.NOT_RUN, f"invalid: {error.message}"


def _strings(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
