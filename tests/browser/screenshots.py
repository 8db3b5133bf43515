"""`python -m tests.browser.screenshots FOLDER`: a picture of every page, light, dark and on a phone, to be looked at.

The story of `test_story.py` is told first, so that there is something to see.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import test_story as told
from tests.browser.serving import served, slug
from tests.browser.watching import ARGUMENTS, CHROMIUM, a_person

_SIZES = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 800)}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="galleria-pictures-") as data:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        with served(Path(data)) as gallery:
            story = tell(browser, gallery)
            stranger = a_person(browser, gallery)
            for name, (width, height) in _SIZES.items():
                for person, paths in ((stranger, ["/sign-in"]), (story.curator, told.every_path(story))):
                    person.page.set_viewport_size({"width": width, "height": height})
                    person.page.emulate_media(color_scheme="dark" if name == "dark" else "light")
                    for path in paths:
                        person.go(path)
                        person.page.screenshot(path=folder / f"{slug(path) or 'home'}.{name}.png", full_page=True)
        browser.close()


def tell(browser: Browser, gallery: str) -> told.Story:
    """Carry out the parts of the story that leave something behind."""
    story = told.Story(*(a_person(browser, gallery, accept_downloads=True) for _ in range(3)))
    told.test_1_a_curator_sets_the_gallery_up_and_invites(story)
    told.test_2_an_author_publishes_what_he_has_read_the_report_of(story)
    told.test_5_the_author_shares_it_in_a_collection(story)
    told.test_6_a_reader_finds_it_while_typing(story)
    told.test_7_the_reader_fills_the_form_and_watches_it_run(story)
    told.test_11_the_author_schedules_it_and_sees_when_it_will_run(story)
    return story


if __name__ == "__main__":
    main(Path(sys.argv[1]))
