"""The documentation as HTML: static pages in a folder, or plain data for the gallery to show in its own frame."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from galleria.documentation.pages import Page, pages

_RENDER = MarkdownIt("commonmark", {"html": False}).enable("table")


def data() -> list[dict[str, str]]:
    """Give every page as `{"path", "title", "chapter", "html"}`; links to other pages are `help:PATH.html`."""
    return [{"path": page.path, "title": page.title, "chapter": page.chapter, "html": rendered(page.markdown)} for page in pages()]


def rendered(markdown: str) -> str:
    """Render a page; its headings can be linked to by their words."""
    tokens = _RENDER.parse(markdown)
    seen: set[str] = set()
    for heading, inside in pairwise(tokens):
        if heading.type == "heading_open":
            _name(heading, inside.content, seen)
    made = _RENDER.renderer.render(tokens, _RENDER.options, {})
    # What is wider than the page is scrolled, with the keyboard, too.
    return (
        made.replace("<pre>", '<pre tabindex="0">')
        .replace("<table>", '<div class="wide" tabindex="0"><table>')
        .replace("</table>", "</table></div>")
    )


def _name(heading: Token, words: str, seen: set[str]) -> None:
    name = re.sub(r"[^\w]+", "-", words.lower()).strip("-")
    if name and name not in seen:
        seen.add(name)
        heading.attrSet("id", name)


def write(folder: Path, style: str) -> int:
    """Write every page and its style; returns their number."""
    made = list(pages())
    for page in made:
        target = folder / f"{page.path}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_html(page, made), encoding="utf-8")
    (folder / "style.css").write_text(style, encoding="utf-8")
    return len(made)


def _html(page: Page, every: Sequence[Page]) -> str:
    up = "../" * page.path.count("/")
    chapters: dict[str, list[Page]] = {}
    for one in every:
        chapters.setdefault(one.chapter, []).append(one)
    navigation = "".join(_chapter(name, found, page, up) for name, found in chapters.items())
    title = html.escape(page.title)
    body = rendered(page.markdown).replace('href="help:', f'href="{up}')
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title} · Galleria</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{up}style.css"></head>\n'
        f"<body><nav>{navigation}</nav>\n<main>{body}</main></body>\n</html>\n"
    )


def _chapter(name: str, found: Sequence[Page], page: Page, up: str) -> str:
    items = "".join(_item(one, is_here=one is page, up=up) for one in found)
    return f"<details{' open' if page in found else ''}><summary>{html.escape(name)}</summary><ul>{items}</ul></details>"


def _item(page: Page, *, is_here: bool, up: str) -> str:
    current: Any = " aria-current=page" if is_here else ""
    return f'<li{current}><a href="{up}{page.path}.html">{html.escape(page.title)}</a></li>'
