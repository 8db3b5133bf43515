"""The uploaded files that a job's answers name, for the worker."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from galleria.gallery.files.records import InputFile
from galleria.gallery.files.service import get_input_file
from galleria.gallery.jobs.answers import file_ids
from galleria.gallery.jobs.dispatch import ClaimedJob
from galleria.gallery.jobs.records import Job
from galleria.gallery.workflows import report as reports
from galleria.gallery.workflows.records import Version


def inputs_of(db: Session, job: ClaimedJob) -> Mapping[str, InputFile]:
    """Give the uploaded files by the question that each answers; raises NotFoundError for one that is gone.

    Queueing checked that they were the caller's.
    """
    if not job.answers:
        return {}
    questions = reports.read(db.scalars(select(Version.report).where(Version.id == job.version_id)).one()).questions
    answers = {str(name): str(value) for name, value in job.answers.items()}
    named = set(file_ids(questions, answers))
    return {name: get_input_file(db, value) for name, value in answers.items() if value in named}


def input_names(db: Session, job: Job) -> Mapping[str, str]:
    """Give the names of uploaded files by the question that each answers, as far as they are still there."""
    if not job.answers:
        return {}
    questions = reports.read(db.scalars(select(Version.report).where(Version.id == job.version_id)).one()).questions
    answers = {str(name): str(value) for name, value in job.answers.items()}
    named = set(file_ids(questions, answers))
    files = {file.id: file.name for file in db.scalars(select(InputFile).where(InputFile.id.in_(named)))}
    return {name: files[value] for name, value in answers.items() if value in files}
