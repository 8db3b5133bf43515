"""Any sequence of the queue's verbs, against a model of a few lines, on both databases."""

from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from galleria.database.clock import from_now
from galleria.errors import ConflictError
from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Lease, Outcome, Worker
from galleria.gallery.jobs.records import Disposition, Job, Priority, State
from galleria.gallery.jobs.service import NewJob
from galleria.messages import Message, Status
from tests.gallery.scene import SYSTEM, Scene
from tests.gallery.test_job_states import check

MOST_ATTEMPTS = 2
TAGS = ("", "gpu")


@dataclass
class Model:
    """What a job ought to be."""

    priority: Priority
    tag: str
    seq: int
    state: State = State.QUEUED
    disposition: Disposition = Disposition.NONE
    lease: Lease | None = None
    has_expired: bool = False
    is_cancel_asked: bool = False
    attempts: int = 0
    said: int = 0

    def end(self, state: State, disposition: Disposition = Disposition.NONE) -> None:
        assert self.state in (State.QUEUED, State.RUNNING), "a job ends once"
        self.state, self.disposition, self.lease = state, disposition, None

    def requeue(self) -> None:
        self.state, self.lease, self.said = State.QUEUED, None, 0


class Queue(RuleBasedStateMachine):
    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.block = scene.database.write()
        self.db = self.block.__enter__()
        self.models: dict[str, Model] = {}
        self.leases: list[Lease] = []
        """All that ever were, the lost ones, too."""

    @initialize()
    def begin(self) -> None:
        for priority in (Priority.LOW, Priority.HIGH):
            self.queue(priority, "")

    def model(self, data: Any) -> tuple[str, Model]:
        job_id = data.draw(st.sampled_from(list(self.models)))
        return job_id, self.models[job_id]

    def held(self, data: Any) -> tuple[Lease, Model | None]:
        """Draw a lease, and the job's model if the lease is still good."""
        lease = data.draw(st.sampled_from(self.leases)) if self.leases else Lease(next(iter(self.models)), 1, "none")
        model = self.models[lease.job_id]
        return lease, model if model.lease == lease else None

    @rule(priority=st.sampled_from(Priority), tag=st.sampled_from(TAGS))
    def queue(self, priority: Priority, tag: str) -> None:
        job = jobs.queue(self.db, SYSTEM, NewJob(self.scene.workflow_id, priority=priority, worker_tag=tag))
        self.models[job.id] = Model(priority, tag, job.seq)

    @rule(tags=st.sets(st.sampled_from(TAGS)), count=st.integers(1, 3))
    def claim(self, tags: set[str], count: int) -> None:
        worker = Worker("one", frozenset(tags - {""}), runs_unassigned="" in tags)
        claims = dispatch.claim(self.db, worker, count)
        waiting = [(-model.priority, model.seq, job_id) for job_id, model in self.models.items() if _fits(model, tags)]
        assert [claim.job.id for claim in claims] == [job_id for _, _, job_id in sorted(waiting)][:count]
        for claim in claims:
            model = self.models[claim.job.id]
            model.state, model.lease, model.has_expired = State.RUNNING, claim.lease, False
            model.attempts += 1
            self.leases.append(claim.lease)

    @rule(data=st.data(), count=st.integers(1, 3))
    def say(self, data: Any, count: int) -> None:
        lease, model = self.held(data)
        messages = [Message(1, Status.INFO, "said")] * count
        if model is None:
            with pytest.raises(ConflictError):
                dispatch.add_messages(self.db, lease, messages)
        else:
            dispatch.add_messages(self.db, lease, messages)
            model.said += count

    @rule(data=st.data(), outcome=st.sampled_from(Outcome))
    def finish(self, data: Any, outcome: Outcome) -> None:
        lease, model = self.held(data)
        if model is None:
            with pytest.raises(ConflictError):
                dispatch.finish(self.db, lease, outcome)
            return
        dispatch.finish(self.db, lease, outcome)
        if outcome is Outcome.CANCELLED:
            model.end(State.CANCELLED)
        else:
            model.end(State.COMPLETED, Disposition(outcome.value))

    @rule(data=st.data())
    def give_back(self, data: Any) -> None:
        lease, model = self.held(data)
        if model is None:
            with pytest.raises(ConflictError):
                dispatch.give_back(self.db, lease)
            return
        dispatch.give_back(self.db, lease)
        model.attempts -= 1
        if model.is_cancel_asked:
            model.end(State.CANCELLED)
        else:
            model.requeue()

    @rule(data=st.data())
    def cancel(self, data: Any) -> None:
        job_id, model = self.model(data)
        if model.state in (State.COMPLETED, State.CANCELLED):
            with pytest.raises(ConflictError):
                jobs.cancel(self.db, SYSTEM, job_id)
            return
        jobs.cancel(self.db, SYSTEM, job_id)
        model.is_cancel_asked = True
        if model.state is State.QUEUED:
            model.end(State.CANCELLED)

    @rule(data=st.data())
    def let_a_lease_run_out(self, data: Any) -> None:
        job_id, model = self.model(data)
        if model.state is State.RUNNING:
            self.db.execute(update(Job).where(Job.id == job_id).values(lease_expires_at=from_now(-1)))
            model.has_expired = True

    @rule(data=st.data())
    def renew(self, data: Any) -> None:
        lease, model = self.held(data)
        expected = {} if model is None else {lease.job_id: model.is_cancel_asked}
        assert dispatch.renew(self.db, [lease]) == expected
        if model is not None:
            model.has_expired = False

    @rule(data=st.data())
    def lose_a_worker_and_claim_again(self, data: Any) -> None:
        """Brings about by one step what takes several that seldom come in a row: an old lease on a job that runs again."""
        self.let_a_lease_run_out(data)
        self.recover()
        self.claim(set(TAGS), 3)

    @rule()
    def recover(self) -> None:
        dispatch.recover_lost(self.db, MOST_ATTEMPTS)
        for model in self.models.values():
            if model.state is not State.RUNNING or not model.has_expired:
                continue
            if model.is_cancel_asked:
                model.end(State.CANCELLED)
            elif model.attempts >= MOST_ATTEMPTS:
                model.said += 1
                model.end(State.COMPLETED, Disposition.ERROR)
            else:
                model.requeue()

    @invariant()
    def every_job_is_what_it_ought_to_be(self) -> None:
        self.db.expire_all()
        listed = {job.id: job for job in jobs.list_jobs(self.db, SYSTEM)}
        assert listed.keys() == self.models.keys()
        for job_id, job in listed.items():
            model = self.models[job_id]
            check(job)
            assert (job.state, job.disposition, job.attempts) == (model.state, model.disposition, model.attempts)
            assert job.message_count == model.said
            assert [message.position for message in jobs.messages_of(self.db, job)] == list(range(model.said))

    def teardown(self) -> None:
        self.db.rollback()
        self.block.__exit__(None, None, None)


def _fits(model: Model, tags: set[str]) -> bool:
    return model.state is State.QUEUED and model.tag in tags


def test_no_sequence_of_verbs_loses_a_job_or_ends_it_twice(scene: Scene) -> None:
    class Bound(Queue):
        def __init__(self) -> None:
            super().__init__(scene)

    # Shrinking would take minutes, and a run of forty steps can be read.
    wanted = settings(
        max_examples=25,
        stateful_step_count=40,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Bound, settings=wanted)  # pyright: ignore[reportUnknownMemberType] - untyped there
