"""Passwords among the answers of schedules and triggers are sealed, and taken out of what the audit log says of them."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WORKFLOWS = sa.table("workflows", sa.column("id"), sa.column("published_version_id"))
_VERSIONS = sa.table("workflow_versions", sa.column("id"), sa.column("report", sa.JSON()))
_SCHEDULES = sa.table("schedules", sa.column("id"), sa.column("workflow_id"), sa.column("answers", sa.JSON()))
_TRIGGERS = sa.table("triggers", sa.column("id"), sa.column("target_id"), sa.column("answers", sa.JSON()))
_EVENTS = sa.table(
    "audit_events",
    sa.column("id"),
    sa.column("entity"),
    sa.column("old_values", sa.JSON(none_as_null=True)),
    sa.column("new_values", sa.JSON(none_as_null=True)),
)
_HANDED_ON = re.compile(r"\{\w+(?::[^{}]*)?\}")
"""What a trigger's answer takes from the run before."""


def upgrade() -> None:
    seal(op.get_bind(), context.config.attributes.get("vault"))


def seal(connection: sa.Connection, vault: Any) -> None:
    """`vault` is the gallery's; raises RuntimeError when there is something to seal, and none."""
    passwords = _Passwords(connection)
    _seal(connection, vault, _SCHEDULES, _SCHEDULES.c.workflow_id, passwords, bool)
    _seal(connection, vault, _TRIGGERS, _TRIGGERS.c.target_id, passwords, lambda text: bool(_HANDED_ON.sub("", text).strip()))
    _hide_noted(connection)


class _Passwords:
    """The names of the questions for passwords, by workflow; each report is read once."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.known: dict[str, set[str]] = {}

    def of(self, workflow_id: str) -> set[str]:
        if workflow_id not in self.known:
            published = _WORKFLOWS.join(_VERSIONS, _VERSIONS.c.id == _WORKFLOWS.c.published_version_id)
            query = sa.select(_VERSIONS.c.report).select_from(published).where(_WORKFLOWS.c.id == workflow_id)
            report: dict[str, Any] | None = self.connection.scalar(query)
            questions = cast("list[dict[str, Any]]", (report or {}).get("questions") or [])
            self.known[workflow_id] = {str(one.get("name")) for one in questions if one.get("is_password") is True}
        return self.known[workflow_id]


def _seal(
    connection: sa.Connection, vault: Any, table: sa.TableClause, workflow: Any, passwords: _Passwords, is_secret: Callable[[str], bool]
) -> None:
    given = sa.cast(table.c.answers, sa.String) != "{}"
    for key, workflow_id, answers in connection.execute(sa.select(table.c.id, workflow, table.c.answers).where(given)).all():
        hidden = {name for name in passwords.of(workflow_id) if isinstance(answers.get(name), str) and is_secret(answers[name])}
        if not hidden:
            continue
        if vault is None:
            raise RuntimeError("passwords are to be sealed, and no key was given for that")
        sealed = {name: {"sealed": vault.seal(value)} if name in hidden else value for name, value in answers.items()}
        connection.execute(sa.update(table).where(table.c.id == key).values(answers=sealed))


def _hide_noted(connection: sa.Connection) -> None:
    """Which of the texts were passwords at that time nobody knows any more: all of them go."""
    query = sa.select(_EVENTS.c.id, _EVENTS.c.old_values, _EVENTS.c.new_values).where(_EVENTS.c.entity.in_(("Schedule", "Trigger")))
    for key, *values in connection.execute(query).all():
        old, new = (_without_answers(value) for value in values)
        if [old, new] != values:
            connection.execute(sa.update(_EVENTS).where(_EVENTS.c.id == key).values(old_values=old, new_values=new))


def _without_answers(values: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if not values or not values.get("answers"):
        return values
    return {**values, "answers": dict.fromkeys(values["answers"], "(secret)")}


def downgrade() -> None:
    """What is sealed stays so."""
