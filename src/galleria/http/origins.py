"""Under which addresses a client may have called this server.

A client signs the address that it typed. Behind a proxy that ends TLS this is not the address that arrives here, so
there are candidates: the configured public address, the address as received, and, only when the direct peer is
a trusted proxy, the forwarded scheme, host and port. A header from anyone else is not believed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import product

from starlette.datastructures import Headers
from starlette.types import Scope

from galleria.errors import InvalidError

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_GALLERY = "/gallery"
_MOST_FORWARDED = 3
"""Elements read of a forwarded list: more proxies in a row than anybody has."""


@dataclass(frozen=True)
class PublicAddress:
    """What the administrator says about how this server is reached."""

    base_url: str | None = None
    """The gallery's address as clients type it, `https://example.com/gallery`; None if nothing was configured."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose forwarded headers are believed."""


def origins(scope: Scope, public: PublicAddress) -> tuple[str, ...]:
    """List every `scheme://host[:port][/folder]` that the request's path may have been typed after, best first."""
    headers = Headers(scope=scope)
    found = [public.base_url.rstrip("/").removesuffix(_GALLERY)] if public.base_url else []
    host = headers.get("host", "")
    if is_trusted(scope, public.trusted_proxies):
        protocols = _elements(headers.get("x-forwarded-proto")) or [scope["scheme"]]
        hosts = _elements(headers.get("x-forwarded-host")) or [host]
        ports = _elements(headers.get("x-forwarded-port"))
        for protocol, name in product(protocols, hosts):
            found += _with_ports(protocol, name)
            found += [f"{protocol}://{_without_port(name)}:{port}" for port in ports]
    found += _with_ports(scope["scheme"], host)
    return tuple(dict.fromkeys(found))


def gallery_url(scope: Scope, public: PublicAddress) -> str:
    """Give the gallery's address as clients are to type it: the configured one, else the one that this request was sent to."""
    if public.base_url:
        return public.base_url.rstrip("/")
    return f"{next(iter(origins(scope, public)), '')}{_GALLERY}"


def addresses(scope: Scope, public: PublicAddress) -> tuple[str, ...]:
    """List every complete address, without its query, that a client may have typed to send this request."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    path = raw.decode("latin-1")
    found = [origin + path for origin in origins(scope, public)]
    if public.base_url and path.lower().startswith(f"{_GALLERY}/"):
        # A proxy may show the gallery under a folder of another name.
        found.append(public.base_url.rstrip("/") + path[len(_GALLERY) :])
    return tuple(dict.fromkeys(found))


def networks(texts: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read addresses and networks such as `10.0.0.1` and `10.0.0.0/8`."""
    try:
        return tuple(ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise InvalidError(f"a trusted proxy is given as an address or a network: {error}") from error


def is_trusted(scope: Scope, proxies: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    client = scope.get("client")
    try:
        peer = ip_address(client[0]) if client else None
    except ValueError:
        return False
    return peer is not None and any(peer in proxy for proxy in proxies)


def _elements(header: str | None) -> list[str]:
    values = [value.strip().lower() for value in (header or "").split(",")]
    return [value for value in values if value][-_MOST_FORWARDED:]


def _with_ports(scheme: str, host: str) -> Iterator[str]:
    """The origin as sent and in lower case, with and without the scheme's own port: clients sign either."""
    if not host:
        return
    default = _DEFAULT_PORTS.get(scheme)
    name = _without_port(host)
    for spelling in (host, host.lower()):
        yield f"{scheme}://{spelling}"
    if host == name and default:
        yield f"{scheme}://{name.lower()}:{default}"
    elif default and host == f"{name}:{default}":
        yield f"{scheme}://{name.lower()}"


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
