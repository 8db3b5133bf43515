"""Publish what a client uploads: the form of Admin V1 and its variants."""

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from sqlalchemy.orm import Session

from galleria.api.queries import is_true
from galleria.errors import InvalidError, UnreadableError
from galleria.gallery.actors import Actor
from galleria.gallery.users.service import find_by_email, find_user
from galleria.gallery.workflows.file import Checked, checked_package
from galleria.gallery.workflows.publish import Publication, add_version, publish
from galleria.gallery.workflows.service import WorkflowFilter, list_workflows
from galleria.http.parts import Parts
from galleria.http.uploads import Upload, UploadedFile

_DOCUMENTS = (".yxzp", ".yxmd", ".yxmc", ".yxwz")


def publish_upload(parts: Parts, actor: Actor, upload: Upload) -> str:
    """Publish an uploaded package and give the workflow's id: a new one's, or the one's that came from the same source before.

    UnreadableError when the file is no package; UnsupportedError when it was to be validated and fails.
    """
    with parts.database.read() as db:
        publication = _publication(db, upload.fields, parts.limits.upload_bytes)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galleria-upload-")))
        checked = _checked(stack, _saved(upload.only_file(), folder))
        with parts.database.write() as db:
            present = _from_source(db, actor, publication.source_id)
            if present is None:
                return publish(db, actor, parts.storage, checked.package, checked.report, publication).id
            add_version(db, actor, parts.storage, present, checked.package, checked.report, publication)
            return present


def _checked(stack: ExitStack, source: Path) -> Checked:
    try:
        return stack.enter_context(checked_package(source))
    except InvalidError as error:
        raise UnreadableError(f"the uploaded file cannot be published: {error.message}") from error


def _publication(db: Session, fields: Mapping[str, str], limit_bytes: int) -> Publication:
    return Publication(
        name=fields.get("name", ""),
        owner_id=_owner_id(db, fields.get("owner", "").strip()),
        comments=fields.get("comments", ""),
        is_public=_switch(fields, "ispublic", default=False),
        can_download=_switch(fields, "candownload", default=True),
        worker_tag=fields.get("workertag", "").strip(),
        source_id=(fields.get("sourceid") or fields.get("sourceappid") or "").strip(),
        refuse_unsupported=_switch(fields, "validate", default=False),
        limit_bytes=limit_bytes,
    )


def _switch(fields: Mapping[str, str], name: str, *, default: bool) -> bool:
    return is_true(fields.get(name) or None, default=default)


def _owner_id(db: Session, owner: str) -> str:
    """The published form names an e-mail; some clients send the id."""
    user = find_by_email(db, owner) or find_user(db, owner) if owner else None
    if user is None:
        raise InvalidError(f"owner must be the e-mail of a user of this gallery; {owner[:80]!r} is nobody's")
    return user.id


def _from_source(db: Session, actor: Actor, source_id: str) -> str | None:
    if not source_id:
        return None
    found = list_workflows(db, actor, WorkflowFilter(source_id=source_id))
    return found[0].id if found else None


def _saved(file: UploadedFile, folder: Path) -> Path:
    """Write the upload into a folder of its own, where its name says what it is to be."""
    extension = PurePosixPath(file.name).suffix.lower()
    target = folder / f"upload{extension if extension in _DOCUMENTS else '.yxzp'}"
    with target.open("wb") as sink:
        shutil.copyfileobj(file.stream, sink)
        if not sink.tell():
            raise InvalidError("the uploaded file is empty")
    return target
