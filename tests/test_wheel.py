"""The built wheel alone, in an empty environment and an empty folder, runs the demo: pages, templates and assets are inside."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


@pytest.mark.skipif(not UV.exists(), reason="uv is not beside this Python")
def test_the_wheel_alone_runs_the_demo(tmp_path: Path) -> None:
    source, empty = tmp_path / "source", tmp_path / "empty"
    # A copy: building leaves files behind, and other tests run beside this one.
    for folder in ("src", "docs"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / "pyproject.toml", ROOT / "LICENSE", *ROOT.glob("*.md")):
        shutil.copy(file, source)
    empty.mkdir()
    _run([str(UV), "build", "--wheel", "-q", "-o", str(tmp_path / "dist"), str(source)], empty)
    wheel = next((tmp_path / "dist").glob("*.whl"))
    _run([sys.executable, "-m", "venv", "--without-pip", "v"], empty)
    _run([str(UV), "pip", "install", "-q", "--python", "v/bin/python", str(wheel)], empty)
    shown = _run(["v/bin/galleria", "demo", "--exit"], empty)
    assert '32 records were written to "output.yxdb"' in shown


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    return done.stdout
