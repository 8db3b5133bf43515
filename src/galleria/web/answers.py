"""Read the answers of a run form, each checked by itself, so that what is wrong stands beside its field."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galleria.errors import GalleriaError, InvalidError
from galleria.gallery.actors import Actor
from galleria.gallery.files.service import add_input_file, store_upload
from galleria.http.parts import Parts
from galleria.web.failures import sentence
from galleria.web.forms import Form
from galleria.web.questions import Asked


@dataclass(frozen=True)
class Given:
    answers: Mapping[str, str]
    """By question name, as the verbs take them."""
    problems: Mapping[str, str]


def read_answers(parts: Parts, actor: Actor, form: Form, questions: Sequence[Asked]) -> Given:
    """Read all answers; uploaded files are stored and answered by their ids, unless something else is wrong."""
    answers: dict[str, str] = {}
    problems: dict[str, str] = {}
    for question in questions:
        try:
            answer = _answer(form, question)
        except InvalidError as error:
            problems[question.name] = sentence(error.message)
        else:
            if answer is not None:
                answers[question.name] = answer
    if not problems:
        _take_files(parts, actor, form, questions, answers, problems)
    return Given(answers, problems)


def _answer(form: Form, question: Asked) -> str | None:
    """Give an answer as text; None for a field that was left empty, which keeps the question's default."""
    match question.kind:
        case "tick":
            return str(form.is_ticked(question.field))
        case "radio":
            return str(form.text(f"radio{question.group}") == question.field)
        case "many":
            return json.dumps(list(form.texts(question.field)), ensure_ascii=False)
        case "file":
            return None
        case "text" | "long text":
            return form.raw(question.field, 1_000_000)
        case "password":
            # Never filled in: one that is empty was left as it is.
            return form.raw(question.field, 1_000_000) or None
        case "number":
            return _number(form.text(question.field))
        case _:
            return form.text(question.field, 1_000_000) or None


def _number(text: str) -> str | None:
    if not text:
        return None
    try:
        float(text)
    except ValueError:
        raise InvalidError("this is no number; write one like 12.5") from None
    return text


def _take_files(
    parts: Parts, actor: Actor, form: Form, questions: Sequence[Asked], answers: dict[str, str], problems: dict[str, str]
) -> None:
    for question in questions:
        upload = form.file(question.field) if question.kind == "file" else None
        if upload is None:
            continue
        try:
            stored = store_upload(parts.storage, upload.file, parts.limits.upload_bytes)
            with parts.database.write() as db:
                file = add_input_file(db, actor, parts.storage, upload.filename or "", stored, parts.limits.input_file_lifetime_s)
            answers[question.name] = file.id
        except GalleriaError as error:
            problems[question.name] = sentence(error.message)
