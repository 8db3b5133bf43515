"""A process kept running beside this one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from galleria.children import companion
from galleria.children.companion import Companion
from tests.patience import PATIENCE_S, wait_until

STAYS = "import sys; sys.stdin.read(); open({file!r}, 'w').write('ended by itself')"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: None)\nwhile True: time.sleep(1)"


def test_it_ends_by_itself_when_the_block_ends(tmp_path: Path) -> None:
    file = str(tmp_path / "file")
    with Companion([sys.executable, "-c", STAYS.format(file=file)], os.environ, PATIENCE_S) as beside:
        assert psutil.pid_exists(beside.pid)
    assert not psutil.pid_exists(beside.pid)
    assert Path(file).read_text() == "ended by itself"


def test_it_is_started_again_when_it_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companion, "AGAIN_AFTER_S", (0.05, 1.0))
    with Companion([sys.executable, "-c", STAYS.format(file=str(tmp_path / "file"))], os.environ, 10) as beside:
        first = beside.pid
        psutil.Process(first).kill()
        wait_until(lambda: beside.pid != first)


def test_one_that_does_not_end_is_killed() -> None:
    with Companion([sys.executable, "-c", STUBBORN], os.environ, 0.2) as beside:
        time.sleep(0.2)
    assert not psutil.pid_exists(beside.pid)
