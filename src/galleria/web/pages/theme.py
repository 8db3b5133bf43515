"""Light, dark, or as the system prefers: kept in a cookie, so that a page comes in the right colours at once."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from galleria.web import cookies
from galleria.web.forms import Sent
from galleria.web.page import THEMES, go, own_path

router = APIRouter()

_YEAR_S = 365 * 24 * 3600


@router.post("/theme")
def choose_theme(request: Request, form: Sent) -> Response:
    response = go(request, own_path(form.text("here")))
    if form.text("theme") in THEMES:
        cookies.put(request, response, cookies.THEME, form.text("theme"), _YEAR_S)
    else:
        cookies.drop(request, response, cookies.THEME)
    return response
