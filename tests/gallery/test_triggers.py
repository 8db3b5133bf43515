"""What happens when a run is over: chains, deliveries, and that each happens once. On both databases."""

import io
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from galleria.database.base import now
from galleria.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from galleria.gallery.actors import Role
from galleria.gallery.files.service import purge_input_files
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import NewOutput, Outcome, Worker
from galleria.gallery.jobs.inputs import inputs_of
from galleria.gallery.jobs.records import Job, Priority
from galleria.gallery.jobs.service import JobFilter, NewJob
from galleria.gallery.triggers import post
from galleria.gallery.triggers import service as triggers
from galleria.gallery.triggers.ends import LONGEST_CHAIN, is_any_unheard, react
from galleria.gallery.triggers.post import PAUSES_S, Receipt
from galleria.gallery.triggers.records import Action, Delivery, Event, Progress
from galleria.gallery.triggers.service import NewTrigger, TriggerChange
from galleria.messages import Message, Status
from galleria.storage.contract import Area
from tests.gallery.scene import SYSTEM, Scene, a_user, a_workflow

ALL = (Event.SUCCESS, Event.FAILURE, Event.RECOVERY)
QUESTIONS = [
    {"name": "Region", "type": "TextBox", "description": "", "value": "", "tool_id": 1},
    {"name": "File", "type": "FileBrowse", "description": "", "value": "", "tool_id": 2},
]
MAIL = ("anna@example.com",)


def a_target(scene: Scene) -> str:
    return a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=QUESTIONS)


def a_trigger(scene: Scene, action: Action, events: Sequence[Event] = ALL, workflow_id: str = "", **more: object) -> str:
    given = {"recipients": MAIL} if action is Action.MAIL else {"url": "https://example.com/hook"} if action is Action.WEBHOOK else {}
    new = NewTrigger(workflow_id or scene.workflow_id, action, events, **{**given, **more})  # type: ignore[arg-type] - more by name
    with scene.database.write() as db:
        return triggers.create_trigger(db, scene.anna, new).trigger.id


def run(scene: Scene, outcome: Outcome = Outcome.SUCCESS, workflow_id: str = "", files: Sequence[str] = (), **more: object) -> str:
    """Queue a job and do what a worker does with it."""
    with scene.database.write() as db:
        jobs.queue(db, replace(scene.anna, can_set_priority=True), NewJob(workflow_id or scene.workflow_id, **more))  # type: ignore[arg-type] - more by name
    with scene.database.write() as db:
        [claim] = dispatch.claim(db, Worker("one"))
        outputs = [NewOutput(f"D:\\out\\{name}", _stored(scene, claim.job.id), ["Raw"], 6, 12) for name in files]
        said = [Message(6, Status.ERROR, "no such file")] if outcome is Outcome.ERROR else []
        dispatch.finish(db, claim.lease, outcome, messages=said, outputs=outputs)
    return claim.job.id


def _stored(scene: Scene, name: str):  # type: ignore[no-untyped-def] - whatever is stored
    return scene.storage.put(Area.OUTPUTS, name, io.BytesIO(b"rows"))


def reacted(scene: Scene) -> int:
    with scene.database.write() as db:
        return react(db).heard


def deliveries(scene: Scene, trigger_id: str) -> Sequence[Delivery]:
    with scene.database.read() as db:
        return triggers.deliveries_of(db, scene.anna, trigger_id)


def test_a_job_of_a_workflow_that_nobody_watches_leaves_nothing_to_do(scene: Scene) -> None:
    run(scene)
    with scene.database.read() as db:
        assert not is_any_unheard(db)
    trigger_id = a_trigger(scene, Action.MAIL)
    run(scene)
    with scene.database.read() as db:
        assert is_any_unheard(db)
    assert (reacted(scene), reacted(scene)) == (1, 0)
    with scene.database.write() as db:
        triggers.change_trigger(db, scene.anna, trigger_id, TriggerChange(is_enabled=False))
    run(scene)
    assert reacted(scene) == 0


@pytest.mark.parametrize(
    ("events", "outcomes", "expected"),
    [
        ((Event.SUCCESS,), "SEC", ["success"]),
        ((Event.FAILURE,), "SEC", ["failure"]),
        ((Event.RECOVERY,), "SESS", ["recovery"]),
        ((Event.FAILURE, Event.RECOVERY), "SESSE", ["failure", "recovery", "failure"]),
        ((Event.SUCCESS, Event.RECOVERY), "ES", ["recovery"]),
        # A run that was cancelled neither failed nor recovered.
        ((Event.FAILURE, Event.RECOVERY), "ECS", ["failure", "recovery"]),
    ],
)
def test_a_trigger_acts_on_its_events_only(scene: Scene, events: Sequence[Event], outcomes: str, expected: list[str]) -> None:
    trigger_id = a_trigger(scene, Action.MAIL, events)
    words = {"S": Outcome.SUCCESS, "E": Outcome.ERROR, "C": Outcome.CANCELLED}
    for letter in outcomes:
        run(scene, words[letter])
        reacted(scene)
    assert [delivery.event.value for delivery in reversed(deliveries(scene, trigger_id))] == expected


def test_a_job_whose_worker_was_lost_for_the_last_time_is_a_failure(scene: Scene) -> None:
    trigger_id = a_trigger(scene, Action.MAIL, (Event.FAILURE,))
    with scene.database.write() as db:
        jobs.queue(db, scene.anna, NewJob(scene.workflow_id))
        dispatch.claim(db, Worker("one"), lease_s=-1)
        assert dispatch.recover_lost(db, most_attempts=1).failed
    assert reacted(scene) == 1
    [delivery] = deliveries(scene, trigger_id)
    assert delivery.body["errors"] == [{"toolId": None, "text": "worker lost"}]


def test_a_chained_run_takes_answers_and_files_from_the_one_before(scene: Scene) -> None:
    source = a_target(scene)
    answers = {"Region": "{answer:Region}: {records:rates.yxdb} of {job} ({outcome})", "File": "{output:RATES.yxdb}"}
    trigger_id = a_trigger(scene, Action.RUN, (Event.SUCCESS,), source, target_id=a_target(scene), answers=answers)
    job_id = run(scene, workflow_id=source, files=["rates.yxdb"], answers={"Region": "North"}, priority=Priority.HIGH)
    assert reacted(scene) == 1
    [delivery] = deliveries(scene, trigger_id)
    with scene.database.write() as db:
        chained = jobs.get_job(db, scene.anna, delivery.made_job_id or "")
        [lent] = inputs_of(db, chained).values()
        assert chained.answers["Region"] == f"North: 12 of {job_id} (Success)"
        with scene.storage.open(lent.storage_key) as stream:
            assert (lent.name, stream.read()) == ("rates.yxdb", b"rows")
        assert (chained.via, chained.owner_id, chained.priority) == ("trigger", scene.anna.user_id, Priority.HIGH)
        assert (chained.cause_job_id, chained.trigger_id, chained.chain_depth) == (job_id, trigger_id, 1)
        # The output stays the first job's when its time as an input is over.
        db.execute(update(type(lent)).values(expires_at=now() - timedelta(1)))
        assert purge_input_files(db, scene.storage) == 1
    assert scene.storage.exists(lent.storage_key)


@pytest.mark.parametrize(
    ("template", "reason"),
    [("{output:other.yxdb}", "made no output 'other.yxdb'; it made rates.yxdb"), ("{output:rates.yxdb}", "")],
)
def test_a_chain_that_cannot_go_on_says_why(scene: Scene, template: str, reason: str) -> None:
    trigger_id = a_trigger(scene, Action.RUN, target_id=a_target(scene), answers={"File": template})
    run(scene, files=["rates.yxdb"])
    reacted(scene)
    [delivery] = deliveries(scene, trigger_id)
    assert delivery.progress is (Progress.FAILED if reason else Progress.SENT)
    assert reason in delivery.answer
    with scene.database.read() as db:
        assert not is_any_unheard(db)


def test_a_chain_that_bites_its_tail_ends(scene: Scene) -> None:
    a_trigger(scene, Action.RUN, target_id=scene.workflow_id)
    run(scene)
    count = 1
    while reacted(scene):
        with scene.database.write() as db:
            for claim in dispatch.claim(db, Worker("one")):
                count += 1
                dispatch.finish(db, claim.lease, Outcome.SUCCESS)
    assert count == LONGEST_CHAIN
    with scene.database.read() as db:
        last = triggers.last_deliveries(db, scene.anna, scene.workflow_id)[0]
    assert "a chain has 20 runs at most" in last.answer


def test_several_processes_react_once(scene: Scene) -> None:
    a_trigger(scene, Action.RUN, target_id=a_target(scene))
    for _ in range(5):
        run(scene)
    found: list[int] = []

    def look() -> None:
        with scene.database.write() as db:
            found.append(react(db).queued)

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert sum(found) == 5


def test_a_reaction_that_dies_halfway_is_done_again_whole(scene: Scene) -> None:
    trigger_id = a_trigger(scene, Action.RUN, target_id=a_target(scene))
    job_id = run(scene)

    def die() -> None:
        with scene.database.write() as db:
            assert react(db).queued == 1
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        die()
    assert (reacted(scene), reacted(scene)) == (1, 0)
    with scene.database.read() as db:
        chained = [job for job in jobs.list_jobs(db, SYSTEM, JobFilter()) if job.cause_job_id == job_id]
    assert [job.trigger_id for job in chained] == [trigger_id]


def test_a_trigger_acts_with_its_owners_present_rights(scene: Scene) -> None:
    target = a_target(scene)
    trigger_id = a_trigger(scene, Action.RUN, target_id=target)
    with scene.database.write() as db:
        db.execute(update(jobs.Workflow).where(jobs.Workflow.id == target).values(is_run_disabled=True))
    run(scene)
    reacted(scene)
    assert "running it was switched off" in deliveries(scene, trigger_id)[0].answer


def test_deliveries_are_tried_again_with_growing_pauses_and_then_given_up(scene: Scene) -> None:
    trigger_id = a_trigger(scene, Action.WEBHOOK)
    run(scene)
    reacted(scene)
    tries = 0
    while deliveries(scene, trigger_id)[0].progress is Progress.WAITING:
        tries += 1
        with scene.database.write() as db:
            [letter] = post.take_due(db)
            assert (letter.attempt, post.take_due(db)) == (tries, [])
            noted_at = now()
            post.note(db, letter, Receipt(False, "500"))
        if tries <= len(PAUSES_S):
            pause_s = ((deliveries(scene, trigger_id)[0].next_try_at or now()) - noted_at).total_seconds()
            # SQLite's clock counts milliseconds.
            assert -0.001 <= pause_s - PAUSES_S[tries - 1] <= (now() - noted_at).total_seconds()
        with scene.database.write() as db:
            db.execute(update(Delivery).where(Delivery.progress == Progress.WAITING).values(next_try_at=now()))
    assert (tries, deliveries(scene, trigger_id)[0].progress) == (len(PAUSES_S) + 1, Progress.FAILED)
    with scene.database.write() as db:
        assert triggers.send_again(db, scene.anna, deliveries(scene, trigger_id)[0].id).progress is Progress.WAITING
        [letter] = post.take_due(db)
        post.note(db, letter, Receipt(True, "204"))
        # Somebody who took it before and comes late changes nothing.
        post.note(db, replace(letter, attempt=7), Receipt(False, "late"))
    assert (deliveries(scene, trigger_id)[0].progress, deliveries(scene, trigger_id)[0].answer) == (Progress.SENT, "204")


def test_only_managers_see_and_set_triggers_and_only_owners_say_what_runs(scene: Scene) -> None:
    trigger_id = a_trigger(scene, Action.RUN, target_id=a_target(scene))
    boris, cora = a_user(scene.database, "boris@example.com"), a_user(scene.database, "cora@example.com", Role.CURATOR)
    studio = replace(scene.anna, user_id=None)
    with scene.database.write() as db:
        for who, error in ((boris, NotFoundError), (studio, ForbiddenError)):
            with pytest.raises(error):
                triggers.create_trigger(db, who, NewTrigger(scene.workflow_id, Action.MAIL, ALL, recipients=MAIL))
        with pytest.raises(NotFoundError):
            triggers.get_trigger(db, boris, trigger_id)
        with pytest.raises(ForbiddenError, match="only its owner"):
            triggers.change_trigger(db, cora, trigger_id, TriggerChange(answers={}))
        assert not triggers.change_trigger(db, cora, trigger_id, TriggerChange(is_enabled=False)).is_enabled
        triggers.delete_trigger(db, cora, trigger_id)
        assert triggers.list_triggers(db, scene.anna, scene.workflow_id) == []


@pytest.mark.parametrize(
    ("action", "more", "reason"),
    [
        (Action.WEBHOOK, {"url": "ftp://example.com"}, "begins with https"),
        (Action.WEBHOOK, {"url": "https://user:pass@example.com"}, "no user name"),
        (Action.WEBHOOK, {"url": "https://example.com/a b"}, "no blanks"),
        (Action.WEBHOOK, {"url": "https://example.com:99999/"}, "no address"),
        (Action.WEBHOOK, {"url": "https:///path"}, "names a host"),
        (Action.WEBHOOK, {"url": "https://example.com/\r\nX: y"}, "no blanks"),
        (Action.MAIL, {"recipients": ["a@b\r\nBcc: c@d"]}, "no mail address"),
        (Action.MAIL, {"recipients": ["Anna <a@example.com>"]}, "no mail address"),
        (Action.MAIL, {"recipients": []}, "1 to 20"),
        (Action.MAIL, {"events": ()}, "name when"),
        (Action.RUN, {"answers": {"Regoin": "x"}}, "asks no question 'Regoin'"),
        (Action.RUN, {"answers": {"Region": "{anwser:x}"}}, "asks for {anwser}"),
        (Action.RUN, {"answers": {"Region": "{answer}"}}, "asks for {answer}"),
        (Action.RUN, {"answers": {"File": "x {output:a}"}}, "stands alone"),
        (Action.RUN, {"answers": {"Region": "{output:a}"}}, "a question for a file"),
        (Action.RUN, {"answers": {"File": "a.csv"}}, "a question for a file"),
    ],
)
def test_a_trigger_that_makes_no_sense_is_refused(scene: Scene, action: Action, more: dict[str, object], reason: str) -> None:
    target = {"target_id": a_target(scene)} if action is Action.RUN else {}
    with pytest.raises(InvalidError, match=reason):
        a_trigger(scene, action, **{**target, **more})  # type: ignore[arg-type] - more by name


def test_a_secret_is_shown_once_and_lies_sealed(scene: Scene) -> None:
    with scene.database.write() as db:
        made = triggers.create_trigger(db, scene.anna, NewTrigger(scene.workflow_id, Action.WEBHOOK, ALL, url="https://example.com/"))
        assert made.secret.startswith("whsec_")
        assert made.secret not in made.trigger.secret_sealed
        assert triggers.renew_secret(db, scene.anna, made.trigger.id) != made.secret
    with scene.database.write() as db:
        db.add(Delivery(id="d" * 24, trigger_id=made.trigger.id, job_id="j", event=Event.SUCCESS, body={}, progress=Progress.WAITING))
    with pytest.raises(ConflictError, match="waiting"), scene.database.write() as db:
        triggers.send_again(db, scene.anna, "d" * 24)


def test_the_same_cause_queues_no_second_job(scene: Scene) -> None:
    caused = NewJob(scene.workflow_id, cause=jobs.Cause("a" * 24, "b" * 24, 1))
    with scene.database.write() as db:
        jobs.queue(db, scene.anna, caused)
    with pytest.raises(IntegrityError), scene.database.write() as db:
        jobs.queue(db, scene.anna, caused)
    with scene.database.read() as db:
        assert db.query(Job).count() == 1
