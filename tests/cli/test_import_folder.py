"""`galleria import folder` over a folder that changes between two calls."""

import re
import shutil
from pathlib import Path

from tests.cli.conftest import Shell

WORKFLOWS = Path(__file__).parents[1] / "workflows"


def test_only_what_changed_is_published_again(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(WORKFLOWS / "a_standard_macro_is_spliced_in", folder / "macro")
    shutil.copytree(WORKFLOWS / "an_unsupported_tool_is_named", folder / "vendor")
    (folder / "broken.yxmd").write_text("no workflow", encoding="utf-8")
    assert shell("user", "add", "me@example.com").returncode == 0

    first = shell("import", "folder", str(folder), "--owner", "ME@example.com")
    assert first.returncode == 1, first.stderr
    assert "1 stopped by Vendor.Special.Special" in first.stdout
    assert re.search(r"published +[0-9a-f]{24} macro/workflow.yxmd: will run", first.stdout)
    assert re.search(r"refused .*broken.yxmd: ", first.stdout)

    document = folder / "macro" / "workflow.yxmd"
    document.write_text(document.read_text(encoding="utf-8").replace("seven.csv", "other.csv"), encoding="utf-8")
    second = shell("import", "folder", str(folder), "--owner", "me@example.com")
    assert "1 new version, 1 refused, 1 unchanged" in second.stdout, second.stderr


def test_an_unknown_owner_is_named(shell: Shell, tmp_path: Path) -> None:
    done = shell("import", "folder", str(tmp_path), "--owner", "nobody@example.com")
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (
        2,
        "invalid: no user has the e-mail nobody@example.com; add one with `galleria user add nobody@example.com`",
    )
