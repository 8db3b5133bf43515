"""The documents exist, are of the length they promise, and point at things that exist."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "galleria").rglob("*.py"))
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_exists(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 100


@pytest.mark.parametrize("name", DOCUMENTS[:4])
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), f"{name} links to {target}"


def test_the_architecture_names_real_modules() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = text.partition("## The tree")[2].partition("## Layers")[0]
    for name in re.findall(r"`([a-z_]+(?:/|\.py))`", tree):
        assert (ROOT / "src" / "galleria" / name).exists() or list((ROOT / "src" / "galleria").rglob(name)), name


def test_the_architecture_lists_the_layers_that_are_checked() -> None:
    checked = (ROOT / ".importlinter").read_text(encoding="utf-8").partition("layers =")[2].partition("\n\n")[0].split("\n")
    listed = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("must be placed here first:\n\n")[2].partition("\n\n")[0]
    wanted = [{name.strip() for name in line.split("|")} for line in checked if line.strip()]
    assert [{name.strip() for name in layer.split("|")} for layer in listed.replace("`", "").split("·")] == wanted


def test_every_folder_has_a_layer() -> None:
    layers = (ROOT / ".importlinter").read_text(encoding="utf-8")
    folders = {path.name for path in (ROOT / "src" / "galleria").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {folder for folder in folders if not re.search(rf"\b{folder}\b", layers)} == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_modules_are_small(path: Path, recwarn) -> None:
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length <= 600, f"{path.name} has {length} lines: split it by idea"


def test_a_new_tool_passes_the_tests(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    command = [sys.executable, "-m", "galleria", "new", "tool", "Record Counter", "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (folder / "preparation").iterdir()} == {"__init__.py", "record_counter.py", "record_counter.md"}


def test_the_static_documentation_is_built(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "build.py"), str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "/v1/workflows/{appId}/jobs/" in (tmp_path / "api" / "subscription.html").read_text(encoding="utf-8")
    assert "PadLeft" in (tmp_path / "functions" / "string.html").read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="https?:', "".join(page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.css")))


def test_the_readme_counts_what_there_is() -> None:
    from galleria.formula.registry import all_functions
    from galleria.tools.palette import all_tools

    tools, functions = len(all_tools()), len(set(all_functions().values()))
    counted = re.search(r"(\d+) tools and (\d+) functions", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert counted
    # At least: a tool that is added must not turn another's test red; the figure is brought up at each release.
    assert tools >= int(counted[1]) >= tools - 20
    assert functions >= int(counted[2])


def test_the_recipes_work_as_they_are_written(tmp_path: Path) -> None:
    """Every shell block of CONTRIBUTING, one after another, in a copy of the project."""
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    script = "set -e\n" + textwrap.dedent("".join(textwrap.dedent(block) for block in blocks))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(tmp_path / "src")}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "[100%]" in done.stdout
