from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import served
from tests.browser.watching import ARGUMENTS, CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Ends with the module: Playwright's loop, while it runs, lets no other test of the process start one."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def gallery(browser: Browser, tmp_path: Path) -> Generator[str]:
    """An empty gallery with a worker."""
    with served(tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def axe() -> Path:
    """axe-core's script; skips where npm is missing."""
    from tests.clients.npm import installed

    return installed() / "axe-core" / "axe.min.js"
