"""Network namespaces for workers, each on a cable that can be pulled; needs root on Linux with `ip`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    address: str
    """Where this side listens."""
    bridge: str
    names: tuple[str, ...]
    """Of the namespaces."""

    def inside(self, name: str) -> tuple[str, ...]:
        """What comes before a command that is to run in a namespace."""
        return ("ip", "netns", "exec", name)

    def cut(self, name: str) -> None:
        """Pull the cable: nothing is refused, it only never arrives."""
        _ip("link", "set", f"{name}h", "nomaster")

    def join(self, name: str) -> None:
        _ip("link", "set", f"{name}h", "master", self.bridge)


def why_not() -> str:
    """Why there can be no namespaces on this machine; empty where there can."""
    if shutil.which("ip") is None:
        return "no `ip` command"
    if os.geteuid() != 0:
        return "not root"
    name = f"g{os.getpid()}x"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return made.stderr.strip() or "namespaces are refused"
    subprocess.run(["ip", "netns", "del", name], check=False)
    return ""


@contextmanager
def network(count: int) -> Generator[Network]:
    tag = f"g{os.getpid() % 10_000_000}"
    third = os.getpid() % 250 + 1
    bridge, names = f"{tag}b", tuple(f"{tag}n{number}" for number in range(count))
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"10.213.{third}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for number, name in enumerate(names):
            _ip("netns", "add", name)
            _ip("link", "add", f"{name}h", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", f"{name}h", "master", bridge, "up")
            _ip("-n", name, "addr", "add", f"10.213.{third}.{number + 10}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", name, "link", "set", device, "up")
        yield Network(f"10.213.{third}.1", bridge, names)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", bridge], check=False, capture_output=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
