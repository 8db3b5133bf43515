"""The User API, v2: accounts to run with, files to run on, runs with both."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from galleria.api.classic import shapes
from galleria.api.classic.orders import read_order
from galleria.api.doors import AsReceived, Here, Uploaded, User
from galleria.gallery.credentials.service import usable_credentials
from galleria.gallery.files.service import add_input_file, store_upload
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from galleria.http.bodies import text_of

router = APIRouter()


@router.get("/user/v2/credentials")
def list_credentials(door: Here, actor: User) -> Response:
    """List the accounts that are shared with the caller: by himself, a group or his studio."""
    with door.parts.database.read() as db:
        return JSONResponse([{"id": found.id, "userName": found.user_name} for found in usable_credentials(db, actor)])


@router.post("/user/v2/inputfiles")
def upload_input_file(door: Here, actor: User, upload: Uploaded) -> Response:
    """Keep a file for a while, for a question that browses for one; the answer is its id, which is to be the question's answer."""
    file = upload.only_file()
    stored = store_upload(door.parts.storage, file.stream, door.parts.limits.upload_bytes)
    with door.parts.database.write() as db:
        kept = add_input_file(db, actor, door.parts.storage, file.name, stored, door.parts.limits.input_file_lifetime_s)
        return JSONResponse(kept.id)


@router.post("/user/v2/workflows/{app_id}/jobs")
def queue_job(door: Here, actor: User, received: AsReceived, app_id: str) -> Response:
    """Put a run into the queue, with the answers to its questions and the account that it is to use."""
    order = read_order(text_of(received.body), is_form=bool(received.form))
    new = NewJob(app_id, answers=order.answers, priority=order.priority, credential_id=order.credential_id)
    with door.parts.database.write() as db:
        return JSONResponse(shapes.queued_job(jobs.queue(db, actor, new), door.dialect))
