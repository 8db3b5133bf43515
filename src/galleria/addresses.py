"""Which network addresses a run or a webhook may reach, and connecting to exactly the address that was checked.

A server sits inside its owner's network; a workflow or webhook written by a stranger must not use it as a door. Names are looked up
here, every address is judged, and the connection goes to the judged address: a name that answers differently a moment later
(DNS rebinding) gains nothing. Whatever spelling a URL uses for an address (`127.1`, `0x7f000001`, `[::ffff:127.0.0.1]`), it is judged
as the operating system understands it.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from galleria.errors import ForbiddenError, InvalidError

Address = IPv4Address | IPv6Address
Connect = Callable[[str, int, float], socket.socket]
"""Connects to host and port within so many seconds; raises ForbiddenError where the address is refused, else OSError."""

_METADATA: frozenset[Address] = frozenset(
    map(ipaddress.ip_address, "169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254 fd20:ce::254".split())
)
"""Where clouds hand credentials to the machines in them; one of them looks like a public address."""

# Checked in this order: the first that fits names the rule. `is_private` of Python differs between its versions.
_RULES: Sequence[tuple[str, tuple[IPv4Network | IPv6Network, ...]]] = tuple(
    (kind, tuple(map(ipaddress.ip_network, networks.split())))
    for kind, networks in (
        ("loopback", "127.0.0.0/8 ::1/128"),
        ("unspecified", "0.0.0.0/8 ::/128"),
        ("link-local", "169.254.0.0/16 fe80::/10"),
        ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10"),
        ("multicast", "224.0.0.0/4 ff00::/8"),
        (
            "reserved",
            "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4"
            " 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 3fff::/20 5f00::/16",
        ),
    )
)
_TRANSLATED_96 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))


def refusal(address: Address) -> str | None:
    """Name the kind of address that runs may not reach (`loopback`, ...); None for a public one."""
    if isinstance(address, IPv6Address):
        # A translator on the way may turn it into the IPv4 address it carries: that one is judged.
        carried = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if carried is None and address not in (IPv6Address("::"), IPv6Address("::1")):
            if any(address in network for network in _TRANSLATED_96):
                carried = IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return refusal(carried)
    if address in _METADATA:
        return "cloud metadata"
    for kind, networks in _RULES:
        if any(address in network for network in networks):
            return kind
    return None


@dataclass(frozen=True)
class Rules:
    """Judges addresses: public ones and `allowed` ones pass."""

    allowed: frozenset[tuple[str, int]] = frozenset()
    """Host (a name in small letters or an address in its usual spelling) and port."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Allowed on every port."""

    @classmethod
    def of(cls, allowed: Iterable[str]) -> Rules:
        """Read texts of the forms `host:port`, `10.0.0.0/8` and `10.0.0.5`; raises InvalidError for anything else."""
        networks: list[IPv4Network | IPv6Network] = []
        places: set[tuple[str, int]] = set()
        for text in allowed:
            try:
                networks.append(ipaddress.ip_network(text.strip(), strict=False))
            except ValueError:
                places.add(_host_and_port(text))
        return cls(frozenset(places), tuple(networks))

    def permit(self, host: str, port: int, found: Iterable[str]) -> list[str]:
        """Give those of the addresses found for a host that may be connected to; raises ForbiddenError where there is none."""
        permitted: list[str] = []
        refused: list[str] = []
        for text in dict.fromkeys(found):
            address = ipaddress.ip_address(text.split("%")[0])
            kind = refusal(address)
            if kind is None or self._allows(host, port, address):
                permitted.append(text)
            else:
                refused.append(f"{text} is a {kind} address")
        if not permitted:
            raise ForbiddenError(
                f"{host}:{port} is refused: {'; '.join(refused)}, which runs may not reach unless the administrator allows {host}:{port}"
            )
        return permitted

    def _allows(self, host: str, port: int, address: Address) -> bool:
        named = {(host.casefold().rstrip("."), port), (str(address), port)}
        return not self.allowed.isdisjoint(named) or any(address in network for network in self.networks)


def connect_checked(rules: Rules | None) -> Connect:
    """Give a function that connects as the rules allow, from this process; None allows everything."""

    def connect(host: str, port: int, timeout_s: float) -> socket.socket:
        found = look_up(host, port)
        permitted = list(dict.fromkeys(found)) if rules is None else rules.permit(host, port, found)
        problem: OSError = OSError(f"{host}: no address found")
        until = time.monotonic() + timeout_s
        for at, address in enumerate(permitted):
            # A name may have hundreds of addresses where nobody answers: all share the time.
            share_s = max(until - time.monotonic(), 0.001) / (len(permitted) - at)
            try:
                connection = socket.create_connection((address, port), share_s)
            except OSError as error:
                problem = error
            else:
                connection.settimeout(timeout_s)
                return connection
        raise problem

    return connect


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host as the operating system knows them; raises OSError for an unknown name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host!r} is no host name") from error
    return [str(place[0]) for _, _, _, _, place in found]


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise InvalidError(f"an allowed address is written host:port or 10.0.0.0/8, not {text!r}")
    host = host.strip("[]").casefold().rstrip(".")
    try:
        return str(ipaddress.ip_address(host)), int(port)
    except ValueError:
        return host, int(port)
