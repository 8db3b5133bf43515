"""A gallery as people start it: `galleria serve` with its worker, in processes of its own, over an empty folder."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.clients.running import free_port
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Gives `http://127.0.0.1:PORT/gallery`."""
    port = free_port()
    chosen = {"DATA_DIR": str(folder), "PORT": str(port), "WORKER_SLOTS": "1"}
    environment = {**os.environ, **{f"GALLERIA_{name}": value for name, value in chosen.items()}}
    log = folder / "serve.log"
    with log.open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-m", "galleria", "serve"], env=environment, cwd=ROOT, stdout=sink, stderr=sink)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/gallery"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            if httpx2.get(url, timeout=20).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no server after {PATIENCE_S} seconds:\n{log.read_text(errors='replace')}")


def slug(text: str) -> str:
    return re.sub(r"\W+", "-", text).strip("-")
