"""One output shared by a link: it carries who shares it, which output, and until when, sealed; nothing is stored.

Whoever has the link needs no account. It ends with its time, and as soon as the one who made it may not fetch the output
any more himself; each fetch is noted in his name.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.database.base import now
from galleria.errors import InvalidError, NotFoundError
from galleria.gallery.actors import Actor, Role
from galleria.gallery.groups.service import actor_for
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.fetch import RAW, open_output
from galleria.gallery.jobs.records import JobOutput
from galleria.gallery.users.service import find_user
from galleria.http.downloads import Download, answer
from galleria.http.heads import is_head
from galleria.web.door import Door, door_of, gallery_url_of
from galleria.web.forms import Sent
from galleria.web.lines import other_formats
from galleria.web.page import Page, show
from galleria.web.visitors import SignedIn

router = APIRouter()

DAYS = (1, 7, 30, 90)
_LONGEST = 2000
_PURPOSE = "output"


@dataclass(frozen=True)
class ShareLinkPage(Page):
    template: ClassVar[str] = "share_link.html"
    section: ClassVar[str] = "runs"

    job_id: str
    output_id: str
    name: str
    days: Sequence[int]
    link: str
    """Empty before it is made."""
    ends_at: datetime | None

    @property
    def title(self) -> str:
        return f"Share {self.name}"


@dataclass(frozen=True)
class SharedPage(Page):
    """What somebody with a link sees."""

    template: ClassVar[str] = "shared.html"

    token: str
    name: str
    size_bytes: int
    sharer: str
    ends_at: datetime
    formats: Sequence[str]

    @property
    def title(self) -> str:
        return self.name


@router.get("/runs/{job_id}/outputs/{output_id}/share")
def show_share(request: Request, visitor: SignedIn, job_id: str, output_id: str) -> Response:
    with door_of(request).parts.database.read() as db:
        output = jobs.get_output(db, visitor.actor, job_id, output_id)
    return show(request, ShareLinkPage(job_id, output_id, output.name, DAYS, "", None))


@router.post("/runs/{job_id}/outputs/{output_id}/share")
def make_link(request: Request, visitor: SignedIn, form: Sent, job_id: str, output_id: str) -> Response:
    days = int(form.text("days")) if form.text("days") in map(str, DAYS) else DAYS[0]
    ends_at = (now() + timedelta(days=days)).replace(microsecond=0)
    parts = door_of(request).parts
    with parts.database.write() as db:
        output = jobs.get_output(db, visitor.actor, job_id, output_id)
        jobs.note_download(db, visitor.actor, job_id, output, f"a link for {days} days")
    told = {"for": _PURPOSE, "user": visitor.user_id, "job": job_id, "output": output_id, "until": ends_at.isoformat()}
    token = parts.database.vault.seal(json.dumps(told))
    link = f"{gallery_url_of(request)}/shared/{token}"
    return show(request, ShareLinkPage(job_id, output_id, output.name, DAYS, link, ends_at), is_secret=True)


@router.get("/shared/{token}")
def show_shared(request: Request, token: str) -> Response:
    door = door_of(request)
    told = _told(door, token)
    with door.parts.database.read() as db:
        actor, output = _shared(db, told)
    page = SharedPage(token, output.name, output.size_bytes, actor.email, _end(told), other_formats(output))
    return show(request, page, is_secret=True)


@router.get("/shared/{token}/file")
def fetch_shared(request: Request, token: str, format: str = RAW) -> Response:
    door = door_of(request)
    told = _told(door, token)
    with door.parts.database.read() as db:
        actor, output = _shared(db, told)
    fetched = open_output(door.parts.storage, door.parts.convert, output, format)
    if not is_head(request.scope):
        with door.parts.database.write() as db:
            jobs.note_download(db, actor, str(told["job"]), output, format)
    return answer(request, Download(fetched.stream, fetched.size_bytes, fetched.name, fetched.key))


def _told(door: Door, token: str) -> Mapping[str, Any]:
    """Open a token; NotFoundError for one that is none of ours or whose time is over."""
    try:
        told = cast("Mapping[str, Any]", json.loads(door.parts.database.vault.open(token[:_LONGEST])))
        if told["for"] == _PURPOSE and now() < _end(told):
            return told
    except (InvalidError, ValueError, KeyError, TypeError):
        pass
    raise NotFoundError("this link leads nowhere, or its time is over")


def _end(told: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(told["until"]))


def _shared(db: Session, told: Mapping[str, Any]) -> tuple[Actor, JobOutput]:
    """Find the output as the one who shared it may fetch it at this moment."""
    user = find_user(db, str(told["user"]))
    actor = actor_for(db, user, "shared link") if user is not None else None
    if actor is None or not actor.has(Role.VIEWER):
        raise NotFoundError("whoever shared this has no access any more")
    return actor, jobs.get_output(db, actor, str(told["job"]), str(told["output"]))
