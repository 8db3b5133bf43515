"""Count in the database itself how often jobs end: a trigger notes every write that leaves a job over, whoever makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text

from galleria.gallery.jobs.records import Disposition, Job, JobOutput, State
from galleria.http.parts import Parts
from galleria.storage.folder import Folder

_SQLITE = (
    "CREATE TABLE chaos_ends (seq INTEGER)",
    """CREATE TRIGGER chaos_end AFTER UPDATE OF state ON jobs WHEN NEW.state IN ('Completed', 'Cancelled')
       BEGIN INSERT INTO chaos_ends VALUES (NEW.seq); END""",
)
_POSTGRESQL = (
    "CREATE TABLE chaos_ends (seq bigint)",
    """CREATE FUNCTION chaos_end() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO chaos_ends VALUES (NEW.seq); RETURN NEW; END $$""",
    """CREATE TRIGGER chaos_end AFTER UPDATE OF state ON jobs FOR EACH ROW WHEN (NEW.state IN ('Completed', 'Cancelled'))
       EXECUTE FUNCTION chaos_end()""",
)


def note_ends(parts: Parts) -> None:
    with parts.database.write() as db:
        for statement in _POSTGRESQL if parts.database.is_postgresql else _SQLITE:
            db.execute(text(statement))


@dataclass(frozen=True)
class Count:
    jobs: int
    over: int
    succeeded: int
    failed: int
    ended_more_than_once: int
    never_ended: int
    wrong_outputs: int
    """Jobs that succeeded and have other than one output, or whose file is gone."""
    orphans: int
    """Stored files that no job knows of: of workers that were killed between storing and noting."""
    attempts: int
    """Starts beyond the first ones."""

    @property
    def is_right(self) -> bool:
        return self.over == self.jobs and not (self.ended_more_than_once or self.never_ended or self.wrong_outputs)


def how_many_are_over(parts: Parts) -> int:
    with parts.database.read() as db:
        return db.scalar(select(func.count()).select_from(Job).where(Job.state.in_((State.COMPLETED, State.CANCELLED)))) or 0


def count_all(parts: Parts) -> Count:
    with parts.database.read() as db:
        jobs: Sequence[Job] = db.scalars(select(Job)).all()
        rows = db.execute(text("SELECT seq, count(*) FROM chaos_ends GROUP BY seq")).all()
        outputs = db.execute(select(JobOutput.job_seq, JobOutput.storage_key)).all()
    ends = {int(seq): int(count) for seq, count in rows}
    keys = {seq: [key for other, key in outputs if other == seq] for seq in {seq for seq, _ in outputs}}
    good = [job for job in jobs if job.disposition is Disposition.SUCCESS]
    wrong = [job for job in good if len(keys.get(job.seq, ())) != 1 or not parts.storage.exists(keys[job.seq][0])]
    return Count(
        jobs=len(jobs),
        over=sum(job.is_over for job in jobs),
        succeeded=len(good),
        failed=sum(job.disposition is Disposition.ERROR for job in jobs),
        ended_more_than_once=sum(count > 1 for count in ends.values()),
        never_ended=sum(job.seq not in ends for job in jobs),
        wrong_outputs=len(wrong),
        orphans=_stored(parts) - len(outputs),
        attempts=sum(max(0, job.attempts - 1) for job in jobs),
    )


def _stored(parts: Parts) -> int:
    assert isinstance(parts.storage, Folder)
    return sum(path.is_file() and not path.name.startswith(".") for path in (parts.storage.root / "outputs").rglob("*"))
