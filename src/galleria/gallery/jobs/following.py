"""What is new about a job since somebody last looked: for those who follow it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.gallery.actors import Actor
from galleria.gallery.jobs.records import Job, JobMessage, JobOutput, State
from galleria.gallery.jobs.service import get_job, outputs_of
from galleria.gallery.pages import batches

MOST_AT_ONCE = 500
_MARK = re.compile(r"(\d{1,9})-(\d{1,9})")


@dataclass(frozen=True)
class Mark:
    """How much of a job somebody has seen."""

    attempt: int = 0
    """A job that is started again says everything anew."""
    messages: int = 0

    def __str__(self) -> str:
        return f"{self.attempt}-{self.messages}"


def mark_from(text: str) -> Mark:
    """Read what `str` of a mark writes; from the beginning for anything else."""
    found = _MARK.fullmatch(text.strip())
    return Mark(int(found[1]), int(found[2])) if found else Mark()


@dataclass(frozen=True)
class News:
    job: Job
    is_restarted: bool
    """What was said before does not count any more."""
    messages: Sequence[JobMessage]
    """Those behind the mark, at most `MOST_AT_ONCE`."""
    outputs: Sequence[JobOutput]
    """All, once the job is over; before that none."""
    mark: Mark
    """Up to here it is seen now."""

    @property
    def is_all(self) -> bool:
        """There is no more to be had at this moment."""
        return self.mark.messages >= self.job.message_count


def news_of(db: Session, actor: Actor, job_id: str, seen: Mark) -> News:
    """Find what is new about a job that the actor may see."""
    job = get_job(db, actor, job_id)
    is_restarted = seen.attempt != job.attempts and seen.messages > 0
    first = 0 if seen.attempt != job.attempts else seen.messages
    query = select(JobMessage).where(JobMessage.job_seq == job.seq, JobMessage.position >= first)
    messages = db.scalars(query.order_by(JobMessage.position).limit(MOST_AT_ONCE)).all()
    mark = Mark(job.attempts, messages[-1].position + 1 if messages else first)
    return News(job, is_restarted, messages, outputs_of(db, job) if job.is_over else (), mark)


Pulse = tuple[State, int, int, bool, str]


def pulses(db: Session, job_ids: Collection[str]) -> Mapping[str, Pulse]:
    """Give for each job something that changes whenever there is news of it; for those who checked the actors before."""
    found: dict[str, Pulse] = {}
    for some in batches(list(job_ids)):
        query = select(Job.id, Job.state, Job.attempts, Job.message_count, Job.cancel_requested_at, Job.progress).where(Job.id.in_(some))
        for job_id, state, attempts, messages, cancelled_at, progress in db.execute(query):
            found[job_id] = (state, attempts, messages, cancelled_at is not None, str(progress))
    return found
