"""`python -m tests.browser.screenshots FOLDER`: a picture of every page, light, dark and on a phone, to be looked at.

The story of `test_story.py` is told first, so that there is something to see.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import test_story as told
from tests.browser.serving import served, slug
from tests.browser.watching import ARGUMENTS, CHROMIUM, Person, a_person

_SIZES = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 800)}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="galleria-pictures-") as data:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        with served(Path(data)) as gallery:
            with told.three_people(browser, gallery) as story:
                told.tell(story)
                take_pictures(folder, a_person(browser, gallery), ["/sign-in"])
                take_pictures(folder, story.curator, told.every_path(story))
        browser.close()


def take_pictures(folder: Path, person: Person, paths: list[str]) -> None:
    for name, (width, height) in _SIZES.items():
        person.page.set_viewport_size({"width": width, "height": height})
        person.page.emulate_media(color_scheme="dark" if name == "dark" else "light")
        for path in paths:
            person.go(path)
            person.page.screenshot(path=folder / f"{slug(path) or 'home'}.{name}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
