"""`galleria demo`: the worked example for real. Publish, queue with a signed request, poll, read the messages, download."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from galleria.demo.client import GalleryClient
from galleria.demo.feed import LIVE_URL, feed
from galleria.demo.setup import Ready, served, set_up
from galleria.errors import GalleriaError


def demo(console: Console, *, live: bool, leave: bool, port: int = 0) -> None:
    """Show the worked example, printing every request; then keep the gallery up until Ctrl-C, unless `leave`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galleria-demo-")))
        address = LIVE_URL if live else stack.enter_context(feed())
        ready = set_up(folder, address, port)
        stack.enter_context(served(ready.settings, folder / "serve.log"))
        console.print(f"[dim]a gallery runs at {ready.settings.gallery_url}, its data in {folder}[/dim]", soft_wrap=True)
        _show(ready, console, folder)
        _say_what_next(ready, console)
        if not leave:
            _wait_for_interrupt(console)


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
