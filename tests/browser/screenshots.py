"""`python -m tests.browser.screenshots FOLDER`: a picture of every page, light, dark and on a phone, to be looked at.

The story of `test_story.py` is told first, so that there is something to see. `FOLDER/small` gets the three of the README.
"""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.everywhere import STRANGERS, every_path
from tests.browser.serving import served, slug
from tests.browser.story import Story, three_people
from tests.browser.test_story import tell
from tests.browser.watching import ARGUMENTS, CHROMIUM, Person, a_person

_SIZES = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 800)}

_SMALL: ViewportSize = {"width": 1280, "height": 900}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="galleria-pictures-") as data:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        with served(Path(data)) as gallery:
            with three_people(browser, gallery) as story:
                take_pictures(folder, story.curator, ["/set-up"])
                tell(story)
                take_pictures(folder, a_person(browser, gallery), STRANGERS)
                take_pictures(folder, story.curator, every_path(story))
                take_small(folder / "small", browser, story)
        browser.close()


def take_pictures(folder: Path, person: Person, paths: list[str]) -> None:
    taken: dict[str, str] = {}
    for name, (width, height) in _SIZES.items():
        person.page.set_viewport_size({"width": width, "height": height})
        person.page.emulate_media(color_scheme="dark" if name == "dark" else "light")
        for path in paths:
            person.go(path)
            person.page.screenshot(path=folder / f"{_named(path, taken)}.{name}.png", full_page=True)


def take_small(folder: Path, browser: Browser, story: Story) -> None:
    """Take the README's pictures: three quarters of their size, from where there is most to see."""
    folder.mkdir(exist_ok=True)
    session = story.curator.page.context.storage_state()
    page = browser.new_context(storage_state=session, viewport=_SMALL, device_scale_factor=0.75).new_page()
    for name, path, top in (("workflow", story.app, "header.head"), ("run", story.run, "header.head"), ("map", story.map, "#plot")):
        page.goto(f"{story.curator.gallery}{path}")
        page.evaluate("top => document.querySelector(top).scrollIntoView()", top)
        page.evaluate("scrollBy(0, -80)")
        page.screenshot(path=folder / f"{name}.png")
    page.context.close()


def _named(path: str, taken: dict[str, str]) -> str:
    """Name a picture by its page, without ids, the same for each size."""
    words = re.sub("[0-9a-f]{24}|(?<=shared/).*", "", path)
    name = slug(words)[:60] or "home"
    while taken.setdefault(name, path) != path:
        name += "+"
    return name


if __name__ == "__main__":
    main(Path(sys.argv[1]))
