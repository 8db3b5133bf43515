"""The life of a job: every state against every verb, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from galleria.database.clock import from_now
from galleria.errors import ConflictError
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Lease, NewOutput, Outcome, Worker
from galleria.gallery.jobs.records import Disposition, Job, State
from galleria.gallery.jobs.service import NewJob
from galleria.messages import Message, Status
from galleria.storage.contract import Stored
from tests.gallery.scene import SYSTEM, Scene

REFUSED = "refused"
NOTHING = "nothing"

START = {
    "queued": (),
    "running": ("claim",),
    "running, cancel asked": ("claim", "cancel"),
    "running, lease out": ("claim", "expire"),
    "running, lease out, cancel asked": ("claim", "cancel", "expire"),
    "running for the last time, lease out": ("claim", "wear out", "expire"),
    "succeeded": ("claim", "succeed"),
    "failed": ("claim", "fail"),
    "cancelled": ("cancel",),
    "given back": ("claim", "give back"),
    "requeued": ("claim", "expire", "recover"),
}
"""How to get into a state. The lease that writes are tried with is the last one that there was."""

TABLE = {
    #                                        claim        cancel       write      succeed      cancelled    give back   recover
    "queued":                               ("Running",   "Cancelled", REFUSED,   REFUSED,     REFUSED,     REFUSED,    NOTHING),
    "running":                              (NOTHING,     "Running*",  "Running", "Success",   "Cancelled", "Queued",   NOTHING),
    "running, cancel asked":                (NOTHING,     NOTHING,     NOTHING,   "Success",   "Cancelled", "Cancelled", NOTHING),
    "running, lease out":                   (NOTHING,     "Running*",  "Running", "Success",   "Cancelled", "Queued",   "Queued"),
    "running, lease out, cancel asked":     (NOTHING,     NOTHING,     NOTHING,   "Success",   "Cancelled", "Cancelled", "Cancelled"),
    "running for the last time, lease out": (NOTHING,     "Running*",  "Running", "Success",   "Cancelled", "Queued",   "Error"),
    "succeeded":                            (NOTHING,     REFUSED,     REFUSED,   REFUSED,     REFUSED,     REFUSED,    NOTHING),
    "failed":                               (NOTHING,     REFUSED,     REFUSED,   REFUSED,     REFUSED,     REFUSED,    NOTHING),
    "cancelled":                            (NOTHING,     REFUSED,     REFUSED,   REFUSED,     REFUSED,     REFUSED,    NOTHING),
    "given back":                           ("Running",   "Cancelled", REFUSED,   REFUSED,     REFUSED,     REFUSED,    NOTHING),
    "requeued":                             ("Running",   "Cancelled", REFUSED,   REFUSED,     REFUSED,     REFUSED,    NOTHING),
}  # laid out by meaning # fmt: skip
"""What the job is afterwards: its disposition where it has one, else its state; a star: with a cancellation asked for."""

VERBS = ("claim", "cancel", "write", "succeed", "cancelled", "give back", "recover")


@dataclass
class Stage:
    db: Session
    job_id: str
    lease: Lease

    def do(self, verb: str) -> object:
        deeds: dict[str, Callable[[], object]] = {
            "claim": self._claim,
            "cancel": lambda: jobs.cancel(self.db, SYSTEM, self.job_id),
            "write": self._write,
            "succeed": lambda: dispatch.finish(self.db, self.lease, Outcome.SUCCESS),
            "fail": lambda: dispatch.finish(self.db, self.lease, Outcome.ERROR),
            "cancelled": lambda: dispatch.finish(self.db, self.lease, Outcome.CANCELLED),
            "give back": lambda: dispatch.give_back(self.db, self.lease),
            "recover": lambda: dispatch.recover_lost(self.db, most_attempts=3),
            "expire": lambda: self.db.execute(update(Job).values(lease_expires_at=from_now(-1))),
            "wear out": lambda: self.db.execute(update(Job).values(attempts=3)),
        }
        return deeds[verb]()

    def _claim(self) -> object:
        claims = dispatch.claim(self.db, Worker("one"))
        self.lease = claims[0].lease if claims else self.lease
        return claims

    def _write(self) -> None:
        dispatch.add_messages(self.db, self.lease, [Message(1, Status.INFO, "said")])
        dispatch.add_output(self.db, self.lease, NewOutput("a.csv", Stored("outputs/aa/aa", 1, ""), ["Raw"]))

    def job(self) -> Job:
        self.db.expire_all()
        return jobs.get_job(self.db, SYSTEM, self.job_id)

    def word(self) -> str:
        job = self.job()
        word = str(job.state.value if job.disposition is Disposition.NONE else job.disposition.value)
        return word + ("*" if job.cancel_requested_at and not job.is_over else "")


def staged(db: Session, scene: Scene, state: str) -> Stage:
    job = jobs.queue(db, scene.anna, NewJob(scene.workflow_id))
    stage = Stage(db, job.id, Lease(job.id, job.seq, "none"))
    for verb in START[state]:
        stage.do(verb)
    return stage


@pytest.mark.parametrize("state", TABLE)
def test_every_state_answers_every_verb(scene: Scene, state: str) -> None:
    for verb, expected in zip(VERBS, TABLE[state], strict=True):
        with scene.database.write() as db:
            stage = staged(db, scene, state)
            before = stage.word()
            if expected == REFUSED:
                with pytest.raises(ConflictError):
                    stage.do(verb)
            else:
                stage.do(verb)
            assert stage.word() == (before if expected in (REFUSED, NOTHING) else expected), verb
            check(stage.job())
            db.rollback()


def check(job: Job) -> None:
    """What holds of every job at any time."""
    assert (job.lease_token is not None) == (job.lease_expires_at is not None) == (job.state is State.RUNNING)
    assert (job.ended_at is not None) == job.is_over
    assert (job.disposition is not Disposition.NONE) == (job.state is State.COMPLETED)
    if job.state is State.QUEUED:
        assert job.started_at is None
        assert job.message_count == job.output_count == 0


def test_a_job_whose_workers_got_lost_says_so(scene: Scene) -> None:
    with scene.database.write() as db:
        stage = staged(db, scene, "running for the last time, lease out")
        stage.do("write")
        recovered = dispatch.recover_lost(db, most_attempts=3)
        assert recovered.failed == (stage.job_id,)
        said = jobs.messages_of(db, stage.job())
        assert [(message.position, message.status, message.text) for message in said] == [(0, 1, "said"), (1, 3, "worker lost")]


def test_an_attempt_that_was_lost_leaves_nothing_behind(scene: Scene) -> None:
    with scene.database.write() as db:
        stage = staged(db, scene, "running")
        stage.do("write")
        stage.do("expire")
        recovered = dispatch.recover_lost(db)
        assert (recovered.requeued, recovered.orphaned_keys) == ((stage.job_id,), ("outputs/aa/aa",))
        assert not jobs.messages_of(db, stage.job())
        assert not jobs.outputs_of(db, stage.job())
        check(stage.job())


@pytest.mark.parametrize("verb", ["write", "succeed", "fail", "cancelled", "give back"])
def test_a_worker_that_lost_its_job_writes_nothing_about_the_next_ones_run(scene: Scene, verb: str) -> None:
    with scene.database.write() as db:
        stage = staged(db, scene, "running, lease out")
        old = stage.lease
        for step in ("recover", "claim"):
            stage.do(step)
        assert stage.lease.seq == old.seq
        stage.lease = old
        with pytest.raises(ConflictError, match="no longer this worker's"):
            stage.do(verb)
        assert stage.job().state is State.RUNNING
        assert not jobs.messages_of(db, stage.job())


def test_a_renewed_lease_does_not_run_out_and_a_lost_one_is_not_renewed(scene: Scene) -> None:
    with scene.database.write() as db:
        stage = staged(db, scene, "running")
        old = stage.lease
        stage.do("expire")
        assert dispatch.renew(db, [old]) == {stage.job_id: False}
        assert dispatch.recover_lost(db).requeued == ()
        stage.do("expire")
        stage.do("recover")
        stage.do("claim")
        assert dispatch.renew(db, [old]) == {}
        stage.do("cancel")
        assert dispatch.renew(db, [stage.lease, old]) == {stage.job_id: True}
