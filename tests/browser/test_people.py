"""People with each other, in a browser: asking for access, following, commenting, lending secrets, and signing in elsewhere."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import test_story as told
from tests.browser.serving import served
from tests.browser.story import Story, three_people
from tests.browser.watching import Person, a_person, findings
from tests.web.provider import CLIENT, SECRET, providing


def a_reader_asks_and_the_author_lets_him_in(story: Story) -> None:
    reader, author = story.reader, story.author
    reader.go(story.app)
    reader.sees("Did somebody send you this link?")
    reader.fill(text="For the monthly report")
    reader.press("Ask for access")
    reader.sees("Waiting")
    author.go(story.app)
    author.page.get_by_role("link", name="Somebody asks").click()
    author.sees("For the monthly report")
    author.press("Grant")
    author.sees("Nobody asks.")
    reader.go("/requests")
    reader.page.get_by_role("link", name="Orders by region").click()
    reader.sees("Where the orders come from")


def they_talk_about_it(story: Story) -> None:
    story.reader.press("Follow")
    story.reader.sees("You follow this workflow")
    story.reader.page.get_by_role("link", name="Comments").click()
    story.reader.fill(text="Runs **every morning**.")
    story.reader.press("Comment")
    story.reader.page.locator(".comment strong", has_text="every morning").wait_for()
    story.author.go(f"{story.app}/comments")
    story.author.sees("every morning")
    assert story.author.page.get_by_text("Change or delete").count() == 0


def the_author_keeps_what_his_runs_use(story: Story) -> None:
    author = story.author
    author.go("/credentials")
    author.fill(name="DOMAIN\\robot", password="hunter2")
    author.press("Keep")
    author.sees("not used by a run yet")
    author.go("/connections")
    author.fill(name="Warehouse", address="postgresql://reader:hunter2@db.example.com/sales")
    author.press("Keep")
    author.sees("postgresql://reader:***@db.example.com/sales")
    assert "hunter2" not in author.page.content()


def somebody_signs_in_elsewhere(somebody: Person) -> None:
    somebody.go("/sign-in")
    somebody.page.get_by_role("link", name="Sign in with Example ID").click()
    somebody.page.wait_for_url(f"{somebody.gallery}/")
    somebody.go("/profile")
    somebody.sees("Alice Ames")


def nobody_is_kept_out(person: Person, paths: list[str], axe: Path) -> None:
    found: list[str] = []
    for path in paths:
        person.go(path)
        found += findings(person.page, axe)
    person.page.set_viewport_size({"width": 390, "height": 800})
    for path in paths:
        person.go(path)
        if person.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} is wider than a phone")
    assert not found, "\n".join(found)


def test_people_with_each_other(browser: Browser, tmp_path: Path, axe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with providing() as provider:
        chosen = {"ISSUER": provider.url, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "NAME": "Example ID", "ROLE": "Viewer"}
        for name, value in chosen.items():
            monkeypatch.setenv(f"GALLERIA_OIDC_{name}", value)
        with served(tmp_path) as gallery, three_people(browser, gallery) as story:
            told.a_curator_sets_the_gallery_up_and_invites(story)
            told.an_author_publishes_what_he_has_read_the_report_of(story)
            a_reader_asks_and_the_author_lets_him_in(story)
            they_talk_about_it(story)
            the_author_keeps_what_his_runs_use(story)
            nobody_is_kept_out(
                story.author, [story.app, f"{story.app}/comments", "/requests", "/credentials", "/connections", "/profile"], axe
            )
            told.no_browser_complained_or_asked_another_host(story)
            stranger = a_person(browser, gallery)
            nobody_is_kept_out(stranger, ["/sign-in", "/forgotten", "/sign-in?out=1"], axe)
            somebody_signs_in_elsewhere(stranger)
            assert stranger.complaints == []
            assert all(url.startswith(f"{provider.url}/") for url in stranger.elsewhere)
