"""Databases that are reached by a driver with Python's own database interface, where it is installed."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from galleria.connecting.address import Address
from galleria.errors import UnsupportedError
from galleria.fields.types import FieldType

_TEXT_TYPES = {
    FieldType.BYTE: "SMALLINT",
    FieldType.INT16: "SMALLINT",
    FieldType.INT32: "INTEGER",
    FieldType.INT64: "BIGINT",
    FieldType.FLOAT: "REAL",
    FieldType.DOUBLE: "DOUBLE PRECISION",
    FieldType.DATE: "DATE",
    FieldType.TIME: "TIME",
    FieldType.DATETIME: "TIMESTAMP",
    FieldType.BOOL: "BOOLEAN",
    FieldType.BLOB: "BLOB",
}


@dataclass(frozen=True)
class Driver:
    module: str
    package: str
    """As `pip install` knows it."""
    arguments: Callable[[Address], Mapping[str, Any]]
    marks: str = '""'
    place: str = "%s"
    """How a statement marks its n-th value; `{}` stands for the number, from 1."""
    types: Mapping[FieldType, str] = field(default_factory=dict[FieldType, str])
    """Where they differ from the usual ones."""
    text: str = "VARCHAR({})"
    long_text: str = "TEXT"
    longest: int = 4000
    drops: str = "DROP TABLE IF EXISTS {}"

    def connect(self, address: Address) -> Any:
        """Open a connection; raises UnsupportedError without the driver."""
        try:
            module = importlib.import_module(self.module)
        except ImportError as error:
            raise UnsupportedError(
                f"database {address.kind}", f"the driver {self.package} is not installed: pip install {self.package}"
            ) from error
        return module.connect(**self.arguments(address))

    def declaration(self, kind: FieldType, size: int, scale: int) -> str:
        if kind.is_text or kind is FieldType.SPATIAL:
            return self.text.format(size) if size <= self.longest else self.long_text
        if kind is FieldType.FIXED_DECIMAL:
            return f"DECIMAL({max(size - 1 - (scale > 0), scale, 1)}, {scale})"
        return self.types.get(kind, _TEXT_TYPES[kind])


def _login(address: Address, **names: str) -> dict[str, Any]:
    values: dict[str, Any] = {"host": address.host, "port": address.port, "user": address.user, "database": address.database}
    return {names.get(name, name): value for name, value in {**values, "password": address.password}.items() if value}


def _oracle(address: Address) -> dict[str, Any]:
    place = f"{address.host}:{address.port or 1521}/{address.database}" if address.host else address.database
    return {"user": address.user, "password": address.password, "dsn": place}


def _snowflake(address: Address) -> dict[str, Any]:
    more = {name: address.options[name] for name in ("warehouse", "schema", "role") if name in address.options}
    account = address.host.removesuffix(".snowflakecomputing.com")
    return {"account": account, "user": address.user, "password": address.password, "database": address.database, **more}


DRIVERS: Mapping[str, Driver] = {
    "mysql": Driver(
        "pymysql",
        "pymysql",
        lambda address: {**_login(address), "charset": "utf8mb4", "connect_timeout": 30},
        marks="``",
        long_text="LONGTEXT",
        types={FieldType.DOUBLE: "DOUBLE", FieldType.DATETIME: "DATETIME(6)", FieldType.BLOB: "LONGBLOB", FieldType.FLOAT: "FLOAT"},
    ),
    "mssql": Driver(
        "pymssql",
        "pymssql",
        lambda address: _login(address, host="server"),
        marks="[]",
        text="NVARCHAR({})",
        long_text="NVARCHAR(MAX)",
        types={
            FieldType.BOOL: "BIT",
            FieldType.DOUBLE: "FLOAT",
            FieldType.DATETIME: "DATETIME2",
            FieldType.BLOB: "VARBINARY(MAX)",
        },
    ),
    "oracle": Driver(
        "oracledb",
        "oracledb",
        _oracle,
        place=":{}",
        text="NVARCHAR2({})",
        long_text="NCLOB",
        longest=2000,
        types={
            FieldType.BOOL: "NUMBER(1)",
            FieldType.INT64: "NUMBER(19)",
            FieldType.DOUBLE: "BINARY_DOUBLE",
            FieldType.FLOAT: "BINARY_FLOAT",
            FieldType.TIME: "VARCHAR2(15)",
        },
        drops="DROP TABLE {}",
    ),
    "snowflake": Driver("snowflake.connector", "snowflake-connector-python", _snowflake, types={FieldType.BLOB: "BINARY"}),
}
