"""The gallery's own mails go out over a real mail server, once, with a link into the gallery. On both databases."""

from __future__ import annotations

from sqlalchemy import select

from galleria.gallery.mails.records import Mail, Progress
from galleria.gallery.sessions.letters import invite_by_mail
from galleria.worker.mail import MailServer, Security, Written, send_mail
from tests.gallery.scene import SYSTEM
from tests.patience import wait_until
from tests.worker.conftest import Plant
from tests.worker.test_following import PostOffice


def ended(plant: Plant) -> Mail:
    def look() -> Mail:
        with plant.database.read() as db:
            return db.scalars(select(Mail)).one()

    wait_until(lambda: look().progress is not Progress.WAITING, lambda: look().answer)
    return look()


def test_an_invitation_goes_out(plant: Plant) -> None:
    office = PostOffice()
    office.start()
    with plant.database.write() as db:
        invite_by_mail(db, SYSTEM, plant.anna.user_id or "")
    server = MailServer("127.0.0.1", office.port, Security.NONE, sender="gallery@example.com")
    plant.start(plant.options(mail=server, gallery_url="https://example.com/gallery"))
    mail = ended(plant)
    office.close()
    assert (mail.progress, mail.text_sealed) == (Progress.SENT, "")
    assert office.recipients == [plant.anna.email]
    assert len(office.mails) == 1
    assert "https://example.com/gallery/sign-in/" in office.mails[0].replace("=\n", "")
    assert "Subject: Your account in the gallery" in office.mails[0]


def test_an_address_that_cannot_be_written_to_keeps_no_other_mail_waiting(plant: Plant) -> None:
    office = PostOffice()
    office.start()
    receipts = [
        send_mail(Written("m", [recipient], "Hello", "text"), MailServer("127.0.0.1", office.port, Security.NONE))
        for recipient in ("a@[b", "a@b.example\nBcc: c@d.example", plant.anna.email)
    ]
    office.close()
    assert [(receipt.is_sent, receipt.is_hopeless) for receipt in receipts] == [(False, True), (False, True), (True, False)]
    assert office.recipients == [plant.anna.email]


def test_without_a_mail_server_it_is_told_what_is_missing(plant: Plant) -> None:
    with plant.database.write() as db:
        invite_by_mail(db, SYSTEM, plant.anna.user_id or "")
    plant.start()
    mail = ended(plant)
    assert (mail.progress, mail.text_sealed) == (Progress.FAILED, "")
    assert "GALLERIA_SMTP_HOST" in mail.answer
