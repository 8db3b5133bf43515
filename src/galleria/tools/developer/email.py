"""Email: sends a mail for each record."""

import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column
from galleria.fields.conversion import text_of
from galleria.messages import counted
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool, World, info

PLUGIN = "PortfolioPluginsGui.Email.Email"
_PARTS = ("To", "Cc", "Bcc", "From", "Subject", "Body")
_TIMEOUT_S = 60


class Encryption(StrEnum):
    """The document's words."""

    NONE = "None"
    STARTTLS = "STARTTLS"
    TLS = "SSL/TLS"


@dataclass(frozen=True)
class Part:
    """Of a mail: a text, or the field that holds it."""

    text: str
    is_field: bool


@dataclass(frozen=True)
class Email(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    outputs: ClassVar[Sequence[str]] = ()
    writes_output: ClassVar[bool] = True
    acts: ClassVar[bool] = True

    server: str
    port: int
    encryption: Encryption
    user: str
    """Empty where the server asks for none."""
    password: str
    parts: Mapping[str, Part]
    is_enabled: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        if config.has("Connection") or any("attach" in child.tag.casefold() for child in config.element if isinstance(child.tag, str)):
            raise UnsupportedError(PLUGIN, "data connections and attachments")
        kinds = {
            "ssl": Encryption.TLS,
            "tls": Encryption.TLS,
            "ssl/tls": Encryption.TLS,
            "starttls": Encryption.STARTTLS,
            "none": Encryption.NONE,
        }
        encryption = kinds.get((config.value("Encryption") or "None").strip().casefold())
        if encryption is None:
            raise UnsupportedError(PLUGIN, f"the encryption {config.value('Encryption')}")
        password = config.value("Password")
        needs_user = config.flag("SMTPAuth")
        if needs_user and re.fullmatch(r"[0-9A-Fa-f]{32,}", password):
            raise UnsupportedError(PLUGIN, "a password that was encrypted on another machine")
        return cls(
            server=config.value("SMTPServerName").strip(),
            port=config.whole("Port", 25),
            encryption=encryption,
            user=config.value("UserName") if needs_user else "",
            password=password if needs_user else "",
            parts={name: Part(config.value(name), config.flag(f"{name}IsField")) for name in _PARTS},
            is_enabled=config.flag("Enabled", default=True),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        for part in self.parts.values():
            if part.is_field and part.text:
                table.field(part.text)
        return Built()

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        self.build(inputs, context)
        if not self.is_enabled:
            return Built()
        if not world.unrestricted:
            raise ToolError("This run may not send mail; an administrator can allow it.")
        table = inputs.one()
        mails = [_mail(parts) for parts in self._rows(table)]
        if mails:
            self._send(mails)
        return Built(notes=[info(f"{counted(len(mails), 'email')} {'was' if len(mails) == 1 else 'were'} sent")])

    def _rows(self, table: Table) -> list[dict[str, str]]:
        """For each record, the texts of the parts."""
        texts: dict[str, pl.Expr] = {}
        for name, part in self.parts.items():
            if part.is_field and part.text:
                field = table.field(part.text)
                texts[name] = text_of(column(field.name), field).fill_null("")
            else:
                texts[name] = pl.lit(part.text)
        return table.frame.with_columns(**texts).select(texts.keys()).collect().to_dicts()

    def _send(self, mails: Sequence[EmailMessage]) -> None:
        if not self.server:
            raise ToolError("There is no SMTP server to send by.")
        try:
            with self._connection() as server:
                if self.encryption is Encryption.STARTTLS:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                for mail in mails:
                    server.send_message(mail)
        except (OSError, smtplib.SMTPException) as problem:
            raise ToolError(f"The email could not be sent by {self.server}: {problem}") from problem

    def _connection(self) -> smtplib.SMTP:
        if self.encryption is Encryption.TLS:
            return smtplib.SMTP_SSL(self.server, self.port, timeout=_TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(self.server, self.port, timeout=_TIMEOUT_S)


def _mail(parts: Mapping[str, str]) -> EmailMessage:
    mail = EmailMessage()
    for name in ("From", "To", "Cc", "Bcc", "Subject"):
        # A line break would begin a header of the record's own choice.
        value = " ".join(parts[name].splitlines()).strip()
        if value:
            try:
                mail[name] = value.replace(";", ",") if name in ("To", "Cc", "Bcc") else value
            except (ValueError, AttributeError, LookupError) as problem:
                # What Python's own reader of addresses says to odd ones.
                raise ToolError(f"The {name} of an email cannot be {value[:100]!r}.") from problem
    is_html = "<html" in parts["Body"][:1000].casefold()
    mail.set_content(parts["Body"], subtype="html" if is_html else "plain")
    return mail
