"""Published workflows, their versions and what the check before publishing found."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now


class PackageKind(IntEnum):
    """The numbers of the published API."""

    APP = 0
    WORKFLOW = 1
    MACRO = 2


_KIND = Enum(PackageKind, native_enum=False, length=10, create_constraint=True, name="kind")


_IS_THERE = text("deleted_at IS NULL")


class Workflow(Record):
    """A workflow of the gallery; its document lies in its versions."""

    __tablename__ = "workflows"
    __table_args__ = (
        Index(None, "owner_id"),
        # A list by owners counts those of each and reads the page's alone.
        Index("ix_workflows_of_owner", "owner_id", "id", postgresql_where=_IS_THERE, sqlite_where=_IS_THERE),
        Index(None, "source_id"),
        # The whole gallery's list and a studio's in their usual orders: the ids of a page are found in these alone.
        Index("ix_workflows_latest", "published_at", "id", postgresql_where=_IS_THERE, sqlite_where=_IS_THERE),
        Index("ix_workflows_of_studio", "subscription_id", "published_at", "id", postgresql_where=_IS_THERE, sqlite_where=_IS_THERE),
        Index(
            "ix_workflows_names_of_studio",
            "subscription_id",
            text("lower(name)"),
            "id",
            postgresql_where=_IS_THERE,
            sqlite_where=_IS_THERE,
        ),
        Index("ix_workflows_names", text("lower(name)"), "id", postgresql_where=_IS_THERE, sqlite_where=_IS_THERE),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    subscription_id: Mapped[str] = mapped_column(Id, ForeignKey("subscriptions.id"))
    kind: Mapped[PackageKind] = mapped_column(_KIND)
    file_name: Mapped[str] = mapped_column(String(300))
    """Of the published version: `Daily rates.yxmd`."""
    published_version_id: Mapped[str] = mapped_column(Id)
    published_number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(default=now)
    source_id: Mapped[str] = mapped_column(String(100), default="")
    """Its id on the server that it came from."""
    worker_tag: Mapped[str] = mapped_column(String(100), default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    made_public_at: Mapped[datetime | None]
    can_download: Mapped[bool] = mapped_column(default=True)
    """May those who can see it, but whose it is not, have the file."""
    is_run_disabled: Mapped[bool] = mapped_column(default=False)
    is_ready_to_migrate: Mapped[bool] = mapped_column(default=False)
    uses_amp: Mapped[bool] = mapped_column(default=False)
    run_count: Mapped[int] = mapped_column(default=0)
    last_run_at: Mapped[datetime | None]
    meta: Mapped[dict[str, Any]]
    """Of the published version: `author`, `copyright`, `url`, `url_text`, `output_message`, `no_output_files_message`."""
    search_text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Name, file name, author and description in lower case, kept by `make_findable`."""
    inside_text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Of the published version: the names of its tools and fields in lower case, to be found by."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    is_watched: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Something is to happen when a run of it is over."""
    deleted_at: Mapped[datetime | None]
    """A deleted workflow keeps its row, for the jobs and the audit log that name it."""


_MOST_SEARCHED = 10_000


def make_findable(workflow: Workflow) -> None:
    """Bring the text that a search looks through up to date; to be called after each change of what is in it."""
    texts = (workflow.name, workflow.file_name, str(workflow.meta.get("author", "")), workflow.description)
    workflow.search_text = "\n".join(texts).lower()[:_MOST_SEARCHED]


class Tag(Record):
    __tablename__ = "workflow_tags"
    __table_args__ = (Index(None, "tag"),)

    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True)


class Follower(Record):
    """Somebody who wants to hear of a workflow."""

    __tablename__ = "workflow_followers"
    __table_args__ = (Index(None, "user_id"),)

    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Version(Record):
    __tablename__ = "workflow_versions"
    __table_args__ = (UniqueConstraint("workflow_id", "number"), Index(None, "created_at"), Index(None, "is_supported", "id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(Id, ForeignKey("workflows.id"))
    number: Mapped[int]
    """From 1 on."""
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(300))
    kind: Mapped[PackageKind] = mapped_column(_KIND)
    file_name: Mapped[str] = mapped_column(String(300))
    package_key: Mapped[str] = mapped_column(String(200))
    package_size_bytes: Mapped[int] = mapped_column(BigInteger)
    package_sha256: Mapped[str] = mapped_column(String(64))
    comments: Mapped[str] = mapped_column(Text, default="")
    uses_amp: Mapped[bool] = mapped_column(default=False)
    is_supported: Mapped[bool]
    """Everything in it is something that Galleria does."""
    report: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """What the check found, as it came; large, so lists do not load it."""
    run_count: Mapped[int] = mapped_column(default=0)
    download_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
