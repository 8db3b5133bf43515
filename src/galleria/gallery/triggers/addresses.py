"""Where triggers send to: checked when a trigger is made. Whether an address may be reached is judged when it is called."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from galleria.errors import InvalidError

_MOST_RECIPIENTS = 20
_LONGEST_URL = 2000
_MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}")


def checked_url(url: str) -> str:
    """Give a webhook's address back, or raise InvalidError."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidError(f"a webhook's address has {_LONGEST_URL} characters at most, and no blanks; others are written as %20")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidError(f"{url[:100]!r} is no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise InvalidError("a webhook's address begins with https:// or http:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise InvalidError("a webhook's address holds no user name or password; the signature tells who calls")
    return url


def checked_recipients(recipients: Sequence[str]) -> list[str]:
    """Give the mail addresses back, each once, or raise InvalidError."""
    found = list(dict.fromkeys(recipient.strip() for recipient in recipients if recipient.strip()))
    wrong = [recipient for recipient in found if not _MAIL.fullmatch(recipient)]
    if wrong:
        raise InvalidError(f"{wrong[0][:100]!r} is no mail address")
    if not 1 <= len(found) <= _MOST_RECIPIENTS:
        raise InvalidError(f"name 1 to {_MOST_RECIPIENTS} mail addresses")
    return found
