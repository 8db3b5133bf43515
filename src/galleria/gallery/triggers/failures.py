"""Tell those who follow a workflow that a run of it failed: of runs that they may see, and not of each in a row."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.gallery.jobs.records import Job
from galleria.gallery.jobs.service import visible_to
from galleria.gallery.mails.records import Kind
from galleria.gallery.mails.service import write_mail
from galleria.gallery.triggers.records import Event
from galleria.gallery.triggers.told import in_words, told
from galleria.gallery.workflows.followers import followers_of

QUIET_S = 3600.0
"""Within which nobody hears of a second failure of the same workflow."""


def tell_followers(db: Session, job: Job) -> None:
    """Write to the followers of a job's workflow that it failed."""
    for user, actor in followers_of(db, job.workflow_id):
        if db.scalars(select(Job.seq).where(Job.seq == job.seq, visible_to(actor))).first() is not None:
            subject, text = in_words(Event.FAILURE.value, told(db, job), "")
            write_mail(db, user, Kind.FAILURE, subject, text, f"/runs/{job.id}", about_id=job.workflow_id, quiet_s=QUIET_S)
