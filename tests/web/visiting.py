"""A browser without scripts: follows links, sends forms with the tokens of their pages, keeps cookies."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from galleria.bootstrap import application
from galleria.gallery.actors import Actor, system
from galleria.gallery.sessions import service as sessions
from galleria.http.parts import Parts

SERVER = "http://testserver"
ROOT = "/gallery"
PASSWORD = "correct horse battery"


@dataclass
class Found(HTMLParser):
    """What a page holds that tests ask for."""

    links: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    text: str = ""
    csrf: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "form":
            self.forms.append(given.get("action") or "")
        if tag == "input" and given.get("name") == "csrf":
            self.csrf = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


def found(response: Response) -> Found:
    page = Found()
    page.feed(response.text)
    page.text = re.sub(r"\s+", " ", page.text)
    return page


@dataclass
class Visit:
    http: TestClient
    actor: Actor | None = None

    def get(self, path: str, **more: Any) -> Response:
        return self.http.get(f"{ROOT}{path}", **more)

    def page(self, path: str) -> Found:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, found(response).text[-600:])
        return found(response)

    def post(self, path: str, data: dict[str, Any] | None = None, csrf_from: str = "/", **more: Any) -> Response:
        token = found(self.get(csrf_from)).csrf
        return self.http.post(f"{ROOT}{path}", data={"csrf": token, **(data or {})}, **more)


def a_visit(parts: Parts) -> Visit:
    """Somebody who is not signed in."""
    return Visit(TestClient(_application(parts), SERVER, raise_server_exceptions=True, client=("10.0.0.7", 50000)))


@lru_cache(maxsize=4)
def _application(parts: Parts) -> FastAPI:
    return application(parts)


def signed_in(parts: Parts, actor: Actor) -> Visit:
    """Sign somebody in without a password, which takes its time on purpose: by a link."""
    visit = a_visit(parts)
    with parts.database.write() as db:
        opened = sessions.use_link(db, sessions.new_link(db, system("test"), actor.user_id or ""), 3600)
    assert opened is not None
    visit.http.cookies.set("galleria_session", opened.token, path=ROOT)
    visit.actor = actor
    return visit
