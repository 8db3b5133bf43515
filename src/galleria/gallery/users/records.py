"""People, and what each may do."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from galleria.database.base import Id, Record, now, words
from galleria.gallery.actors import Role


class User(Record):
    __tablename__ = "users"
    __table_args__ = (
        # Of those who were not deleted: somebody new may take the e-mail of somebody gone.
        Index(
            "uq_users_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
            sqlite_where=text("deleted_at IS NULL"),
        ),
        Index(None, "subscription_id"),
        Index(None, "role"),
        Index(None, "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    first_name: Mapped[str] = mapped_column(String(200), default="")
    last_name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[Role] = mapped_column(words(Role, "role"))
    subscription_id: Mapped[str] = mapped_column(Id, ForeignKey("subscriptions.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_validated: Mapped[bool] = mapped_column(default=True)
    is_api_enabled: Mapped[bool] = mapped_column(default=True)
    can_schedule: Mapped[bool] = mapped_column(default=False)
    can_set_priority: Mapped[bool] = mapped_column(default=False)
    can_assign_jobs: Mapped[bool] = mapped_column(default=False)
    can_create_collections: Mapped[bool] = mapped_column(default=False)
    default_worker_tag: Mapped[str] = mapped_column(String(100), default="")
    default_credential_id: Mapped[str | None] = mapped_column(Id)
    timezone: Mapped[str] = mapped_column(String(64), default="")
    """IANA name; empty for UTC."""
    language: Mapped[str] = mapped_column(String(20), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; None for a user who cannot sign in with a password."""
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    """A deleted user keeps his row, for the jobs, versions and audit log that name him."""
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email
