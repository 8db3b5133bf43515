"""What holds for every template, style sheet and script, without a server."""

import csv
import dataclasses
import hashlib
import re
from pathlib import Path

import pytest
from jinja2 import DictLoader

from galleria.web.assets import assets
from galleria.web.page import Frame, Page
from galleria.web.rendering import TEMPLATES, environment
from tests.web.naming import every_page, wrong_names

STATIC = TEMPLATES.parent / "static"
PAGES = list(every_page())
OURS = [path for path in TEMPLATES.parent.rglob("*") if path.suffix in (".html", ".css", ".js", ".svg") and "vendor" not in path.parts]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_template_uses_only_what_its_page_has(page: type[Page]) -> None:
    assert wrong_names(environment("/gallery"), page.template, {"page": page, "frame": Frame}) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_page_is_a_frozen_dataclass_with_a_template_of_its_own(page: type[Page]) -> None:
    assert dataclasses.is_dataclass(page)
    assert page.__dataclass_params__.frozen  # type: ignore[attr-defined] - put there by dataclasses
    assert [other.__name__ for other in PAGES if other.template == page.template] == [page.__name__]


def test_a_wrong_name_is_found() -> None:
    made = environment("/gallery")
    with_wrong_name = made.loader
    assert with_wrong_name is not None

    made.loader = DictLoader(
        {"x.html": "{% for one in page.stretches %}{{ one.sucseeded }}{% endfor %}{{ page.nothing }}{{ frame.visitor.nmae }}"}
    )
    [overview] = [page for page in PAGES if page.__name__ == "OverviewPage"]
    assert wrong_names(made, "x.html", {"page": overview, "frame": Frame}) == [
        "x.html: Stretch has no sucseeded",
        "x.html: OverviewPage has no nothing",
        "x.html: Visitor has no nmae",
    ]


def test_every_template_belongs_to_a_page_or_is_shared() -> None:
    of_pages = {page.template for page in PAGES}
    there = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    assert {name for name in there if not name.startswith("parts/")} == {name for name in of_pages if not name.startswith("parts/")} | {
        "base.html"
    }


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere_and_nothing_stands_inline(path: Path) -> None:
    text = path.read_text("utf-8")
    without_names = text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"""(?:src|href|url|import|action)\s*[=(]\s*["']?\s*(?:https?:)?//""", without_names)
    if path.suffix == ".html":
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"<style\b|\sstyle=", text)
        assert not re.search(r"""\son[a-z]+=|javascript:""", text)
        assert "hx-on" not in text
    if path.suffix == ".js":
        assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text)


def test_what_is_vendored_is_what_was_published() -> None:
    with (STATIC / "vendor" / "vendored.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    listed = {row["file"]: row["sha256"] for row in rows}
    there = {path.relative_to(STATIC / "vendor").as_posix(): path for path in (STATIC / "vendor").rglob("*.js")}
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert all((STATIC / "vendor" / row["file"]).parent.joinpath("LICENSE").is_file() and row["version"] and row["licence"] for row in rows)


def test_assets_are_small() -> None:
    total = sum(len(asset.content) for asset in assets().files.values())
    assert total < 300_000
