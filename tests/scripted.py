"""A fork server whose runs carry out the Python text in their workflow file: what a workflow can do to a server, and more."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SERVER = (sys.executable, "-P", str(Path(__file__).resolve()))


def load() -> Any:
    # Imported before the fork, as the engine is.
    import polars  # noqa: F401 (loaded before the fork)
    import sigilyx  # noqa: F401 (loaded before the fork)

    from galleria.runner.preload import Engine

    return Engine(run, lambda folder: (folder / "temporary" / "warmed").touch())


def run(folder: Path) -> int:
    """The text sees `folder`, `say(event, **facts)`, and ends the run by `code`, 0 unless it is set."""
    job = json.loads((folder / "job.json").read_bytes())
    text = (folder / job["workflow"]).read_text(encoding="utf-8")

    def say(event: str, **facts: object) -> None:
        with (folder / "events.jsonl").open("a", encoding="utf-8") as events:
            events.write(json.dumps({"event": event, **facts}) + "\n")

    names: dict[str, Any] = {"folder": folder, "say": say, "code": 0, "job": job}
    exec(compile(text, "workflow", "exec"), names)
    say("end", code=names["code"], detail="")
    return names["code"]


def job_folder(folder: Path, text: str, **job: Any) -> Path:
    """Make a job folder for such a text."""
    for name in ("package", "inputs", "outputs", "temporary"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "package" / "main.yxmd").write_text(text, encoding="utf-8")
    (folder / "job.json").write_text(json.dumps({"workflow": "package/main.yxmd", **job}), encoding="utf-8")
    return folder


if __name__ == "__main__":
    from galleria.runner.serve import serve

    sys.exit(serve(load))
