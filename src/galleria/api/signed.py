"""Who calls the classic APIs: keys looked up in the gallery, signatures checked, nonces spent once."""

import secrets
import time

from galleria.api.doors import Reach, Received
from galleria.api.oauth1 import INVALID_KEY, INVALID_SIGNATURE, USED_NONCE, Claim, SignedRequest, is_signed_with, read_claim
from galleria.database.connect import Database
from galleria.errors import UnauthorizedError
from galleria.gallery.actors import Actor
from galleria.gallery.keys.records import Kind
from galleria.gallery.keys.service import find_consumer, purge_nonces, remember_nonce

_KINDS = {Reach.STUDIO: Kind.STUDIO, Reach.USER: Kind.USER, Reach.CURATOR: Kind.USER}
_PURGE_EVERY = 500
"""One request in so many also clears away nonces that the window refuses anyway."""


def signer_of(database: Database, window_s: int, received: Received, reach: Reach, unsigned: frozenset[str]) -> Actor:
    """Find out whose signature a request carries; UnauthorizedError tells what is wrong with it.

    The nonce is spent last, so that only those who know the secret can spend it.
    """
    request = _signed_request(received)
    claim = read_claim(request, time.time(), window_s)
    with database.read() as db:
        consumer = find_consumer(db, claim.consumer_key, reach.value)
    if consumer is None or consumer.kind is not _KINDS[reach]:
        raise UnauthorizedError(INVALID_KEY)
    if not is_signed_with(consumer.secret, request, claim, unsigned):
        raise UnauthorizedError(INVALID_SIGNATURE)
    if reach is Reach.CURATOR and not consumer.actor.is_curator:
        raise UnauthorizedError("The admin APIs take the key of a Curator; the owner of this one is none.")
    _spend_nonce(database, claim, window_s)
    return consumer.actor


def _signed_request(received: Received) -> SignedRequest:
    return SignedRequest(received.method, received.query, received.form, received.authorization, received.addresses)


def _spend_nonce(database: Database, claim: Claim, window_s: int) -> None:
    with database.write() as db:
        is_new = remember_nonce(db, claim.consumer_key, claim.nonce, claim.timestamp)
        if secrets.randbelow(_PURGE_EVERY) == 0:
            purge_nonces(db, int(time.time()) - 2 * window_s)
    if not is_new:
        raise UnauthorizedError(USED_NONCE)
