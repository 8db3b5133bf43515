"""Users in the Web API, v3: listed."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from galleria.api.doors import Curator, Here
from galleria.api.queries import Word, is_true, moment_from, word_of
from galleria.api.v3 import shapes
from galleria.api.v3.views import View
from galleria.errors import InvalidError
from galleria.gallery.actors import Role
from galleria.gallery.users.service import UserFilter
from galleria.gallery.users.service import list_users as users_of

router = APIRouter()


@router.get("/v3/users")
def list_users(
    door: Here,
    actor: Curator,
    view: Word = None,
    active: Word = None,
    email: Word = None,
    role: Word = None,
    first_name: Annotated[Word, Query(alias="firstName")] = None,
    last_name: Annotated[Word, Query(alias="lastName")] = None,
    created_after: Annotated[Word, Query(alias="createdAfter")] = None,
    created_before: Annotated[Word, Query(alias="createdBefore")] = None,
) -> Response:
    """List users, the first to come first."""
    wanted = UserFilter(
        role=_role(role),
        is_active=None if active is None else is_true(active, default=True),
        email=email or "",
        first_name=first_name or "",
        last_name=last_name or "",
        created_since=moment_from(created_after, "createdAfter"),
        created_until=moment_from(created_before, "createdBefore", is_end=True),
    )
    shape = shapes.user if word_of(view, View, "view") is View.FULL else shapes.reduced_user
    with door.parts.database.read() as db:
        return JSONResponse([shape(user) for user in users_of(db, actor, wanted)])


def _role(text: str | None) -> Role | None:
    by_word = {role.value.lower(): role for role in Role}
    if text is None or text.lower() in by_word:
        return None if text is None else by_word[text.lower()]
    raise InvalidError(f"role {text[:40]!r} is unknown; it is one of {', '.join(Role)}")
