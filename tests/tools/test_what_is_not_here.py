"""The list of tools that are not here, in `docs/moving.md`, names none that is."""

from pathlib import Path

from tests.test_tool_pages import PAGES

MOVING = Path(__file__).parents[2] / "docs" / "moving.md"


def test_no_tool_of_the_palette_is_listed_as_missing() -> None:
    section = MOVING.read_text(encoding="utf-8").partition("## Tools that are not here")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ") and not line.startswith("| tools |")]
    named = {name.partition("(")[0].strip() for cell in cells for name in cell.replace(":", ",").split(",")}
    titles = {page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").strip() for page in PAGES}
    assert len(cells) > 5
    assert named & titles == set()
