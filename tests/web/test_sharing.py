"""The page on which a workflow is shared: in one step, and back."""

import re

from galleria.gallery.collections import service as collections
from galleria.gallery.collections.service import Membership
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.users.service import UserChange, change_user
from tests.gallery.scene import SYSTEM
from tests.web.conftest import House
from tests.web.visiting import ROOT, found


def page_of(house: House) -> str:
    return f"/app/x/{house.scene.workflow_id}/sharing"


def test_it_is_shared_with_a_person_and_taken_back(house: House) -> None:
    anna = house.visit(house.anna)
    assert f"{ROOT}/app/Rates/{house.scene.workflow_id}/sharing" in anna.page(f"/app/x/{house.scene.workflow_id}").links
    shared = found(anna.post(page_of(house), {"who": "vera@example.com", "right": "update", "until": "2099-12-31"}))
    assert re.search("vera@example.com sees and runs it, publish new versions of what is in it, until 31 December 2099", shared.text)
    assert "Rates" in house.visit(house.viewer).page("/").text
    done = found(anna.post(f"{page_of(house)}/end", {"member": f"user {house.viewer.user_id}"}))
    assert "vera@example.com" not in done.text
    assert house.visit(house.viewer).get(f"/app/x/{house.scene.workflow_id}").status_code == 404


def test_what_was_written_wrong_is_said_beside_it(house: House) -> None:
    anna = house.visit(house.anna)
    for form, words in (
        ({"who": "zoe <b>"}, "called 'zoe <b>'"),
        ({"who": "anna@example.com"}, "theirs already"),
        ({"who": "vera@example.com", "until": "2001-01-01"}, "that day is over"),
        ({"who": "vera@example.com", "until": "soon"}, "is no date"),
    ):
        answer = anna.post(page_of(house), form)
        assert answer.status_code == 400
        assert words.lower() in found(answer).text.lower()
        [field] = [given for tag, given in found(answer).tags if tag == "input" and given.get("name") == "who"]
        assert (field["value"], field["aria-invalid"]) == (form["who"], "true")


def test_it_is_put_into_a_collection_or_a_new_one(house: House) -> None:
    with house.parts.database.write() as db:
        change_user(db, SYSTEM, house.anna.user_id or "", UserChange(can_create_collections=True))
        shelf = collections.create_collection(db, SYSTEM, "Shelf", owner_id=house.anna.user_id)
        theirs = collections.create_collection(db, SYSTEM, "Theirs", owner_id=house.curator.user_id)
        collections.share_collection(db, SYSTEM, theirs.id, Membership(Party.USER, house.anna.user_id or ""))
    anna = house.visit(house.anna)
    offered = [given.get("value") for tag, given in anna.page(page_of(house)).tags if tag == "option"]
    assert (shelf.id in offered, theirs.id in offered) == (True, False)
    assert "through this collection" in found(anna.post(page_of(house), {"collection": shelf.id})).text
    made = anna.post(page_of(house), {"new": "For the board"})
    assert re.fullmatch(rf"{ROOT}/collections/[0-9a-f]{{24}}", made.url.path)
    assert "Rates" in found(made).text
    assert "For the board" in anna.page(page_of(house)).text
    assert "Shelf" in anna.page(f"/app/x/{house.scene.workflow_id}/details").text
    done = found(anna.post(f"{page_of(house)}/end", {"collection": shelf.id}))
    assert "through this collection" in done.text.replace("For the board", "")
    with house.parts.database.read() as db:
        assert collections.items_of(db, [shelf.id]) == []


def test_a_collection_that_one_does_not_see_is_named_without_a_link(house: House) -> None:
    with house.parts.database.write() as db:
        theirs = collections.create_collection(db, SYSTEM, "Board", owner_id=house.curator.user_id)
        collections.add_item(db, SYSTEM, theirs.id, Shared.WORKFLOW, house.scene.workflow_id)
        collections.share_collection(db, SYSTEM, theirs.id, Membership(Party.USER, house.viewer.user_id or ""))
    page = house.visit(house.anna).page(page_of(house))
    assert "Board" in page.text
    assert f"{ROOT}/collections/{theirs.id}" not in page.links
    assert "vera@example.com" in page.text
