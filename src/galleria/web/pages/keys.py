"""Profile > Keys: what a program needs to call the APIs in one's own name, or in the studio's."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from galleria.errors import ForbiddenError
from galleria.gallery.keys import service as keys
from galleria.gallery.keys.service import Pair
from galleria.gallery.sessions.presence import is_password
from galleria.gallery.subscriptions.service import get_subscription
from galleria.web.door import door_of, gallery_url_of
from galleria.web.forms import Sent
from galleria.web.page import Page, go, show
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
    problem: str = ""

    @property
    def title(self) -> str:
        return "Keys"


@router.get("/profile/keys")
def show_keys(request: Request, visitor: SignedIn) -> Response:
    return _shown(request, visitor, with_secrets=visitor.is_fresh)


@router.post("/profile/keys")
def reveal_keys(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Show the secrets to whoever gives the password once more."""
    if not is_password(door_of(request).parts.database, visitor.actor, form.raw("password")):
        return _shown(request, visitor, with_secrets=False, problem=_WRONG, status=403)
    return _shown(request, visitor, with_secrets=True)


@router.post("/profile/keys/renew")
def renew_keys(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Make a new pair; programs that use the old one stop working."""
    parts = door_of(request).parts
    if not visitor.is_fresh and not is_password(parts.database, visitor.actor, form.raw("password")):
        raise ForbiddenError("making new keys takes your password")
    with parts.database.write() as db:
        if form.text("whose") == "studio":
            keys.set_studio_keys(db, visitor.actor, visitor.actor.subscription_id or "", keys.new_pair())
        else:
            keys.set_user_keys(db, visitor.actor, visitor.user_id, keys.new_pair())
    return go(request, "/profile/keys", "renewed")


def _shown(request: Request, visitor: Visitor, *, with_secrets: bool, problem: str = "", status: int = 200) -> Response:
    with door_of(request).parts.database.write() as db:
        user = keys.user_keys(db, visitor.actor, visitor.user_id)
        studio = _studio_pair(db, visitor)
        studio_name = get_subscription(db, visitor.actor, visitor.actor.subscription_id or "").name
    page = KeysPage(
        gallery_url=gallery_url_of(request),
        email=visitor.email,
        studio_name=studio_name,
        user_key=user.key,
        user_secret=user.secret if with_secrets else "",
        studio_key=studio.key if studio else "",
        studio_secret=studio.secret if studio and with_secrets else "",
        are_secrets_shown=with_secrets,
        problem=problem,
    )
    return show(request, page, status, is_secret=True)


def _studio_pair(db: Session, visitor: Visitor) -> Pair | None:
    return keys.studio_keys(db, visitor.actor, visitor.actor.subscription_id or "") if visitor.is_artisan else None
