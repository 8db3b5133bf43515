"""`galleria serve` with its worker beside it, and the settings that reach the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from galleria.bootstrap import _as_environment  # pyright: ignore[reportPrivateUsage] - what the worker is started with
from galleria.settings import Settings
from galleria.worker.patience import patiently
from galleria.worker.words import size, span
from tests.clients.running import free_port
from tests.patience import wait_until


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[psutil.Process]:
    environment = {**os.environ, "GALLERIA_DATA_DIR": str(tmp_path), "GALLERIA_PORT": str(free_port()), "GALLERIA_WORKER_SLOTS": "1"}
    process = subprocess.Popen([sys.executable, "-m", "galleria", "serve"], env=environment, start_new_session=True)
    yield psutil.Process(process.pid)
    for one in _below(process.pid):
        one.kill()
    process.kill()
    process.wait()


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def family(serving: psutil.Process) -> list[psutil.Process]:
    """The server, its worker, the worker's fork server and gate, once they are all there; others may be among them."""

    def look() -> list[psutil.Process]:
        found = serving.children(recursive=True)
        return found if len(found) >= 3 and any("--serve" in words_of(one) for one in found) else []

    return [serving, *wait_until(look)]


def words_of(process: psutil.Process) -> list[str]:
    """Nothing of what has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def is_alive(process: psutil.Process) -> bool:
    """Where the first process of a container reaps nobody, ended ones stay on the list."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def knows_the_settings(process: psutil.Process) -> bool:
    """Not what has ended meanwhile."""
    try:
        return "GALLERIA_DATA_DIR" in process.environ()
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_the_server_ends_its_worker(serving: psutil.Process, sign: signal.Signals) -> None:
    """And what the worker starts sees none of its settings."""
    processes = family(serving)

    def who_knows() -> list[bool]:
        return ["worker" in words_of(one) for one in processes[1:] if knows_the_settings(one)]

    # One that is seen between its fork and its start still has its parent's environment.
    wait_until(lambda: who_knows() == [True], who_knows)
    serving.send_signal(sign)
    wait_until(lambda: not any(is_alive(one) for one in processes))


def test_settings_come_through_the_environment_unchanged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "data_dir": tmp_path,
        "worker_tags": ("a", "b"),
        "worker_slots": 3,
        "metrics": False,
        "secret_keys": (SecretStr("x" * 44),),
        "allowed_roots": (tmp_path, Path("/srv")),
        "jobs_dir": None,
    }
    settings = Settings.model_validate(given)
    for name, value in _as_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_patience_outlasts_a_database_that_comes_back() -> None:
    from sqlalchemy.exc import OperationalError

    tries: list[int] = []

    def action() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("", {}, Exception("away"))
        return "done"

    failures: list[int] = []
    assert patiently(action, 10, lambda: failures.append(1)) == "done"
    assert len(failures) == 2
    tries[:] = []
    with pytest.raises(OperationalError):
        patiently(action, 0.01)


@pytest.mark.parametrize(("number_bytes", "expected"), [(1_500_000_000, "1.5 GB"), (300_000_000, "300 MB")])
def test_sizes_in_words(number_bytes: int, expected: str) -> None:
    assert size(number_bytes) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(90, "90 seconds"), (0.5, "0.5 seconds"), (7200, "2 hours"), (3600, "60 minutes")])
def test_times_in_words(seconds: float, expected: str) -> None:
    assert span(seconds) == expected
