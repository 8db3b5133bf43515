"""The whole story as three people, each at a browser of his own, in front of one real gallery with a worker.

A curator sets the gallery up and invites; an author publishes, describes, runs and shares; a reader finds, runs with a form
and a file, watches, looks, downloads, and is refused what is not his. Nobody's browser asks anything of another host.
"""

import re
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.everywhere import MORE, every_path, unseen
from tests.browser.story import PASSWORD, WORKFLOWS, Story, three_people
from tests.browser.watching import Person, findings
from tests.patience import wait_until


def a_curator_sets_the_gallery_up_and_invites(story: Story) -> None:
    curator = story.curator
    curator.go("/")
    curator.sees("Set up the gallery")
    curator.fill(first_name="Cora", last_name="Curator", email="cora@example.com", password=PASSWORD, repeated=PASSWORD)
    curator.press("Begin")
    curator.sees("The gallery is yours")
    invite(story.curator, story.author, "emil@example.com", "Emil", "Artisan")
    invite(story.curator, story.reader, "noor@example.com", "Noor", "Viewer")


def invite(curator: Person, guest: Person, email: str, name: str, role: str) -> None:
    curator.go("/admin/users")
    curator.fill(email=email, first_name=name, last_name="Guest")
    curator.page.select_option("aside select", role)
    curator.press("Invite")
    link = curator.page.locator(".snippet code").inner_text()
    curator.page.check("[name=can_create_collections]")
    curator.page.check("[name=can_schedule]")
    curator.press("Save")
    guest.page.goto(link)
    guest.press(f"Sign in as {name} Guest")
    guest.page.wait_for_url(re.compile("/gallery/$"))


def an_author_publishes_what_he_has_read_the_report_of(story: Story) -> None:
    author = story.author
    author.go("/publish")
    author.page.set_input_files("#files", WORKFLOWS / "Orders by region.yxwz")
    author.sees("Everything in it can run here.")
    assert author.page.locator(".tile").count() == 10
    author.press("Publish")
    author.page.wait_for_url(re.compile("/app/Orders-by-region/[0-9a-f]{24}$"))
    story.app = author.path()
    author.sees("Where the orders come from")


def what_cannot_run_is_told_before_it_is_published(story: Story) -> None:
    author = story.author
    author.go("/publish")
    author.page.set_input_files("#files", WORKFLOWS / "Sentiment of letters.yxmd")
    author.sees("It would not run to its end.")
    author.sees("Galleria has no such tool yet")


def a_click_on_a_tool_shows_what_is_in_it(story: Story) -> None:
    author = story.author
    author.go(story.app)
    author.page.locator(".tile[data-tool='3']").click()
    author.page.locator("#inside dd", has_text='[Region] = "North"').wait_for()
    assert author.path() == story.app
    author.page.get_by_role("button", name="Closer").click()
    assert author.page.locator(".canvas > svg").get_attribute("viewBox") != author.page.locator(".canvas").get_attribute("data-box")


def the_author_shares_it_in_a_collection(story: Story) -> None:
    author = story.author
    author.go("/collections")
    author.fill(name="For everybody")
    author.press("Create")
    author.page.wait_for_url(re.compile("/collections/[0-9a-f]{24}$"))
    story.collection = author.path()
    author.fill(email="noor@example.com")
    author.press("Share")
    author.sees("Noor Guest")
    author.go(story.app)
    author.page.get_by_role("link", name="Share", exact=True).click()
    author.page.select_option("[name=collection]", label="For everybody")
    author.press("Put in")
    author.sees("through this collection of Emil Guest")


def a_reader_finds_it_while_typing(story: Story) -> None:
    reader = story.reader
    reader.go("/")
    reader.sees("1 workflow")
    reader.page.fill(".finder-words", "no such thing")
    reader.sees("Nothing found.")
    reader.page.fill(".finder-words", "largest first")
    reader.page.get_by_role("link", name="Orders by region").click()
    reader.page.wait_for_url(re.compile(story.app))


def the_reader_fills_the_form_and_watches_it_run(story: Story) -> None:
    reader = story.reader
    reader.page.get_by_role("link", name="Run", exact=True).first.click()
    reader.page.select_option("[name=q0]", "West")
    reader.page.fill("[name=q1]", "100")
    reader.page.set_input_files("input[type=file]", {"name": "more.csv", "mimeType": "text/csv", "buffer": b"a\n1\n"})
    reader.press("Run")
    reader.page.wait_for_url(re.compile("/runs/[0-9a-f]{24}$"))
    story.run = reader.path()
    # The page tells by itself when it is over.
    reader.page.locator(".run-state.good").wait_for(timeout=300_000)
    reader.sees("2 records were True and 1 were False")
    # The canvas was there from the beginning, and tells what passed each wire.
    reader.page.locator("#run-canvas .wire-count[data-source='4:True']", has_text="2").wait_for()
    reader.sees("more.csv")


def the_reader_looks_at_the_result_and_downloads_it(story: Story) -> None:
    reader = story.reader
    with reader.page.expect_download() as downloading:
        reader.page.get_by_role("link", name="Csv").click()
    text = downloading.value.path().read_text("utf-8")
    assert text.splitlines() == ["Region,Customer,Ordered,Amount", "West,Harper,2025-03-15,990", "West,Zhang,2025-03-20,205.75"]
    reader.page.get_by_role("link", name="Look").click()
    reader.sees("2 records")
    assert reader.page.locator(".grid tbody td").all_inner_texts()[:4] == ["West", "Harper", "2025-03-15", "990"]


def the_reader_is_refused_what_is_not_his(story: Story) -> None:
    reader = story.reader
    for path in ("/admin", "/publish"):
        reader.go(path)
        reader.sees("This is not yours to do")
    reader.go(f"{story.app}/details")
    assert reader.page.get_by_role("button", name="Delete").count() == 0
    reader.go("/")
    assert "Sentiment" not in reader.page.content()


def an_answer_that_is_none_is_told_beside_its_field(story: Story) -> None:
    reader = story.reader
    reader.go(f"{story.app}/run")
    assert reader.page.input_value("[name=q0]") == "West"
    reader.page.evaluate("document.querySelector('[name=q1]').type = 'text'")
    reader.page.fill("[name=q1]", "a lot")
    reader.press("Run")
    reader.sees("this is no number".capitalize())
    assert reader.page.get_attribute("[name=q1]", "aria-invalid") == "true"


def the_author_schedules_it_and_sees_when_it_will_run(story: Story) -> None:
    author = story.author
    author.go(f"{story.app}/schedules/new")
    author.page.select_option("[name=kind]", "Weekly")
    author.page.check("[name=days][value=Monday]")
    author.sees("Every Monday at 07:00")
    author.page.locator(".next-runs li").nth(9).wait_for()
    author.press("Schedule it")
    author.page.wait_for_url(re.compile("/schedules/[0-9a-f]{24}"))
    story.schedule = author.path().partition("?")[0]
    author.go("/schedules")
    author.sees("Every Monday at 07:00")


def the_next_version_tells_what_changed(story: Story) -> None:
    author = story.author
    changed = (WORKFLOWS / "Orders by region.yxwz").read_text("utf-8").replace("[Amount] &gt;= 0<", "[Amount] &gt;= 10<")
    author.go(f"/publish?of={story.app[-24:]}")
    author.page.set_input_files("#files", {"name": "Orders by region.yxwz", "mimeType": "text/xml", "buffer": changed.encode()})
    author.sees("Everything in it can run here.")
    author.press("Publish")
    author.page.wait_for_url(re.compile(f"{story.app}$"))
    author.go(f"{story.app}/versions")
    author.page.get_by_role("link", name="What changed").first.click()
    author.page.locator("ins", has_text="[Amount] >= 10").last.wait_for()


def places_are_drawn_on_a_map(story: Story) -> None:
    author = story.author
    author.go("/publish")
    author.page.set_input_files("#files", WORKFLOWS / "Branches on the map.yxmd")
    author.press("Publish")
    author.page.wait_for_url(re.compile("/app/Branches-on-the-map/"))
    author.press("Run")
    author.page.locator(".run-state.good").wait_for(timeout=300_000)
    author.page.get_by_role("link", name="Look").click()
    author.sees("7 records")
    author.page.select_option("[name=y]", "Orders")
    author.page.locator(".map .point").nth(6).wait_for(state="attached")
    author.page.locator(".legend li").nth(1).wait_for()
    story.map = author.path()


def everything_is_found_while_typing(story: Story) -> None:
    author = story.author
    author.go("/runs")
    author.page.keyboard.press("/")
    # At once: what comes for half of the words would take the place of suggestions that are walked through.
    author.page.keyboard.insert_text("largest first")
    author.page.locator(".suggestions a", has_text="Orders by region").wait_for()
    author.page.keyboard.press("ArrowDown")
    author.page.keyboard.press("Enter")
    author.page.wait_for_url(re.compile(story.app))


def old_bookmarks_land_on_the_page(story: Story) -> None:
    author = story.author
    author.go(f"/#!app/Orders-by-region/{story.app[-24:]}")
    author.page.wait_for_url(re.compile(f"{story.app}$"))


def keys_are_copied(story: Story) -> None:
    author = story.author
    author.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    author.go("/profile/keys")
    author.page.get_by_role("button", name="Copy your secret").click()
    wait_until(lambda: re.fullmatch("[0-9a-f]{64}", author.page.evaluate("navigator.clipboard.readText()")))


def colours_are_kept(story: Story) -> None:
    author = story.author
    author.go("/runs")
    author.page.locator(".menu > summary").click()
    author.page.get_by_role("button", name="Dark").click()
    author.page.locator("html[data-theme=dark]").wait_for(state="attached")
    author.page.wait_for_url(re.compile("/runs$"))
    assert author.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 20)"


def every_page_is_among_those(story: Story) -> None:
    assert unseen(every_path(story)) == []


def pages_fit_a_phone(story: Story) -> None:
    curator = story.curator
    curator.page.set_viewport_size({"width": 375, "height": 740})
    too_wide: list[str] = []
    for path in every_path(story):
        curator.go(path)
        if curator.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(path)
    assert not too_wide, "\n".join(too_wide)


def pages_are_light(story: Story) -> None:
    heavy = {}
    for path in every_path(story):
        answer = story.curator.page.request.get(f"{story.curator.gallery}{path}")
        if len(answer.body()) > 150_000:
            heavy[path] = len(answer.body())
    assert heavy == {}


def no_browser_complained_or_asked_another_host(story: Story) -> None:
    assert [person.elsewhere for person in story.people] == [[], [], []]
    assert [person.complaints for person in story.people] == [[], [], []]


WHAT_LEAVES_SOMETHING = (
    a_curator_sets_the_gallery_up_and_invites,
    an_author_publishes_what_he_has_read_the_report_of,
    the_author_shares_it_in_a_collection,
    a_reader_finds_it_while_typing,
    the_reader_fills_the_form_and_watches_it_run,
    the_author_schedules_it_and_sees_when_it_will_run,
    the_next_version_tells_what_changed,
    places_are_drawn_on_a_map,
    *MORE,
)


def tell(story: Story) -> None:
    """Carry out the parts that leave something behind to look at."""
    for part in WHAT_LEAVES_SOMETHING:
        part(story)


# One test each: the parts build on each other, and test processes share tests out among them.
def test_the_whole_story(browser: Browser, gallery: str) -> None:
    with three_people(browser, gallery) as story:
        a_curator_sets_the_gallery_up_and_invites(story)
        an_author_publishes_what_he_has_read_the_report_of(story)
        what_cannot_run_is_told_before_it_is_published(story)
        a_click_on_a_tool_shows_what_is_in_it(story)
        the_author_shares_it_in_a_collection(story)
        a_reader_finds_it_while_typing(story)
        the_reader_fills_the_form_and_watches_it_run(story)
        the_reader_looks_at_the_result_and_downloads_it(story)
        the_reader_is_refused_what_is_not_his(story)
        an_answer_that_is_none_is_told_beside_its_field(story)
        the_author_schedules_it_and_sees_when_it_will_run(story)
        the_next_version_tells_what_changed(story)
        places_are_drawn_on_a_map(story)
        everything_is_found_while_typing(story)
        old_bookmarks_land_on_the_page(story)
        keys_are_copied(story)
        colours_are_kept(story)
        for part in MORE:
            part(story)
        every_page_is_among_those(story)
        pages_fit_a_phone(story)
        pages_are_light(story)
        no_browser_complained_or_asked_another_host(story)


def test_nobody_is_kept_out_by_how_a_page_is_made(browser: Browser, gallery: str, axe: Path) -> None:
    found: list[str] = []
    with three_people(browser, gallery) as story:
        tell(story)
        for path in every_path(story):
            story.curator.go(path)
            found += findings(story.curator.page, axe)
    assert not found, "\n".join(found)
