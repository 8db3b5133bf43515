"""A gallery of its own in a folder: the example published, a server process over it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from galleria import bootstrap
from galleria.demo.feed import LIVE_URL
from galleria.errors import GalleriaError
from galleria.gallery.actors import Role, system
from galleria.gallery.groups.service import actor_for
from galleria.gallery.keys.service import Pair, studio_keys, user_keys
from galleria.gallery.sessions.service import new_link
from galleria.gallery.users.service import NewUser, create_user
from galleria.gallery.workflows.file import publish_file
from galleria.settings import Settings

WORKFLOW = "ecb-rates.yxmd"
EMAIL = "demo@galleria.example"
START_S = 30


@dataclass(frozen=True)
class Ready:
    """A gallery that runs, with the example published."""

    settings: Settings
    app_id: str
    sign_in_url: str
    studio: Pair
    user: Pair


def set_up(folder: Path, address: str, port: int) -> Ready:
    place = urlsplit(address)
    settings = Settings(
        data_dir=folder,
        port=port or _free_port(),
        allowed_private_addresses=(f"{place.hostname}:{place.port or 443}",),
        worker_slots=2,
    )
    # In a folder of its own: the check may read what lies beside the workflow it checks.
    workflow = folder / "published" / WORKFLOW
    workflow.parent.mkdir()
    text = (files("galleria.demo") / "workflow" / WORKFLOW).read_text(encoding="utf-8")
    workflow.write_text(text.replace(LIVE_URL, address), encoding="utf-8")
    operator = system("demo")
    with bootstrap.opened(settings) as parts:
        with parts.database.write() as db:
            user = create_user(db, operator, NewUser(EMAIL, Role.CURATOR))
            studio, own = studio_keys(db, operator, user.subscription_id), user_keys(db, operator, user.id)
            link = f"{settings.gallery_url}/sign-in/{new_link(db, operator, user.id)}"
            actor = actor_for(db, user, "demo")
        app_id = publish_file(parts.database, actor, parts.storage, workflow).id
    return Ready(settings, app_id, link, studio, own)


@contextmanager
def served(settings: Settings, log: Path) -> Generator[None]:
    """`galleria serve` in a process of its own, until the block ends."""
    environment = {
        **os.environ,
        "GALLERIA_DATA_DIR": str(settings.data_dir),
        "GALLERIA_PORT": str(settings.port),
        "GALLERIA_ALLOWED_PRIVATE_ADDRESSES": ",".join(settings.allowed_private_addresses),
        "GALLERIA_WORKER_SLOTS": str(settings.worker_slots),
    }
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "galleria", "serve"], env=environment, stdout=file, stderr=file)
        try:
            _wait_until_up(settings, process, log)
            yield
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_up(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx2.get(f"http://{settings.host}:{settings.port}/health", timeout=2)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise GalleriaError(f"the gallery did not start within {START_S} seconds:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
