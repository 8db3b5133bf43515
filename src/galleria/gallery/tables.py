"""All tables, for those who need the whole schema: the migrations' draft, tests."""

from importlib import import_module

from sqlalchemy import MetaData

from galleria.database.base import metadata

NOUNS = (
    "audit",
    "preferences",
    "subscriptions",
    "users",
    "groups",
    "mails",
    "keys",
    "sessions",
    "identities",
    "shares",
    "credentials",
    "connections",
    "files",
    "districts",
    "workflows",
    "comments",
    "jobs",
    "workers",
    "triggers",
    "schedules",
    "insights",
    "requests",
    "bringing",
)
"""Bottom up: a noun imports those before it only."""


def all_tables() -> MetaData:
    """Load the records of every noun, and give the schema."""
    for noun in NOUNS:
        import_module(f"galleria.gallery.{noun}.records")
    return metadata
