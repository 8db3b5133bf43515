"""The errands that keep the gallery going: schedules that are due, ends of jobs that triggers wait for, deliveries to be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from galleria.database.connect import Database
from galleria.gallery.mails import post as mails
from galleria.gallery.schedules.due import fire_due, is_any_due
from galleria.gallery.triggers import ends, post
from galleria.gallery.triggers.post import Letter, Receipt
from galleria.gallery.triggers.records import Action
from galleria.worker.errands import Errand
from galleria.worker.mail import addressed, send_mail, written
from galleria.worker.options import Options
from galleria.worker.webhooks import call

MOST_S = 5.0
_AT_ONCE = 100
_FIRED_AT_ONCE = 25
"""Schedules of one transaction: on SQLite everybody else waits for its end."""
_LETTERS_AT_ONCE = 10

log = structlog.stdlib.get_logger()


@dataclass(frozen=True)
class Errands:
    schedules: Errand
    ends: Errand
    """To be rung by the bell: a run is over that something may follow."""
    post: Errand

    @property
    def all(self) -> Sequence[Errand]:
        return (self.schedules, self.ends, self.post)


def errands(database: Database, options: Options, ring: Callable[[], None]) -> Errands:
    """Make the errands, not started; `ring` is called when one of them queued a job."""
    every_s = min(MOST_S, options.lease_s / 3)
    posting = Errand("post", lambda: _post(database, options), every_s)
    return Errands(
        Errand("schedules", lambda: _fire(database, ring), every_s),
        Errand("ends", lambda: _hear_ends(database, ring, posting), every_s),
        posting,
    )


def _fire(database: Database, ring: Callable[[], None]) -> bool:
    with database.read() as db:
        if not is_any_due(db):
            return False
    with database.write() as db:
        fired = fire_due(db, _FIRED_AT_ONCE)
    for one in fired:
        if one.job_id is None:
            log.warning("schedule_not_fired", schedule_id=one.schedule_id, reason=one.reason)
    if any(one.job_id for one in fired):
        ring()
    return bool(fired)


def _hear_ends(database: Database, ring: Callable[[], None], posting: Errand) -> bool:
    with database.read() as db:
        if not ends.is_any_unheard(db):
            return False
    with database.write() as db:
        reaction = ends.react(db, _AT_ONCE)
    if reaction.queued:
        ring()
    if reaction.posted:
        posting.ring()
    return reaction.heard > 0


def _post(database: Database, options: Options) -> bool:
    has_sent = _post_letters(database, options)
    return _post_mails(database, options) or has_sent


def _post_mails(database: Database, options: Options) -> bool:
    with database.read() as db:
        if not mails.is_any_due(db):
            return False
    with database.write() as db:
        taken = mails.take_due(db, _LETTERS_AT_ONCE)
    for mail in taken:
        receipt = send_mail(addressed(mail, options.gallery_url), options.mail)
        with database.write() as db:
            mails.note(db, mail, receipt.answer, is_sent=receipt.is_sent, is_hopeless=receipt.is_hopeless)
        log.info("mail_tried", mail_id=mail.mail_id, attempt=mail.attempt, is_sent=receipt.is_sent)
    return bool(taken)


def _post_letters(database: Database, options: Options) -> bool:
    with database.read() as db:
        if not post.is_any_due(db):
            return False
    with database.write() as db:
        letters = post.take_due(db, _LETTERS_AT_ONCE)
    for letter in letters:
        receipt = _sent(letter, options)
        with database.write() as db:
            post.note(db, letter, receipt)
        log.info("delivery_tried", delivery_id=letter.delivery_id, attempt=letter.attempt, is_sent=receipt.is_sent)
    return bool(letters)


def _sent(letter: Letter, options: Options) -> Receipt:
    address = f"{options.gallery_url}/runs/{letter.job_id}" if options.gallery_url else ""
    if letter.action is Action.MAIL:
        return send_mail(written(letter, address), options.mail)
    return call(letter, options.webhook_addresses, address)
