"""Where connection texts lead, and that no password is told."""

import pytest

from galleria.addresses import Rules
from galleria.connecting.address import address_of, is_connection, place_of, shown
from galleria.connecting.known import Account, Databases, connections_of
from galleria.errors import GalleriaError
from galleria.formats.sql.naming import is_query, query_of, quoted_table

URL = "postgresql://ann:s%40cret@db.example:6000/sales?sslmode=require"
KNOWN = Databases(
    connections_of({"Sales": URL, "Open": "postgresql://db/sales", "Classic": "odbc:Driver={PostgreSQL};Server=db;UID=u;PWD={a;b}}c}|||"}),
    connections_of({"NIGHT": "postgresql://db2:5433/night"}),
    Account("robot", "r0bot"),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aka:sales", ("postgresql", "db.example", 6000, "sales", "ann", "s@cret", "require")),
        ("dcm:SALES", ("postgresql", "db.example", 6000, "sales", "ann", "s@cret", "require")),
        ("AKA: Open", ("postgresql", "db", 0, "sales", "robot", "r0bot", "")),
        ("aka:Classic", ("postgresql", "db", 0, "", "u", "a;b}c", "")),
        ("odbc:DSN=Night;UID=__x;PWD=__EncPwd1__", ("postgresql", "db2", 5433, "night", "robot", "r0bot", "")),
        ("odbc:DSN=Night;UID=me;PWD=mine", ("postgresql", "db2", 5433, "night", "me", "mine", "")),
        # At an address of the document's own, the run's account is given to nobody.
        ("odbc:DRIVER={PostgreSQL Unicode};Server=evil,9;Database=d", ("postgresql", "evil", 9, "d", "", "", "")),
        ("odb:Provider=MSOLEDBSQL.1;Data Source=s;Initial Catalog=c;User ID=u;Password=pqpq", ("mssql", "s", 0, "c", "u", "pqpq", "")),
        ("oci:scott/tiger@db:1521/xe", ("oracle", "db", 1521, "xe", "scott", "tiger", "")),
        ("oci:scott/tiger@TNS", ("oracle", "TNS", 0, "TNS", "scott", "tiger", "")),
        ("odbc:Driver={SQLite3 ODBC Driver};Database=C:\\x.db", ("sqlite", "", 0, "C:\\x.db", "", "", "")),
    ],
)
def test_a_connection_leads_to_an_address(name: str, expected: tuple[object, ...]) -> None:
    address = address_of(name, KNOWN)
    found = (address.kind, address.host, address.port, address.database, address.user, address.password, address.ssl_mode)
    assert found == expected
    assert not address.password or address.password not in repr(address)
    assert is_connection(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("aka:Nobody", 'The data connection "Nobody" is not there, or is not shared'),
        ("odbc:DSN=Nobody;PWD=geheim", 'The data source "Nobody" is not known here'),
        ("odbc:Driver=PostgreSQL;Server=s;UID=u;PWD=__EncPwd1__", "encrypted on another machine"),
        ("odbc:Driver=PostgreSQL;Server=s;UID=u;PWD=" + "0A" * 24, "encrypted on another machine"),
        ("odbc:Driver={Some DB};PWD=geheim", "database driver Some DB"),
        ("odbc:PWD=geheim", "without a driver"),
        ("odbc:Driver=MySQL;Server=s;Port=x;PWD=geheim", "a port is a number"),
    ],
)
def test_what_leads_nowhere_is_refused_without_its_password(name: str, words: str) -> None:
    with pytest.raises(GalleriaError, match=words) as refused:
        address_of(name, KNOWN)
    assert "geheim" not in refused.value.message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("odbc:DSN=x;UID=u;PWD=geheim;Port=1", "odbc:DSN=x;UID=u;PWD=***;Port=1"),
        ("odb:Provider=p;Password={ge;heim};x=1", "odb:Provider=p;Password=***;x=1"),
        ("oci:scott/ge/heim@db", "oci:scott/***@db"),
        ("aka:x", "aka:x"),
        ("postgresql://u:geheim@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@server:ge@heim@h/d", "postgresql://u@server:***@h/d"),
        ("odbc:DSN=x;PWD={geh}}eim};UID=u", "odbc:DSN=x;PWD=***;UID=u"),
        ("odbc:DSN=x;private_key=geheim;AccessKey=geheim", "odbc:DSN=x;private_key=***;AccessKey=***"),
        ("odbc:DSN=x;PWD=ge|heim|||SELECT * FROM t WHERE key = 5", "odbc:DSN=x;PWD=***|||SELECT * FROM t WHERE key = 5"),
    ],
)
def test_a_connection_is_shown_without_its_password(name: str, expected: str) -> None:
    assert shown(name) == expected


def test_the_gallery_s_own_passwords_may_be_long_and_hexadecimal() -> None:
    known = Databases(
        connections_of({"Hex": f"postgresql://u:{'0a' * 32}@db/d", "Moved": "odbc:Driver=PostgreSQL;Server=s;PWD=__EncPwd1__"})
    )
    assert address_of("aka:hex", known).password == "0a" * 32
    with pytest.raises(GalleriaError, match="give it anew"):
        address_of("aka:moved", known)


def test_the_account_is_not_told_to_connections_of_others() -> None:
    text = "postgresql://evil/d"
    known = Databases({"theirs": text, "named": "postgresql://u:p@evil/d"}, account=Account("robot", "r0bot"), strange=frozenset({text}))
    assert address_of("aka:named", known).user == "u"
    with pytest.raises(GalleriaError, match="names no user") as refused:
        address_of("aka:theirs", known)
    assert "r0bot" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://db/d", "db:5432"),
        ("postgresql://[fd00::1]/d", "[fd00::1]:5432"),
        ("odbc:Driver=PostgreSQL;Server=db;Port=99999", ""),
        ("postgresql://%2Frun%2Fpg/d", ""),
        ("nonsense", ""),
    ],
)
def test_a_place_is_what_the_gate_can_be_told(text: str, expected: str) -> None:
    assert place_of(text) == expected
    assert Rules.of([expected] if expected else []).networks == ()


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("orders", "SELECT * FROM orders"),
        ("public.orders", "SELECT * FROM public.orders"),
        ('"My Orders"', 'SELECT * FROM "My Orders"'),
        ("`a`.[b c]", 'SELECT * FROM "a"."b c"'),
        ("my orders", 'SELECT * FROM "my orders"'),
        ('x"; DROP TABLE y', None),
        ("select 1;", "select 1"),
        ("-- first\n/* then */ WITH a AS (SELECT 1) SELECT * FROM a", "-- first\n/* then */ WITH a AS (SELECT 1) SELECT * FROM a"),
        ("selected", "SELECT * FROM selected"),
        ("", None),
    ],
)
def test_a_part_is_a_table_or_a_query(part: str, expected: str | None) -> None:
    if expected is not None:
        assert query_of(part) == expected
        return
    with pytest.raises(GalleriaError):
        query_of(part)


def test_marks_of_quotation_inside_a_name_are_doubled() -> None:
    assert quoted_table("`a]b`", "[]") == "[a]]b]"
    assert not is_query("show_me")
