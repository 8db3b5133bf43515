"""What has become of other processes."""

import time

import psutil


def is_gone(pid: int, within_s: float = 10) -> bool:
    """Whether nothing of it runs any more; a zombie counts as gone: whose child it became decides when it is collected."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or _is_zombie(pid):
            return True
        time.sleep(0.01)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
