"""Profile > Keys: what a program needs to call the APIs in one's own name, or in the studio's."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from galleria.errors import ForbiddenError
from galleria.gallery.keys import service as keys
from galleria.gallery.keys.service import Pair
from galleria.gallery.sessions.presence import is_password
from galleria.gallery.subscriptions.service import get_subscription
from galleria.web.confirmation import confirm
from galleria.web.door import door_of, gallery_url_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
from galleria.web.takeaway import curl_line, postman_environment
from galleria.web.visitors import SignedIn, Visitor

router = APIRouter()

_WRONG = "This is not your password. After five wrong ones it is not taken for a quarter of an hour."


@dataclass(frozen=True)
class KeysPage(Page):
    template: ClassVar[str] = "keys.html"
    section: ClassVar[str] = "profile"

    gallery_url: str
    email: str
    studio_name: str
    user_key: str
    user_secret: str
    """Empty unless it is to be shown."""
    studio_key: str
    """Empty for those who may not have the studio's."""
    studio_secret: str
    are_secrets_shown: bool
    curl: str
    """A signed request to list the studio's workflows; empty where the secrets are hidden."""
    takes_passwords: bool
    problem: str = ""

    @property
    def title(self) -> str:
        return "Keys"


@router.get("/profile/keys")
def show_keys(request: Request, visitor: SignedIn) -> Response:
    return _shown(request, visitor)


@router.post("/profile/keys")
def reveal_keys(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Show the secrets, for a while, to whoever gives the password once more."""
    if not door_of(request).parts.takes_passwords:
        raise ForbiddenError("this gallery takes no passwords: sign out and in again, and the secrets are shown for a while")
    if not is_password(door_of(request).parts.database, visitor.actor, form.raw("password")):
        return _shown(request, visitor, _WRONG, 403)
    response = go(request, "/profile/keys")
    confirm(request, response, visitor.token)
    return response


@router.post("/profile/keys/renew")
def renew_keys(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Make a new pair; programs that use the old one stop working."""
    if not visitor.is_fresh:
        raise ForbiddenError("making new keys takes a fresh sign-in or your password: show the secrets first")
    with door_of(request).parts.database.write() as db:
        if form.text("whose") == "studio":
            keys.set_studio_keys(db, visitor.actor, visitor.actor.subscription_id or "", keys.new_pair())
        else:
            keys.set_user_keys(db, visitor.actor, visitor.user_id, keys.new_pair())
    return go(request, "/profile/keys", "renewed")


@router.post("/profile/keys/environment")
def take_environment(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Give a Postman environment with the visitor's keys, as long as nobody would be asked for the password."""
    if not visitor.is_fresh:
        return go(request, "/profile/keys")
    with door_of(request).parts.database.write() as db:
        user = keys.user_keys(db, visitor.actor, visitor.user_id)
        environment = postman_environment(gallery_url_of(request), user, _studio_pair(db, visitor))
    headers = {"Content-Disposition": 'attachment; filename="galleria.postman_environment.json"', "Cache-Control": "no-store"}
    return JSONResponse(environment, headers=headers)


def _shown(request: Request, visitor: Visitor, problem: str = "", status: int = 200) -> Response:
    with door_of(request).parts.database.write() as db:
        user = keys.user_keys(db, visitor.actor, visitor.user_id)
        studio = _studio_pair(db, visitor)
        studio_name = get_subscription(db, visitor.actor, visitor.actor.subscription_id or "").name
    page = KeysPage(
        gallery_url=gallery_url_of(request),
        email=visitor.email,
        studio_name=studio_name,
        user_key=user.key,
        user_secret=user.secret if visitor.is_fresh else "",
        studio_key=studio.key if studio else "",
        studio_secret=studio.secret if studio and visitor.is_fresh else "",
        are_secrets_shown=visitor.is_fresh,
        curl=curl_line(gallery_url_of(request), studio) if studio and visitor.is_fresh else "",
        takes_passwords=door_of(request).parts.takes_passwords,
        problem=problem,
    )
    return show(request, page, status, is_secret=True)


def _studio_pair(db: Session, visitor: Visitor) -> Pair | None:
    return keys.studio_keys(db, visitor.actor, visitor.actor.subscription_id or "") if visitor.is_artisan else None
