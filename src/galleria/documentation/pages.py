"""Every page of the documentation as Markdown, made from where the thing itself lies. Nothing is written twice.

Guides and documents lie in the repository; a wheel carries them in `texts/`. Tool pages lie beside the tools; functions are made
of their signatures and cases, endpoints of the routes and recorded answers, settings and commands of their declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_REPOSITORY = PACKAGE.parents[1]
_TEXTS = Path(__file__).parent / "texts"
GUIDES = "Guides"
_DOCUMENTS = (
    ("index", "README.md", GUIDES),
    ("guides/using", "docs/guides/using.md", GUIDES),
    ("guides/calling", "docs/guides/calling.md", GUIDES),
    ("guides/postman", "docs/guides/postman.md", GUIDES),
    ("guides/swagger", "docs/guides/swagger.md", GUIDES),
    ("guides/running", "docs/guides/running.md", GUIDES),
    ("moving", "docs/moving.md", GUIDES),
    ("databases", "docs/databases.md", GUIDES),
    ("architecture", "ARCHITECTURE.md", "The project"),
    ("contributing", "CONTRIBUTING.md", "The project"),
    ("changelog", "CHANGELOG.md", "The project"),
)
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")
_PICTURE = re.compile(r"(?m)^(?:\| \| \|.*\n\|---.*\n)?.*!\[[^\]]*\]\([^)]*\).*\n")


@dataclass(frozen=True)
class Page:
    path: str
    """Below the documentation's root, without `.html`."""
    markdown: str
    """Its links to other pages are `help:PATH.html`."""
    chapter: str

    @property
    def title(self) -> str:
        return re.sub(r"[`*]", "", self.markdown.partition("\n")[0].removeprefix("# "))


def pages() -> Iterator[Page]:
    """Give every page, chapter by chapter."""
    from galleria.documentation.apis import api_pages
    from galleria.documentation.declared import command_page, settings_page

    project: list[Page] = []
    for path, file, chapter in _DOCUMENTS:
        page = Page(path, _linked(_read(file)), chapter)
        if chapter == GUIDES:
            yield page
        else:
            project.append(page)
    yield settings_page()
    yield command_page()
    yield from api_pages()
    for page in sorted((PACKAGE / "tools").glob("*/*.md")):
        yield Page(f"tools/{page.stem}", page.read_text(encoding="utf-8"), f"Tools: {page.parent.name.replace('_', ' ')}")
    yield from _function_pages()
    yield from project


def _read(file: str) -> str:
    """A document of the repository, or its copy in a wheel, which is the only one there."""
    there = _REPOSITORY / file
    return (there if there.is_file() and (_REPOSITORY / "pyproject.toml").is_file() else _TEXTS / file).read_text(encoding="utf-8")


def _linked(markdown: str) -> str:
    """Let links between documents lead to their pages; pictures and links to other files of the repository are left out."""
    known = {Path(file).name: path for path, file, _ in _DOCUMENTS}

    def lead(link: re.Match[str]) -> str:
        target = known.get(Path(link[1]).name)
        return f"](help:{target}.html{link[2] or ''})" if target else "](help:index.html)"

    return _LINK.sub(lead, _PICTURE.sub("", markdown))


def _function_pages() -> Iterator[Page]:
    from galleria.formula.reference import reference_pages

    for family, markdown in reference_pages().items():
        yield Page(f"functions/{family}", markdown, "Functions")
