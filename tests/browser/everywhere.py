"""Every page of the gallery with something on it: what people do to that end, and the paths of all pages.

`unseen` compares the paths with the routes of the pages, so that no page is looked at by nobody.
"""

import re
from collections.abc import Sequence

from starlette.routing import compile_path

from galleria.web.app import FAMILIES
from tests.browser.story import WORKFLOWS, Story

_ALONE = {
    # Answers that are no page to look at: they lead on, or give a file, an excerpt, or lines as they come.
    "/app/{app_id}",
    "/app/{name}/{app_id}/package",
    "/help",
    "/publish/report",
    "/runs/{job_id}/events",
    "/runs/{job_id}/outputs/{output_id}",
    "/runs/{job_id}/outputs/{output_id}/page",
    "/search/suggestions",
    "/shared/{token}/file",
    "/sso",
    "/sso/callback",
    "/sso/sign-out",
}
_BEFORE = {"/set-up", "/sign-in/{token}"}
"""Pages for those who have no session yet; they are looked at before the story begins."""
ADDRESS = "postgresql://reader:hunter2@db.example.com/sales"
STRANGERS = ["/sign-in", "/sign-in?out=1", "/forgotten"]


def people_talk_and_follow(story: Story) -> None:
    story.reader.go(f"{story.app}/comments")
    story.reader.fill(text="Runs **every morning** before the meeting. Could it have the county, too?")
    story.reader.press("Comment")
    story.author.go(f"{story.app}/comments")
    story.author.press("Follow")
    story.author.fill(text="With the next version.")
    story.author.press("Comment")
    story.author.sees("With the next version.")


def a_letter_is_read_in_the_browser(story: Story) -> None:
    story.letter = run_of(story, "Letter to the branches.yxmd", "Letter-to-the-branches", "good")
    story.author.page.get_by_role("link", name="Look").click()
    story.author.page.frame_locator("iframe").get_by_text("Harbour").wait_for()
    story.others.append(story.author.path())


def what_cannot_run_ends_in_an_error(story: Story) -> None:
    run_of(story, "Sentiment of letters.yxmd", "Sentiment-of-letters", "bad")
    story.others.append(story.author.path())


def run_of(story: Story, file: str, name: str, tone: str) -> str:
    """Publish a workflow and run it to its end; gives the path of its page."""
    author = story.author
    author.go("/publish")
    author.page.set_input_files("#files", WORKFLOWS / file)
    author.press("Publish")
    author.page.wait_for_url(re.compile(f"/app/{name}/"))
    path = author.path()
    author.press("Run")
    author.page.locator(f".run-state.{tone}").wait_for(timeout=300_000)
    return path


def a_run_is_followed_by_another(story: Story) -> None:
    author = story.author
    author.go(f"{story.letter}/triggers")
    author.press("Add")
    author.sees("Mail to emil@example.com")
    author.page.select_option("[name=action]", "run")
    author.page.select_option("[name=target]", story.app[-24:])
    author.press("Add")
    author.page.wait_for_url(re.compile("/triggers/[0-9a-f]{24}"))
    story.others += [author.path().partition("?")[0], f"{story.letter}/triggers"]


def a_file_is_shared_by_a_link(story: Story) -> None:
    author = story.author
    share = f"{story.map.partition('/look')[0]}/share"
    author.go(share)
    author.press("Make a link")
    link = author.page.locator(".snippet code").inner_text()
    story.others += [share, link.removeprefix(author.gallery)]


def somebody_asks_for_what_is_not_shared(story: Story) -> None:
    reader = story.reader
    reader.go(story.letter)
    reader.fill(text="For the monthly report")
    reader.press("Ask for access")
    reader.sees("Waiting")


def the_curator_keeps_house(story: Story) -> None:
    curator = story.curator
    for path, secret, what in (("/credentials", "DOMAIN\\robot", "password"), ("/connections", "Warehouse", "address")):
        for where in (path, f"/admin{path}"):
            curator.go(where)
            curator.fill(name=secret if where == path else f"{secret} for all")
            curator.page.locator(f"main [name={what}]").last.fill("hunter2" if what == "password" else ADDRESS)
            curator.press("Keep")
    curator.go("/admin/groups")
    curator.fill(name="Sales")
    curator.press("Create")
    curator.page.wait_for_url(re.compile("/admin/groups/[0-9a-f]{24}"))
    curator.fill(email="noor@example.com")
    curator.press("Add")
    curator.go("/admin/districts")
    curator.fill(title="Stores", description="What the **branches** look at every day.")
    curator.press("Create")
    curator.page.wait_for_url(re.compile("/admin/districts/[0-9a-f]{24}"))
    story.others.append(f"/?district={curator.path()[-24:]}")
    curator.go(f"{story.app}/details")
    curator.page.get_by_label("Stores").check()
    curator.press("Put it there")
    curator.sees("Saved.")
    for place, name in (("districts", "Stores"), ("groups", "Sales"), ("users", "Noor Guest"), ("studios", "Emil Guest")):
        curator.go(f"/admin/{place}")
        link = curator.page.locator("main").get_by_role("link", name=name).first.get_attribute("href") or ""
        story.others.append(link.removeprefix("/gallery"))


MORE = (
    people_talk_and_follow,
    a_letter_is_read_in_the_browser,
    what_cannot_run_ends_in_an_error,
    a_run_is_followed_by_another,
    a_file_is_shared_by_a_link,
    somebody_asks_for_what_is_not_shared,
    the_curator_keeps_house,
)


def every_path(story: Story) -> list[str]:
    tabs = ["", "?tool=3", "/run", "/versions", "/versions/compare", "/schedules", "/schedules/new"]
    tabs += ["/triggers", "/results", "/comments", "/sharing", "/details"]
    admin = ["", "/users", "/districts", "/groups", "/studios", "/credentials", "/connections", "/jobs", "/workers"]
    admin += ["/audit", "/storage", "/settings"]
    others = ["/", "/?q=nothing", "/?kind=macro", "/search", "/search?q=orders", "/runs", story.run, "/schedules", story.schedule]
    others += [
        "/collections",
        story.collection,
        "/publish",
        "/districts",
        story.map,
        "/requests",
        "/profile",
        "/profile/keys",
        "/credentials",
        "/connections",
    ]
    others += ["/admin?span=month", "/help/search?q=filter", "/nowhere", *story.others]
    pages = ("index", "guides/calling", "settings", "tools/filter", "functions/string", "api/subscription")
    others += [f"/help/{page}.html" for page in pages]
    return [*others, *(f"{story.app}{tab}" for tab in tabs), *(f"/admin{page}" for page in admin)]


def unseen(paths: Sequence[str]) -> list[str]:
    """The pages that none of these paths leads to."""
    routes = {route.path for family in FAMILIES for route in family.router.routes if "GET" in getattr(route, "methods", ())}
    bare = [path.partition("?")[0] for path in [*paths, *STRANGERS]]
    exact = {route for route in routes if route in bare}
    shown = exact | {route for route in routes if any(path not in exact and compile_path(route)[0].match(path) for path in bare)}
    return sorted(routes - shown - _ALONE - _BEFORE)
