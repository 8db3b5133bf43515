"""Who asks, as far as an address tells; and how often an address may ask for what strangers can ask for."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from galleria.http.origins import PublicAddress, is_trusted

_OWN_HOSTS = ("127.0.0.1", "::1", "localhost")
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded")
_MOST_ADDRESSES = 10_000
_IPV6_SITE = 64
"""Bits that a network gives to one customer, who chooses the others as he likes."""


def is_at_the_machine(request: Request) -> bool:
    """Say whether a program on the server's machine asks: a loopback peer, no proxy in between, and a name that no other site can take."""
    peer = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return peer in _OWN_HOSTS and not is_forwarded and request.url.hostname in _OWN_HOSTS


def asker_of(scope: Scope, public: PublicAddress) -> str:
    """Give the address from which a request comes: the peer's or, behind trusted proxies, the one that they forwarded it for."""
    client = scope.get("client")
    address = str(client[0]) if client else ""
    for forwarded in reversed(Headers(scope=scope).get("x-forwarded-for", "").split(",")):
        if not is_trusted({"client": (address, 0)}, public.trusted_proxies) or not forwarded.strip():
            break
        address = forwarded.strip()
    try:
        found = ip_address(address)
    except ValueError:
        return address[:100]
    return str(ip_network((found, _IPV6_SITE), strict=False)) if isinstance(found, IPv6Address) else str(found)


class Throttle:
    """Counts what an address does, in this process only; it begins anew when the time of its first deed is over."""

    def __init__(self, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.within_s = within_s
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = Lock()

    def is_over(self, address: str) -> bool:
        """Say whether the address has done it as often as it may."""
        with self._lock:
            return self._count(address)[1] >= self.most

    def note(self, address: str) -> None:
        with self._lock:
            since, count = self._count(address)
            self._counts[address] = (since, count + 1)
            self._counts.move_to_end(address)
            if len(self._counts) > _MOST_ADDRESSES:
                self._counts.popitem(last=False)

    def _count(self, address: str) -> tuple[float, int]:
        since, count = self._counts.get(address, (self._clock(), 0))
        return (since, count) if self._clock() - since < self.within_s else (self._clock(), 0)
