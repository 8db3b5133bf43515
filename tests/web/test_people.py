"""What people do with each other on the pages: comment, follow, ask for access, lend what runs use, get mails, forget passwords."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from galleria.gallery.actors import Actor, Role
from galleria.gallery.comments.records import Comment
from galleria.gallery.mails import post
from galleria.gallery.mails.records import Kind, Mail
from galleria.gallery.mails.service import wanted_kinds
from galleria.gallery.workflows.access import find_workflow
from tests.gallery.scene import a_user
from tests.web.conftest import House
from tests.web.visiting import ROOT, Visit, a_visit, found, signed_in

UNKNOWN = "5" * 24


@pytest.fixture
def mailing(house: House) -> House:
    """The house with a mail server."""
    return replace(house, parts=replace(house.parts, can_mail=True))


def subjects(house: House) -> Sequence[tuple[str, str]]:
    with house.parts.database.read() as db:
        return [(row[0], row[1]) for row in db.execute(select(Mail.recipient, Mail.subject).order_by(Mail.created_at))]


def colleague(house: House, name: str = "boris", role: Role = Role.MEMBER) -> Actor:
    return a_user(house.parts.database, f"{name}@example.com", role, subscription_id=house.anna.subscription_id)


def test_a_comment_is_written_changed_and_deleted(house: House) -> None:
    app = house.scene.workflow_id
    visit = signed_in(house.parts, colleague(house))
    page = found(visit.post(f"/app/x/{app}/comments", {"text": "**Good** work\r\n\r\n- one"}))
    assert ("strong", {}) in page.tags
    assert "Your comment is there." in page.text
    with house.parts.database.read() as db:
        [comment] = db.scalars(select(Comment))
    assert comment.text == "**Good** work\n\n- one"
    assert "changed" in found(visit.post(f"/comments/{comment.id}", {"text": "Better"})).text
    assert house.visit(house.anna).post(f"/comments/{comment.id}", {"text": "Mine"}).status_code == 403
    assert "Nobody has said anything yet" in found(house.visit(house.anna).post(f"/comments/{comment.id}/delete")).text


def test_an_empty_comment_is_shown_again_with_what_is_wrong(house: House) -> None:
    answer = house.visit(house.anna).post(f"/app/x/{house.scene.workflow_id}/comments", {"text": "x" * 10_001})
    assert answer.status_code == 400
    assert "10,000 characters" in found(answer).text


def test_following_is_a_button_and_a_line_in_the_profile(house: House) -> None:
    app = house.scene.workflow_id
    visit = house.visit(house.anna)
    done = visit.post(f"/app/x/{app}/follow", {"deed": "begin", "back": f"/app/x/{app}/versions"})
    assert done.url.path == f"{ROOT}/app/x/{app}/versions"
    assert "Following" in found(done).text
    assert "You follow" in visit.page("/profile").text
    assert "Follow " in found(visit.post(f"/app/x/{app}/follow", {"deed": "end"})).text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_following_leads_to_pages_of_ours_only(house: House, back: str) -> None:
    form = {"deed": "begin", "back": back}
    answer = house.visit(house.anna).post(f"/app/x/{house.scene.workflow_id}/follow", form, follow_redirects=False)
    assert answer.headers["location"] == f"{ROOT}/"


def test_whoever_has_a_link_asks_the_owner_and_is_let_in(house: House) -> None:
    app, vera = house.scene.workflow_id, house.visit(house.viewer)
    refused = vera.get(f"/app/Rates-of-old/{app}")
    assert refused.status_code == 404
    assert f"{ROOT}/app/Rates-of-old/{app}/ask" in found(refused).forms
    asked = found(vera.post(f"/app/Rates-of-old/{app}/ask", {"text": "For the report"}))
    assert "its owner has been asked" in asked.text
    assert "Rates of old" in asked.text
    anna = house.visit(house.anna)
    assert "Somebody asks" in anna.page(f"/app/x/{app}").text
    page = anna.page("/requests")
    assert "For the report" in page.text
    [form] = [form for form in page.forms if form.startswith(f"{ROOT}/requests/")]
    anna.post(form.removeprefix(ROOT), {"deed": "grant", "text": "Welcome"})
    answered = vera.page("/requests")
    assert "Granted" in answered.text
    assert "Welcome" in answered.text
    assert "Rates" in vera.page(f"/app/x/{app}").text
    assert [recipient for recipient, _ in subjects(house)] == ["anna@example.com", "vera@example.com"]


def test_asking_for_what_never_was_looks_the_same(house: House) -> None:
    answers = [house.visit(house.viewer).post(f"/app/x/{app}/ask", {"text": "Please"}) for app in (house.scene.workflow_id, UNKNOWN)]
    assert answers[0].status_code == answers[1].status_code == 200
    pages = [house.visit(house.viewer).get(f"/app/x/{app}") for app in (house.scene.workflow_id, UNKNOWN)]
    assert found(pages[0]).text == found(pages[1]).text
    assert house.visit(house.viewer).page("/requests").text.count("Waiting") == 2


def test_who_declines_keeps_it_hidden(house: House) -> None:
    house.visit(house.viewer).post(f"/app/x/{house.scene.workflow_id}/ask")
    [form] = [form for form in house.visit(house.anna).page("/requests").forms if "/requests/" in form]
    house.visit(house.anna).post(form.removeprefix(ROOT), {"deed": "decline"})
    assert "Declined" in house.visit(house.viewer).page("/requests").text
    with house.parts.database.read() as db:
        assert find_workflow(db, house.viewer, house.scene.workflow_id) is None


def test_mails_are_chosen_in_the_profile(house: House) -> None:
    visit = house.visit(house.anna)
    assert "Saved." in found(visit.post("/profile/mails", {"mails": ["failure", "request", "reset"]})).text
    with house.parts.database.read() as db:
        assert wanted_kinds(db, house.anna) == {Kind.FAILURE, Kind.REQUEST}


def forget(house: House, email: str) -> tuple[int, str]:
    answer = a_visit(house.parts).post("/forgotten", {"email": email}, csrf_from="/forgotten")
    return answer.status_code, found(answer).text.replace(email, "ADDRESS")


def test_a_forgotten_password_leads_to_a_mail_and_tells_nobody_who_is_here(mailing: House) -> None:
    assert forget(mailing, "anna@example.com") == forget(mailing, "nobody@example.com")
    assert forget(mailing, "anna@example.com")[0] == 200
    assert subjects(mailing) == [("anna@example.com", "Sign in and choose a new password")]
    with mailing.parts.database.write() as db:
        [mail] = post.take_due(db)
    visit = a_visit(mailing.parts)
    page = visit.page(mail.path)
    token = mail.path.partition("?")[0]
    assert page.forms[-1].endswith(token)
    done = visit.post(token, {"next": "/profile"}, csrf_from=mail.path)
    assert done.url.path == f"{ROOT}/profile"
    changed = visit.post("/profile/password", {"new": "a new password", "repeated": "a new password"}, csrf_from="/profile")
    assert "The password was changed" in found(changed).text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example"])
def test_a_link_leads_to_pages_of_ours_only(mailing: House, wanted: str) -> None:
    forget(mailing, "anna@example.com")
    with mailing.parts.database.write() as db:
        [mail] = post.take_due(db)
    visit = a_visit(mailing.parts)
    answer = visit.post(mail.path.partition("?")[0], {"next": wanted}, csrf_from=mail.path, follow_redirects=False)
    assert answer.headers["location"] == f"{ROOT}/"


def test_where_no_mail_is_sent_the_page_says_whom_to_ask(house: House) -> None:
    assert "This gallery sends no mail" in house.visit().page("/forgotten").text
    assert (
        "Send me a sign-in link" not in found(house.visit().post("/forgotten", {"email": "anna@example.com"}, csrf_from="/forgotten")).text
    )
    assert subjects(house) == []


def test_an_invitation_goes_by_mail_and_its_link_is_not_shown(mailing: House) -> None:
    curator = mailing.visit(mailing.curator)
    answer = curator.post("/admin/users", {"email": "new@example.com", "role": "Viewer"})
    assert "Invited: a mail" in found(answer).text
    assert "/sign-in/" not in answer.text
    user = answer.url.path.removeprefix(ROOT)
    assert "on its way" in found(curator.post(f"{user}/link", {"deed": "mail"})).text
    assert "/sign-in/" in curator.post(f"{user}/link").text
    assert subjects(mailing) == [("new@example.com", "Your account in the gallery")] * 2


def card(visit: Visit, path: str) -> str:
    [form] = {form for form in visit.page(path).forms if form.startswith(f"{ROOT}{path}/")}
    return form.removeprefix(ROOT)


@pytest.mark.parametrize(
    ("path", "new", "change", "secret"),
    [
        ("/credentials", {"name": "robot", "password": "hunter2"}, {"deed": "password", "password": "hunter3"}, "hunter"),
        ("/connections", {"name": "Sales", "address": "DSN=x;PWD=hunter2"}, {"deed": "address", "address": "DSN=y;PWD=hunter3"}, "hunter"),
    ],
)
def test_secrets_are_kept_lent_and_never_shown(house: House, path: str, new: dict[str, str], change: dict[str, str], secret: str) -> None:
    boris, stranger = colleague(house), a_user(house.parts.database, "stranger@example.com")
    anna, other = house.visit(house.anna), signed_in(house.parts, boris)
    made = anna.post(path, new)
    assert (made.url.path, made.status_code) == (f"{ROOT}{path}", 200)
    assert "not used by a run yet" in found(made).text
    again = anna.post(path, new)
    assert again.status_code == 400
    assert "exists" in found(again).text
    mine = card(anna, path)
    assert new["name"] not in other.page(path).text
    assert new["name"] in found(anna.post(mine, {"deed": "share", "email": boris.email})).text
    assert new["name"] in other.page(path).text
    assert f"{ROOT}{mine}" not in other.page(path).forms
    assert other.post(mine, {"deed": "delete"}).status_code == 403
    refusals = [anna.post(mine, {"deed": "share", "email": email}) for email in (stranger.email, "nobody@example.com")]
    assert [answer.status_code for answer in refusals] == [400, 400]
    assert found(refusals[0]).text == found(refusals[1]).text
    anna.post(mine, change)
    assert secret not in anna.get(path).text + other.get(path).text + made.text
    anna.post(mine, {"member": f"user {boris.user_id}"})
    assert new["name"] not in other.page(path).text
    assert new["name"] not in found(anna.post(mine, {"deed": "delete"})).text


def test_a_viewer_sees_what_is_lent_to_him_and_keeps_nothing(house: House) -> None:
    visit = house.visit(house.viewer)
    for path in ("/credentials", "/connections"):
        assert "A new" not in visit.page(path).text
        assert visit.post(path, {"name": "x", "password": "y", "address": "z"}).status_code == 403
