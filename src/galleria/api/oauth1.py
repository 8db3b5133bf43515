"""Who signed a request: OAuth 1.0a with the consumer's key and secret only ("one-legged", RFC 5849), HMAC-SHA1.

Pure functions over what was received and a secret that somebody else looked up; whether a nonce was seen before is
the gallery's business. Beyond the RFC this accepts what clients in use send (each as safe as the RFC's own form, since
names and values stay apart): a blank signed as `+`, oauth parameters sorted before all others, unknown `oauth_*`
parameters signed or not, an explicit default port, a `+` in the signature that arrived as a blank.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, quote_plus, unquote

from oauthlib.oauth1.rfc5849 import signature, utils

from galleria.errors import InvalidError, UnauthorizedError

INVALID_KEY = "The provided API Key (oauth_consumer_key) is invalid."
INVALID_SIGNATURE = "The provided signature (oauth_signature) is invalid."
USED_NONCE = "The provided nonce (oauth_nonce) was used before with this timestamp (oauth_timestamp)."

_PROTOCOL = frozenset(f"oauth_{name}" for name in ("consumer_key", "signature_method", "signature", "timestamp", "nonce", "version"))
_LONGEST = 512
"""Characters of a key or nonce; longer ones are nobody's."""
_MOST_PARAMETERS = 1000

Parameters: TypeAlias = list[tuple[str, str]]


@dataclass(frozen=True)
class SignedRequest:
    """What of an HTTP request takes part in its signature."""

    method: str
    query: str
    form: str
    """The body when its type is `application/x-www-form-urlencoded`, else empty."""
    authorization: str
    addresses: tuple[str, ...]
    """What the client may have typed, without the query; the path still percent-encoded, with its slashes."""


@dataclass(frozen=True)
class Claim:
    """Who a request says it is from; nothing is checked yet but its form and its time."""

    consumer_key: str
    signature: str
    timestamp: int
    nonce: str
    parameters: tuple[tuple[str, str], ...]
    """Every parameter of query, form and header, decoded, without the signature."""


def read_claim(request: SignedRequest, now_s: float, window_s: int) -> Claim:
    """Read the oauth parameters of header, query or form; UnauthorizedError names the first that is wrong.

    The client's clock may be `window_s` seconds off, either way.
    """
    parameters = _decoded(request.query) + _decoded(request.form) + _from_header(request.authorization)
    claimed: dict[str, str] = {}
    for name, value in parameters:
        if name in _PROTOCOL:
            if name in claimed:
                raise UnauthorizedError(f"The parameter {name} is given more than once.")
            claimed[name] = value
    _check_protocol(claimed)
    return Claim(
        consumer_key=claimed["oauth_consumer_key"],
        signature=claimed["oauth_signature"].replace(" ", "+"),
        timestamp=_checked_timestamp(claimed["oauth_timestamp"], now_s, window_s),
        nonce=claimed["oauth_nonce"],
        parameters=tuple(pair for pair in parameters if pair[0] != "oauth_signature"),
    )


def is_signed_with(secret: str, request: SignedRequest, claim: Claim, unsigned: frozenset[str] = frozenset()) -> bool:
    """Say whether `secret` made the claim's signature, over one of the addresses and forms that are accepted.

    A client may leave the parameters named in `unsigned` out of its signature. Every candidate is compared, each
    in constant time, so that the time taken tells nothing about the secret.
    """
    given = claim.signature.encode()
    candidates = dict.fromkeys(
        _base_string(request.method, address, normalized)
        for address in request.addresses
        for normalized in _normalized(list(claim.parameters), unsigned)
    )
    matches = [hmac.compare_digest(_signature(secret, base), given) for base in candidates]
    return any(matches)


def _check_protocol(claimed: dict[str, str]) -> None:
    for name in sorted(_PROTOCOL - {"oauth_version"}):
        if not claimed.get(name):
            raise UnauthorizedError(f"The request is not signed: the parameter {name} is missing.")
    if max(len(claimed["oauth_consumer_key"]), len(claimed["oauth_nonce"])) > _LONGEST:
        raise UnauthorizedError(INVALID_KEY if len(claimed["oauth_consumer_key"]) > _LONGEST else "The nonce (oauth_nonce) is too long.")
    if claimed["oauth_signature_method"] != "HMAC-SHA1":
        raise UnauthorizedError("The signature method (oauth_signature_method) must be HMAC-SHA1.")
    if claimed.get("oauth_version", "1.0") != "1.0":
        raise UnauthorizedError("The version (oauth_version) must be 1.0.")


def _checked_timestamp(text: str, now_s: float, window_s: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise UnauthorizedError("The timestamp (oauth_timestamp) must be whole seconds since 1970.")
    timestamp = int(text)
    if abs(now_s - timestamp) > window_s:
        off_s = round(timestamp - now_s)
        raise UnauthorizedError(f"The timestamp (oauth_timestamp) is {off_s:+d} seconds off; at most {window_s} are accepted.")
    return timestamp


def _decoded(encoded: str) -> Parameters:
    """Pairs of a query or form, empty values kept (RFC 5849, 3.4.1.3.1)."""
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise InvalidError(f"more than {_MOST_PARAMETERS} parameters in the query or form") from error


def _from_header(authorization: str) -> Parameters:
    if authorization[:6].lower() != "oauth ":
        return []
    try:
        pairs: Parameters = utils.parse_authorization_header(authorization)
    except ValueError as error:
        raise UnauthorizedError("The Authorization header is malformed.") from error
    # The realm names a part of a server and is never signed (RFC 5849, 3.4.1.3.1).
    return [(unquote(name), unquote(value)) for name, value in pairs if name.lower() != "realm"]


def _normalized(parameters: Parameters, unsigned: frozenset[str]) -> Iterator[str]:
    """Every accepted way to write the parameters into the base string, the RFC's first."""
    known = [pair for pair in parameters if pair[0] in _PROTOCOL or not pair[0].startswith("oauth_")]
    for some in (parameters, known):
        for chosen in (some, [pair for pair in some if pair[0] not in unsigned]):
            yield _rfc_normalized(chosen)
            yield "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in sorted(chosen))
            protocol = _rfc_normalized([pair for pair in chosen if pair[0].startswith("oauth_")])
            rest = [f"&{utils.escape(name)}={utils.escape(value)}" for name, value in chosen if not name.startswith("oauth_")]
            yield protocol + "".join(rest)


# The type stubs of oauthlib know less than oauthlib does; these three are its functions with their real types.


def _rfc_normalized(parameters: Parameters) -> str:
    return signature.normalize_parameters(parameters)  # pyright: ignore[reportArgumentType] - typed too narrowly there


def _base_string(method: str, uri: str, normalized: str) -> str:
    return signature.signature_base_string(method, uri, normalized)  # pyright: ignore[reportArgumentType] - typed too narrowly there


@dataclass(frozen=True)
class _Consumer:
    client_secret: str
    resource_owner_secret: str = ""


def _signature(secret: str, base_string: str) -> bytes:
    signed = signature.sign_hmac_sha1_with_client(base_string, _Consumer(secret))  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - untyped there
    return str(signed).encode("ascii")  # pyright: ignore[reportUnknownArgumentType] - untyped there
