"""Read the form of a request that changes something, and refuse one that another site made a browser send.

Two checks, each enough by itself: the browser says that the request comes from a page of ours (`Sec-Fetch-Site`, which
old browsers do not send), and the form carries a token that only pages given to this very browser hold.
"""

import hashlib
import hmac
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from galleria.errors import ForbiddenError, InvalidError
from galleria.http.uploads import metered
from galleria.web.cookies import SESSION, VISIT
from galleria.web.door import door_of

FIELD = "csrf"
_OWN_SITES = ("", "same-origin", "none")
_MULTIPART = "multipart/form-data"
_TEXT_BYTES = 1 << 20
_MOST_FILES = 100
_MOST_FIELDS = 5000


@dataclass(frozen=True)
class Form:
    data: FormData

    def text(self, name: str, longest: int = 10_000) -> str:
        """Give a field's text without blanks around; empty when it is not there."""
        return self.raw(name, longest).strip()

    def raw(self, name: str, longest: int = 10_000) -> str:
        """As `text`, blanks kept: for passwords."""
        value = self.data.get(name)
        if not isinstance(value, str):
            return ""
        if len(value) > longest:
            raise InvalidError(f"what was entered for {name} is longer than {longest:,} characters")
        return value.replace("\0", "")

    def texts(self, name: str) -> Sequence[str]:
        return [value.replace("\0", "") for value in self.data.getlist(name) if isinstance(value, str)]

    def is_ticked(self, name: str) -> bool:
        return bool(self.text(name))

    def files(self, name: str) -> Sequence[UploadFile]:
        return [value for value in self.data.getlist(name) if isinstance(value, UploadFile) and value.filename]

    def file(self, name: str) -> UploadFile | None:
        """Give an uploaded file; None when the field was left empty."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


def token_for(session: str, visit: str) -> str:
    """Make the token that forms carry: from the sign-in, else from the visit. Neither can be found from it."""
    return hmac.new(b"galleria form", (session or visit).encode(), hashlib.sha256).hexdigest() if session or visit else ""


async def read_form(request: Request) -> AsyncGenerator[Form]:
    """Give the request's form, checked; files are on disk, and gone when the request is over."""
    if request.headers.get("sec-fetch-site", "") not in _OWN_SITES:
        raise ForbiddenError("this form was sent by another site's page, so nothing was done")
    limits = door_of(request).parts.limits
    # Only those who are signed in upload; endpoints ask who that is before they ask for the form.
    is_known = getattr(request.state, "visitor", None) is not None
    is_upload = is_known and request.headers.get("content-type", "").lower().startswith(_MULTIPART)
    bounded = metered(request, limits.upload_bytes if is_upload else limits.body_bytes, limits.free_disk_bytes)
    try:
        async with bounded.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=_TEXT_BYTES) as data:
            _check_token(request, data)
            yield Form(data)
    except HTTPException as error:
        raise InvalidError(f"the form cannot be read: {error.detail}") from error


def _check_token(request: Request, data: FormData) -> None:
    given = data.get(FIELD)
    expected = token_for(request.cookies.get(SESSION, ""), request.cookies.get(VISIT, ""))
    if not expected or not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForbiddenError("this form is out of date, so nothing was done; go back, load the page again and send it once more")


Sent = Annotated[Form, Depends(read_form)]
