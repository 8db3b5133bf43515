"""The documentation inside the product: what `make docs` writes, for everybody, with links that lead somewhere."""

import re
from urllib.parse import urljoin

import pytest

from galleria.documentation.pages import pages
from tests.web.conftest import House
from tests.web.visiting import found

EVERY = {page.path: page for page in pages()}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("index.html", "open, self-hosted analytics gallery"),
        ("guides/calling.html", "OAuth1Session"),
        ("guides/postman.html", "Queue Job"),
        ("guides/swagger.html", "Authorize"),
        ("guides/using.html", "Find something"),
        ("guides/running.html", "Behind a proxy"),
        ("settings.html", "GALLERIA_KEEP_JOBS_DAYS"),
        ("commands.html", "galleria clean"),
        ("tools/filter.html", "Filter"),
        ("functions/string.html", "PadLeft"),
        ("api/subscription.html", "/v1/workflows/{appId}/jobs/"),
        ("moving", "world along"),
    ],
)
def test_a_page_is_shown_to_everybody(house: House, path: str, words: str) -> None:
    assert words in house.visit().page(f"/help/{path}").text


def test_every_link_of_every_page_leads_to_a_page_or_a_heading(house: House) -> None:
    visit = house.visit()
    ids = {path: set(visit.page(f"/help/{path}.html").ids) for path in ("index", "guides/running", "guides/calling", "moving", "settings")}
    wrong: list[str] = []
    for path, page in EVERY.items():
        for target in re.findall(r"\]\(help:([^)]+)\)", page.markdown):
            name, _, heading = target.partition("#")
            if name.removesuffix(".html") not in EVERY or (heading and heading not in ids.get(name.removesuffix(".html"), {heading})):
                wrong.append(f"{path}: {target}")
    assert wrong == []
    for link in visit.page("/help/guides/running.html").links:
        if urljoin("/", link).startswith("/gallery/help"):
            assert visit.http.get(link).status_code == 200, link


def test_the_root_of_the_help_is_its_first_page(house: House) -> None:
    for path in ("/help", "/help/"):
        answer = house.visit().get(path)
        assert answer.url.path == "/gallery/help/guides/using.html"


def test_a_page_that_is_not_there_is_said_so(house: House) -> None:
    for path in ("/help/nothing.html", "/help/../../etc/passwd", "/help/tools/"):
        assert house.visit().get(path).status_code == 404


def test_the_help_is_searched(house: House) -> None:
    page = house.visit().page("/help/search?q=padleft")
    assert "/gallery/help/functions/string.html" in page.links
    assert "Nothing found" in house.visit().page("/help/search?q=no+such+words").text
    answer = house.visit().get("/help/search?q=<script>of(nobody)</script>")
    assert "<script>of" not in answer.text
    assert found(answer).text.count("Nothing found") == 1
