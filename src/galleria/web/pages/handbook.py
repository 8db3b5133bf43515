"""The documentation inside the product: the same pages that `make docs` writes, in the gallery's own frame, for everybody.

They are put together once a process, by a child: in the background as soon as the server has started, or when somebody
first asks for one.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from galleria.children.documentation import documentation
from galleria.errors import NotFoundError, TooBusyError
from galleria.web.door import door_of
from galleria.web.page import Page, go, show

router = APIRouter()

_FIRST = "guides/using"
_MOST_FOUND = 40
_AROUND = 80
_TAGS = re.compile(r"<[^>]+>")
_lock = threading.Lock()


@dataclass(frozen=True)
class HelpText:
    path: str
    title: str
    chapter: str
    html: str
    """Our own text, rendered; links to other pages are `help:PATH.html`."""
    words: str
    """What it says, without tags."""


@dataclass(frozen=True)
class HelpLink:
    path: str
    title: str
    is_here: bool


@dataclass(frozen=True)
class HelpChapter:
    name: str
    links: Sequence[HelpLink]
    is_open: bool


@dataclass(frozen=True)
class HelpPage(Page):
    template: ClassVar[str] = "help.html"
    section: ClassVar[str] = "help"

    name: str
    chapters: Sequence[HelpChapter]
    content: Markup
    previous: HelpLink | None
    following: HelpLink | None

    @property
    def title(self) -> str:
        return self.name


@dataclass(frozen=True)
class HelpFound:
    path: str
    title: str
    chapter: str
    before: str
    match: str
    after: str


@dataclass(frozen=True)
class HelpSearchPage(Page):
    template: ClassVar[str] = "help_search.html"
    section: ClassVar[str] = "help"

    search: str
    found: Sequence[HelpFound]
    chapters: Sequence[HelpChapter]

    @property
    def title(self) -> str:
        return f"{self.search} - help" if self.search else "Search the help"


@router.get("/help")
def show_first(request: Request) -> Response:
    return go(request, f"/help/{_FIRST}.html")


@router.get("/help/search")
def search_help(request: Request, q: str = "") -> Response:
    text = q.strip()[:100]
    return show(request, HelpSearchPage(text, _found(text.lower()) if text else (), _chapters("")))


@router.get("/help/{path:path}")
def show_help(request: Request, path: str) -> Response:
    every = _texts()
    text = every.get(path.removesuffix(".html").rstrip("/"))
    if text is None:
        raise NotFoundError(f"the help has no page {path[:100]}")
    same = [one for one in every.values() if one.chapter == text.chapter]
    at = same.index(text)
    page = HelpPage(
        name=text.title,
        chapters=_chapters(text.path),
        content=Markup(text.html.replace('href="help:', f'href="{door_of(request).root}/help/')),  # noqa: S704 (our own texts)
        previous=_link(same[at - 1], "") if at else None,
        following=_link(same[at + 1], "") if at + 1 < len(same) else None,
    )
    return show(request, page)


def prepare() -> None:
    """Begin to put the pages together, so that nobody waits for the first of them; who comes earlier waits for the rest only."""
    threading.Thread(target=_prepare, name="handbook", daemon=True).start()


def _prepare() -> None:
    # The child has told the log what went wrong, and whoever asks for a page tries again.
    with suppress(TooBusyError):
        _texts()


def _texts() -> Mapping[str, HelpText]:
    # Two first visitors at once need not start two children.
    with _lock:
        return _made()


@cache
def _made() -> Mapping[str, HelpText]:
    return {text.path: text for text in map(_text, documentation())}


def _text(page: Mapping[str, Any]) -> HelpText:
    html = str(page["html"])
    words = Markup(_TAGS.sub(" ", html)).unescape()  # noqa: S704 (only to be looked through)
    return HelpText(str(page["path"]), str(page["title"]), str(page["chapter"]), html, re.sub(r"\s+", " ", words))


def _chapters(here: str) -> list[HelpChapter]:
    chapters: dict[str, list[HelpLink]] = {}
    for text in _texts().values():
        chapters.setdefault(text.chapter, []).append(_link(text, here))
    return [HelpChapter(name, links, any(link.is_here for link in links)) for name, links in chapters.items()]


def _link(text: HelpText, here: str) -> HelpLink:
    return HelpLink(f"/help/{text.path}.html", text.title, text.path == here)


def _found(wanted: str) -> list[HelpFound]:
    """Pages that hold these words in a row: those whose title does first."""
    every = [(text, text.words.lower().find(wanted)) for text in _texts().values()]
    found = [(text, at) for text, at in every if at >= 0]
    found.sort(key=lambda one: (wanted not in one[0].title.lower(), one[0].chapter, one[0].title))
    return [_excerpt(text, at, len(wanted)) for text, at in found[:_MOST_FOUND]]


def _excerpt(text: HelpText, at: int, length: int) -> HelpFound:
    start = max(at - _AROUND, 0)
    before = f"{'…' if start else ''}{text.words[start:at]}"
    after = text.words[at + length : at + length + _AROUND]
    return HelpFound(f"/help/{text.path}.html", text.title, text.chapter, before, text.words[at : at + length], f"{after}…")
