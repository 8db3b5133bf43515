"""Calls of webhooks: signed as the Standard Webhooks specification has it, over connections to judged addresses only.

`webhook-signature` is `v1,` and the Base64 of the HMAC-SHA256 of `id.timestamp.body` under the webhook's secret, which is Base64
behind `whsec_`. Whoever is called checks it, refuses a timestamp that lies far off, and remembers the id: a call may come twice.
No redirect is followed: the address was judged, the next one would have to be trusted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from typing_extensions import override

from galleria.addresses import Connect, Rules, connect_checked
from galleria.errors import ForbiddenError, InvalidError
from galleria.gallery.triggers.post import Letter, Receipt

TIMEOUT_S = 15.0


class _Plain(http.client.HTTPConnection):
    connect_to: Connect
    is_over = False

    @override
    def connect(self) -> None:
        self.sock = self.connect_to(self.host, self.port, TIMEOUT_S)

    def give_up(self) -> None:
        """Whatever is waited for on this connection comes to an end at once."""
        self.is_over = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Secure(_Plain):
    default_port = 443

    @override
    def connect(self) -> None:
        super().connect()
        wire = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = wire
        wire.do_handshake()


def call(letter: Letter, allowed_addresses: Sequence[str] = (), address: str = "") -> Receipt:
    """Call the webhook once; private addresses only where they are allowed, as `Rules.of` reads them.

    Any answer of the 2xx kind means that it arrived; 410 that it wants no further ones.
    """
    # What a retry sends is what the first try sent, but for the time: the id stays.
    body = json.dumps(_content(letter, address), ensure_ascii=False, separators=(",", ":")).encode()
    try:
        status = _send(letter, Rules.of(allowed_addresses), body)
    except ForbiddenError as error:
        return Receipt(False, error.message, is_hopeless=True)
    except TimeoutError:
        return Receipt(False, f"no answer within {TIMEOUT_S:g} seconds")
    except (OSError, http.client.HTTPException) as error:
        # Before ValueError: an error about a certificate is one of both kinds, and certificates are renewed.
        return Receipt(False, f"{type(error).__name__}: {error}")
    except (InvalidError, ValueError) as error:
        return Receipt(False, f"the address cannot be called: {error}", is_hopeless=True)
    return Receipt(200 <= status < 300, str(status), is_hopeless=status == 410)


def _content(letter: Letter, address: str) -> Mapping[str, object]:
    return {"type": f"run.{letter.event.value}", "data": {**letter.body, "url": address or None}}


def _send(letter: Letter, rules: Rules, body: bytes) -> int:
    parts = urlsplit(letter.url)
    kind = _Secure if parts.scheme == "https" else _Plain
    connection = kind(parts.hostname or "", parts.port or kind.default_port, timeout=TIMEOUT_S)
    connection.connect_to = connect_checked(rules)
    # The time limit of a socket is one for every byte: an answer that drips would never be over.
    guard = threading.Timer(TIMEOUT_S, connection.give_up)
    guard.daemon = True
    guard.start()
    status = 0
    try:
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request("POST", target, body, signed_headers(letter.secret, letter.delivery_id, body, int(time.time())))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        if not connection.is_over:
            raise
    finally:
        guard.cancel()
        connection.close()
    # An end in the midst of an answer looks like the end of its head.
    if connection.is_over:
        raise TimeoutError
    return status


def signed_headers(secret: str, delivery_id: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Give the headers of a call at this moment, in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.new(key, f"{delivery_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Galleria",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
