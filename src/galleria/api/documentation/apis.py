"""The four APIs that are documented, and of which endpoints each is made."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from galleria.api.classic import admin_v1, admin_v1_workflows, admin_v2, subscription, user_v2


@dataclass(frozen=True)
class Api:
    title: str
    version: str
    key: str
    """Whose key signs."""
    about: str
    routers: tuple[APIRouter, ...]


APIS: Mapping[str, Api] = {
    "subscription": Api(
        "Subscription API",
        "1",
        "a studio",
        "Run the workflows of one studio and collect what they make.",
        (subscription.router, subscription.classic_only),
    ),
    "user-v2": Api("User API", "2", "a user", "Run workflows with files and accounts of one's own.", (user_v2.router,)),
    "admin-v1": Api(
        "Admin API",
        "1",
        "a Curator",
        "Read everything that the gallery holds, and publish into it.",
        (admin_v1_workflows.router, admin_v1.router),
    ),
    "admin-v2": Api("Admin API", "2", "a Curator", "Newer answers to some questions, and a forecast.", (admin_v2.router,)),
}
"""By the name that addresses the page and the file."""
