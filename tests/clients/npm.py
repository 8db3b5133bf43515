"""Other people's clients from npm, installed as `package-lock.json` says."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "node_modules"
_STAMP = MODULES / ".galleria-lock.json"
_INSTALL_S = 900


def installed() -> Path:
    """Give `node_modules`, installed by `npm ci` when it is not what the lock says; skips the test where npm is missing."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    lock = (ROOT / "package-lock.json").read_text()
    # Several test processes may come here at once: one installs, the others wait.
    with (ROOT / "package.json").open() as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not _STAMP.exists() or _STAMP.read_text() != lock:
            subprocess.run([npm, "ci", "--no-progress", "--fetch-retries=5"], cwd=ROOT, check=True, capture_output=True, timeout=_INSTALL_S)
            _STAMP.write_text(lock)
    return MODULES


def run_node(script: str, *arguments: str, preload: str = "") -> object:
    """Run a script that may require what is installed; gives the JSON that it prints as its last line."""
    command = ["node", *(["-r", preload] if preload else []), "-e", script, *arguments]
    done = subprocess.run(command, cwd=installed().parent, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
