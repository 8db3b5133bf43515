"""`galleria demo`: the worked example for real. Publish, queue with a signed request, poll, read the messages, download."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from rich.console import Console

from galleria import bootstrap
from galleria.demo.client import GalleryClient
from galleria.demo.feed import LIVE_URL, feed
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


def demo(console: Console, *, live: bool, leave: bool, port: int = 0) -> None:
    """Show the worked example, printing every request; then keep the gallery up until Ctrl-C, unless `leave`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galleria-demo-")))
        address = LIVE_URL if live else stack.enter_context(feed())
        ready = _set_up(folder, address, port)
        stack.enter_context(_served(ready.settings, folder / "serve.log"))
        console.print(f"[dim]a gallery runs at {ready.settings.gallery_url}, its data in {folder}[/dim]", soft_wrap=True)
        _show(ready, console, folder)
        _say_what_next(ready, console)
        if not leave:
            _wait_for_interrupt(console)


def _set_up(folder: Path, address: str, port: int) -> Ready:
    place = urlsplit(address)
    settings = Settings(
        data_dir=folder,
        port=port or _free_port(),
        allowed_private_addresses=(f"{place.hostname}:{place.port or 443}",),
        worker_slots=2,
    )
    workflow = folder / WORKFLOW
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
def _served(settings: Settings, log: Path) -> Generator[None]:
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


def _show(ready: Ready, console: Console, folder: Path) -> None:
    client = GalleryClient(ready.settings.gallery_url, ready.studio.key, ready.studio.secret, console)
    queued = client.queue(ready.app_id)
    job = client.wait(queued["id"])
    console.print(f"\nthe job is [bold]{job['status']}[/bold], disposition [bold]{job['disposition']}[/bold]; its messages:")
    for message in job["messages"]:
        line = f"  {message['status']:>3}  tool {message['toolId']}  {message['text']}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if job["disposition"] != "Success":
        raise GalleriaError("the demo's job did not succeed")
    console.print()
    output = job["outputs"][0]
    target = folder / output["name"]
    target.write_bytes(client.output(job["id"], output["id"]))
    console.print(f"\n{target.name}: {target.stat().st_size} bytes; its first rows:")
    console.print(_first_rows(target), highlight=False, markup=False)


def _first_rows(path: Path, count: int = 8) -> str:
    """What a reader of ours finds in the downloaded file."""
    import sigilyx

    return str(sigilyx.read_yxdb(path).head(count))


def _say_what_next(ready: Ready, console: Console) -> None:
    console.print("\nto go on:")
    for name, value in (
        ("sign in (once, from this machine)", ready.sign_in_url),
        ("gallery-url", ready.settings.gallery_url),
        ("appId", ready.app_id),
        ("studio-key", ready.studio.key),
        ("studio-secret", ready.studio.secret),
        ("user-key", ready.user.key),
        ("user-secret", ready.user.secret),
    ):
        console.print(f"  {name}: {value}", highlight=False, markup=False, soft_wrap=True)


def _wait_for_interrupt(console: Console) -> None:
    console.print("\nthe gallery stays up; Ctrl-C ends it and removes its data")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("stopped")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
