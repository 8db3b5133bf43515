"""Real `galleria` processes over a data folder: commands, and a server that others can be pointed at."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from oauthlib.oauth1 import Client

from galleria.gallery.keys.service import Pair
from tests.clients.running import free_port, wait_for


def environment_of(folder: Path, **settings: str) -> dict[str, str]:
    chosen = {"DATA_DIR": str(folder), **settings}
    return {**os.environ, **{f"GALLERIA_{name}": value for name, value in chosen.items()}}


def galleria(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "galleria", *arguments]
    environment = environment_of(folder, **settings)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False, stdin=subprocess.DEVNULL)


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Served:
    url: str
    """`http://127.0.0.1:PORT/gallery`"""

    def get(self, path: str, pair: Pair) -> httpx2.Response:
        url = f"{self.url}/api{path}"
        signer: Any = Client(pair.key, pair.secret)
        _, headers, _ = signer.sign(url, "GET")
        return httpx2.get(url, headers=headers, timeout=120)


@contextmanager
def served(folder: Path, log: Path, **settings: str) -> Generator[Served]:
    port = free_port()
    environment = environment_of(folder, PORT=str(port), **{"WORKER": "false", **settings})
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "galleria", "serve"], env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        wait_for(port, process, log)
        yield Served(f"http://127.0.0.1:{port}/gallery")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def keys_of(pair: Pair) -> Mapping[str, str]:
    """The settings that an import reads its key from."""
    return {"IMPORT_KEY": pair.key, "IMPORT_SECRET": pair.secret}
