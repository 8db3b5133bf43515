"""Mails to people, by the mail server that the administrator named: what triggers ask for, and what the gallery itself has to say."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import StrEnum

from galleria.database.base import now
from galleria.gallery.mails.post import Outgoing
from galleria.gallery.triggers.post import Letter, Receipt
from galleria.gallery.triggers.told import in_words

TIMEOUT_S = 30.0


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    """Empty: nobody signs in."""
    password: str = field(default="", repr=False)
    sender: str = "galleria@localhost"


@dataclass(frozen=True)
class Written:
    mail_id: str
    recipients: Sequence[str]
    subject: str
    """One line."""
    text: str = field(repr=False)


def written(letter: Letter, address: str = "") -> Written:
    """Write the mail that a trigger asks for."""
    return Written(letter.delivery_id, letter.recipients, *in_words(letter.event.value, letter.body, address))


def addressed(mail: Outgoing, gallery_url: str) -> Written:
    """Write a mail of the gallery's own; its link is known only where the gallery's address is."""
    link = f"\n\n{gallery_url}{mail.path}" if mail.path and gallery_url else ""
    return Written(mail.mail_id, [mail.recipient], mail.subject, f"{mail.text}{link}\n")


def send_mail(mail: Written, server: MailServer | None) -> Receipt:
    """Hand a mail over, once."""
    if server is None:
        return Receipt(False, "this gallery has no mail server; the administrator names one in GALLERIA_SMTP_HOST", is_hopeless=True)
    try:
        message = _message(mail, server.sender)
        connection = _connected(server)
        try:
            refused = connection.send_message(message, server.sender, list(mail.recipients))
        finally:
            # It has the mail or it has not: how it takes its leave changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
        return Receipt(True, f"handed over, but not for {', '.join(refused)}" if refused else "handed over")
    except (OSError, smtplib.SMTPException) as error:
        return Receipt(False, _words(error))
    except (ValueError, AttributeError, LookupError, MessageError) as error:
        # What Python's own reader of mail addresses says to odd ones. Another try must not be made before all other mails for ever.
        return Receipt(False, f"the mail cannot be written: {type(error).__name__}", is_hopeless=True)


def _connected(server: MailServer) -> smtplib.SMTP:
    """A connection that is secured and signed in, as far as the server is to be."""
    if server.security is Security.TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    try:
        if server.security is Security.STARTTLS:
            connection.starttls(context=ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _message(mail: Written, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = sender
    message["To"] = ", ".join(mail.recipients)
    message["Date"] = format_datetime(now())
    # A second try is the same mail to whoever compares ids.
    message["Message-ID"] = f"<{mail.mail_id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip(">") or make_msgid().rpartition("@")[2].strip(">")


def _words(error: Exception) -> str:
    """What the server said; never what was said to it."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return f"the mail server answered {error.smtp_code} {said}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"the mail server refused {', '.join(map(str, error.recipients))}"
    return f"{type(error).__name__}: {error}"
