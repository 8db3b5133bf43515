"""What a connection text means: `odbc:`, `odb:`, `oci:`, `aka:` and `dcm:` of documents, and URLs (`postgresql://...`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from galleria.connecting.known import Databases
from galleria.errors import GalleriaError, InvalidError, ToolError, UnsupportedError

PREFIXES = ("aka", "dcm", "odbc", "odb", "oci")
_SECRET = re.compile(r"(?i)\b(\w*(?:password|passwd|pwd|token|secret|key)\w*)(\s*=\s*)(\{(?:[^}]|\}\})*\}|(?:(?!\|\s*\w+\s*=)[^;])*)")
# Users may hold an @ (`user@server`), passwords too: up to the last one rather too much than too little.
_IN_URL = re.compile(r"(://[^:/\s]*:)\S*@")
_IN_OCI = re.compile(r"(?i)^(\s*oci:[^/@|]*/)[^|]*@")
_PAIR = re.compile(r"\s*([^=;]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)(?:;|$)")
_MARKED = re.compile(r"__EncPwd\d*__")
_ENCRYPTED = re.compile(rf"{_MARKED.pattern}|[0-9A-Fa-f]{{48,}}")
"""In documents; a connection of the gallery may well have a password of so many hexadecimal digits."""
_DRIVERS = (
    ("postgresql", "postgres|redshift|greenplum|psql"),
    ("sqlite", "sqlite"),
    ("mysql", "mysql|mariadb"),
    ("mssql", r"(?<!postgre)(?<!my)sql ?server|sqlncli|sqloledb|msoledbsql|freetds"),
    ("oracle", "oracle|oraoledb|msdaora"),
    ("snowflake", "snowflake"),
)
"""What the names of drivers and providers hold."""
_SCHEMES = {"postgres": "postgresql", "redshift": "postgresql", "mariadb": "mysql", "sqlserver": "mssql"}
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433, "oracle": 1521, "snowflake": 443}
_USER, _PASSWORD = ("uid", "user", "user id", "username"), ("pwd", "password")
_HOST, _NAME = ("server", "servername", "host", "data source", "address"), ("database", "initial catalog", "dbname", "dbq")


@dataclass(frozen=True)
class Address:
    kind: str
    """`postgresql`, `sqlite`, `mysql`, `mssql`, `oracle`, `snowflake`."""
    host: str = ""
    port: int = 0
    """0: the usual one."""
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    ssl_mode: str = ""
    options: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def is_connection(name: str) -> bool:
    """Say whether a file's name is a connection to a database."""
    return name.partition(":")[0].strip().casefold() in PREFIXES


def shown(name: str) -> str:
    """Give a connection text without its passwords; what is read there, behind `|||`, stays as it is."""
    place, bars, part = name.partition("|||")
    return _IN_OCI.sub(r"\1***@", _IN_URL.sub(r"\1***@", _SECRET.sub(r"\1\2***", place))) + bars + part


def address_of(name: str, known: Databases) -> Address:
    """Work out where a connection text leads; raises ToolError for one that leads nowhere, UnsupportedError for an unknown driver.

    The run's account logs in only where a connection that was given to the run names no user: never at an address that the
    document itself holds, whose author could read it there.
    """
    prefix, _, rest = name.strip().partition(":")
    rest = rest.strip()
    if prefix.casefold() in ("aka", "dcm"):
        text = known.connections.get(rest.casefold())
        if text is None:
            raise ToolError(f'The data connection "{rest}" is not there, or is not shared with whoever runs this.')
        return _given(text, known)
    if prefix.casefold() == "oci":
        return _usable(_oracle(rest), name)
    pairs = _pairs(rest)
    source = pairs.get("dsn", "")
    if not source:
        return _usable(_from_pairs(pairs), name)
    text = known.sources.get(source.casefold())
    if text is None:
        raise ToolError(f'The data source "{source}" is not known here: an administrator can map its name to a database.')
    mapped = _address(text)
    user, password = _first(pairs, _USER), _first(pairs, _PASSWORD)
    if user and password and not _ENCRYPTED.search(password):
        return replace(mapped, user=user, password=password)
    return _given(text, known)


def place_of(text: str) -> str:
    """The `host:port` that a connection string of the gallery or of a setting leads to; empty where that is no server."""
    try:
        address = _address(text)
    except GalleriaError:
        # The run that uses it says what is wrong with it.
        return ""
    port = address.port or _PORTS.get(address.kind, 0)
    if not address.host or address.host.startswith("/") or not 0 < port < 65536:
        return ""
    return f"[{address.host}]:{port}" if ":" in address.host else f"{address.host}:{port}"


def _given(text: str, known: Databases) -> Address:
    address = _address(text)
    if _MARKED.search(address.password):
        raise ToolError("The password of the data connection was encrypted on another machine and cannot be read here: give it anew.")
    if address.user or known.account is None:
        return address
    if text in known.strange:
        raise ToolError("The data connection names no user, and the job's credential logs in only where a Curator keeps the connection.")
    return replace(address, user=known.account.user, password=known.account.password)


def _address(text: str) -> Address:
    """What a connection string of the gallery, of a setting or of the command line means."""
    text = text.partition("|||")[0].strip()
    if "://" in text.partition(";")[0]:
        return _from_url(text)
    prefix, colon, rest = text.partition(":")
    if colon and prefix.casefold() == "oci":
        return _oracle(rest)
    return _from_pairs(_pairs(rest if colon and prefix.casefold() in ("odbc", "odb") else text))


def _from_url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        port = parts.port or 0
    except ValueError:
        raise InvalidError("a database's address cannot be read: write KIND://USER:PASSWORD@HOST:PORT/NAME") from None
    scheme = parts.scheme.partition("+")[0].casefold()
    kind = _SCHEMES.get(scheme, scheme)
    if kind not in dict(_DRIVERS):
        raise UnsupportedError(f"database {kind}", "databases of this kind are not supported")
    options = {key.casefold(): value for key, value in parse_qsl(parts.query)}
    # sqlite:///name is relative, sqlite:////name is absolute.
    database = unquote(parts.path.removeprefix("/"))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    ssl_mode = options.pop("sslmode", "")
    return Address(kind, host, port, database, unquote(parts.username or ""), unquote(parts.password or ""), ssl_mode, options)


def _from_pairs(pairs: Mapping[str, str]) -> Address:
    driver = pairs.get("driver") or pairs.get("provider") or ""
    kind = next((kind for kind, pattern in _DRIVERS if re.search(pattern, driver, re.IGNORECASE)), "")
    if not kind:
        what = f"driver {driver}" if driver else "connection without a driver"
        raise UnsupportedError(f"database {what}", "databases of this kind are not supported")
    host, _, port = _first(pairs, _HOST).removeprefix("tcp:").replace(",", ":").partition(":")
    port = pairs.get("port") or port
    if port and not port.isdigit():
        raise InvalidError(f"a port is a number, not {port!r}")
    known = {"driver", "provider", "port", "sslmode", *_USER, *_PASSWORD, *_HOST, *_NAME}
    options = {key: value for key, value in pairs.items() if key not in known}
    user, password, name = _first(pairs, _USER), _first(pairs, _PASSWORD), _first(pairs, _NAME)
    return Address(kind, host, int(port or 0), name, user, password, pairs.get("sslmode", ""), options)


def _oracle(text: str) -> Address:
    login, _, place = text.strip().rpartition("@")
    user, _, password = login.partition("/")
    host, _, service = place.partition("/")
    host, _, port = host.partition(":")
    return Address("oracle", host, int(port) if port.isdigit() else 0, service or ("" if port else place), user, password)


def _usable(address: Address, name: str) -> Address:
    if _ENCRYPTED.search(address.password):
        raise ToolError(
            f'The password of "{shown(name)}" was encrypted on another machine and cannot be read here:'
            " use a data connection of the gallery."
        )
    return address


def _pairs(text: str) -> dict[str, str]:
    """`Name={value};...` by name in small letters."""
    pairs: dict[str, str] = {}
    for key, value in _PAIR.findall(text):
        plain = value.strip()
        plain = plain[1:-1].replace("}}", "}") if plain.startswith("{") and plain.endswith("}") else plain
        pairs[key.casefold()] = plain
    return pairs


def _first(pairs: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((pairs[name] for name in names if pairs.get(name)), "")
