"""A browser page whose complaints and requests are noted, and axe-core's opinion of what it shows."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERIOUS = ("serious", "critical")


@dataclass
class Person:
    """Somebody at a browser of his own."""

    page: Page
    gallery: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Requests that went to another host."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(120_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        # A refusal that a test provokes is logged by the browser itself.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _note(self, url: str) -> None:
        if not url.startswith((self.gallery.removesuffix("/gallery") + "/", "data:")):
            self.elsewhere.append(url)

    def go(self, path: str) -> None:
        # The first page of the help is put together when it is first asked for.
        self.page.goto(f"{self.gallery}{path}", timeout=300_000)

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"main [name={name}]", value)

    def press(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words, exact=True).first.click()

    def sees(self, words: str) -> None:
        self.page.locator("main").get_by_text(words).locator("visible=true").first.wait_for()

    def path(self) -> str:
        return self.page.url.removeprefix(self.gallery)


def a_person(browser: Browser, gallery: str, **options: Any) -> Person:
    return Person(browser.new_context(viewport={"width": 1280, "height": 900}, **options).new_page(), gallery)


def findings(page: Page, axe: Path) -> Sequence[str]:
    """List what axe-core calls serious in a page, light and dark: rule, element, why. Of the dark one only colours are asked about."""
    # Colours that still change would be measured in between.
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    # By the debugger, not by a tag: the page's own policy lets no such script in.
    page.evaluate(axe.read_text("utf-8"))
    found = _violations(page, "light", "{resultTypes: ['violations']}")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return [*found, *_violations(page, "dark", "{resultTypes: ['violations'], runOnly: ['color-contrast']}")]


def _violations(page: Page, theme: str, options: str) -> Sequence[str]:
    answer: dict[str, Any] = page.evaluate(f"axe.run(document, {options})")
    return [
        f"{theme}: {page.url}: {rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in answer["violations"]
        if rule["impact"] in _SERIOUS
        for node in rule["nodes"]
    ]
