"""Who the story is about, and what is found again later."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.watching import Person, a_person

WORKFLOWS = Path(__file__).parent / "workflows"
PASSWORD = "correct horse battery"


@dataclass
class Story:
    """Three people, and the paths of what they have made so far."""

    curator: Person
    author: Person
    reader: Person
    app: str = ""
    """The path of the app's page."""
    run: str = ""
    collection: str = ""
    schedule: str = ""
    map: str = ""
    """The path of an output with places in it."""
    letter: str = ""
    """The path of the page of a workflow that writes a report."""
    others: list[str] = field(default_factory=list[str])

    @property
    def people(self) -> list[Person]:
        return [self.curator, self.author, self.reader]


@contextmanager
def three_people(browser: Browser, gallery: str) -> Generator[Story]:
    curator, author, reader = (a_person(browser, gallery, accept_downloads=True) for _ in range(3))
    told = Story(curator, author, reader)
    yield told
    for person in told.people:
        person.page.context.close()
