"""The short form of the chaos: workers, runs, servers and databases killed, frozen and cut off while jobs run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "network"])
def test_every_job_ends_once_and_nothing_is_left_over(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.chaos", "--short", kind, "--seed", "1"], cwd=ROOT, capture_output=True, text=True, timeout=1200
    )
    if "skipped: " in done.stdout:
        pytest.skip(done.stdout.partition("skipped: ")[2].strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "processes left over: none" in done.stdout
