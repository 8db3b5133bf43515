"""A server that has nothing left to prepare."""

import time

import psutil

_LONGEST_S = 120


def settle(server: psutil.Process) -> None:
    """Wait until the pages of the documentation, which a server has put together when it starts, are there."""
    until = time.monotonic() + _LONGEST_S
    while any(_is_preparing(child) for child in server.children()):
        if time.monotonic() > until:
            raise TimeoutError(f"the documentation was not there after {_LONGEST_S} s")
        time.sleep(0.1)


def _is_preparing(child: psutil.Process) -> bool:
    try:
        return child.status() == psutil.STATUS_ZOMBIE or "galleria.documentation" in child.cmdline()
    except psutil.ZombieProcess:
        return True
    except psutil.NoSuchProcess:
        return False
