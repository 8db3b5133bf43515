"""Every format that an output is given in, fetched through the API of a real server and opened by a reader of somebody else."""

import csv
import io
import json
import sqlite3
import time
import zipfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import openpyxl
import openyxdb
import pyarrow.parquet
import pyogrio
import pytest
import requests
from requests_oauthlib import OAuth1
from yxdb.yxdb_reader import YxdbReader

from galleria.gallery.workflows.file import publish_file
from tests.clients.documents import document, formula, output, rows_counted, text_input
from tests.clients.running import Running, running_server

PATIENCE_S = 300
ROWS = [("East", 10, "2024-02-29"), ('W\u00e4st, "far"', -20, "2024-03-01"), (None, 70000, "1999-12-31")]
CHAIN = [
    text_input(["Region", "Sales", "Day"], [[region or "", str(sales), day] for region, sales, day in ROWS]),
    formula("Place", "SpatialObj", "ST_CreatePoint([Sales] / 1000, 51.25)"),
]
PLAIN = [CHAIN[0]]
FILES = {
    "out.yxdb": 19,
    "out.csv": 0,
    "out.xlsx|||Sales": 25,
    "out.json": 54,
    "out.avro": 48,
    "out.parquet": None,
    "out.sqlite|||Sales": 36,
}
TEXT, SHEET = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTES = "application/octet-stream"
Rows = list[tuple[Any, ...]]


def by_yxdb(path: Path) -> Rows:
    reader = YxdbReader(path=str(path))
    rows: Rows = []
    while reader.next():
        region, sales, day = (reader.read_index(index) for index in range(3))
        rows.append((region, sales, f"{day:%Y-%m-%d}"))
    return rows


def by_openyxdb(path: Path) -> Rows:
    return [(region, sales, str(day)) for region, sales, day in openyxdb.to_polars(str(path)).rows()]


def by_csv(path: Path) -> Rows:
    head, *rows = csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    assert head == ["Region", "Sales", "Day"]
    return [(region or None, int(sales), day) for region, sales, day in rows]


def by_openpyxl(path: Path) -> Rows:
    book = openpyxl.load_workbook(path, read_only=False)
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert head == ("Region", "Sales", "Day")
    return [(region, sales, f"{day:%Y-%m-%d}") for region, sales, day in rows]


def by_json(path: Path) -> Rows:
    return [tuple(row.values()) for row in json.loads(path.read_text("utf-8"))]


def by_fastavro(path: Path) -> Rows:
    with path.open("rb") as stream:
        return [(row["Region"], row["Sales"], str(row["Day"])) for row in fastavro.reader(stream)]


def by_pyarrow(path: Path) -> Rows:
    return [(row["Region"], row["Sales"], str(row["Day"])) for row in pyarrow.parquet.read_table(path).to_pylist()]


def by_sqlite(path: Path) -> Rows:
    with sqlite3.connect(path) as connection:
        return connection.execute('SELECT "Region", "Sales", "Day" FROM "Sales"').fetchall()


READ: Mapping[str, list[tuple[str, str, str, Callable[[Path], Rows]]]] = {
    "out.yxdb": [
        ("Raw", "out.yxdb", BYTES, by_yxdb),
        ("Yxdb", "out.yxdb", BYTES, by_openyxdb),
        ("Csv", "out.csv", TEXT, by_csv),
        ("Xlsx", "out.xlsx", SHEET, by_openpyxl),
    ],
    "out.csv": [("Raw", "out.csv", TEXT, by_csv), ("Csv", "out.csv", TEXT, by_csv)],
    "out.xlsx": [("Raw", "out.xlsx", SHEET, by_openpyxl), ("Xlsx", "out.xlsx", SHEET, by_openpyxl)],
    "out.json": [("Raw", "out.json", "application/json", by_json)],
    "out.avro": [("Raw", "out.avro", BYTES, by_fastavro)],
    "out.parquet": [("Raw", "out.parquet", BYTES, by_pyarrow)],
    "out.sqlite": [("Raw", "out.sqlite", BYTES, by_sqlite)],
}
"""Of each output: the formats that it is listed with, file name and content type of each, and who reads it."""


@dataclass(frozen=True)
class Job:
    server: Running
    job_id: str
    outputs: Mapping[str, tuple[str, list[str]]]
    """By name: id and formats."""

    def fetch(self, name: str, wanted: str = "", **query: str) -> requests.Response:
        return ask(self.server, f"jobs/{self.job_id}/output/{self.outputs[name][0]}/", ({"format": wanted} if wanted else {}) | query)


def ask(server: Running, path: str, query: Mapping[str, str] | None = None, method: str = "GET") -> requests.Response:
    auth = OAuth1(server.studio.key, server.studio.secret)
    return requests.request(method, f"{server.url}/gallery/api/v1/{path}", params=dict(query or {}), auth=auth, timeout=300)


def run(server: Running, text: str) -> Job:
    scene = server.scene
    source = scene.folder / "Sales.yxmd"
    source.write_text(text, "utf-8")
    app = publish_file(scene.database, scene.anna, scene.storage, source).id
    job = ask(server, f"workflows/{app}/jobs/", method="POST").json()
    until = time.monotonic() + PATIENCE_S
    while job["status"] != "Completed" and time.monotonic() < until:
        time.sleep(0.1)
        job = ask(server, f"jobs/{job['id']}/").json()
    assert job["disposition"] == "Success", job["messages"]
    return Job(server, job["id"], {one["name"]: (one["id"], one["formats"]) for one in job["outputs"]})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running_server(tmp_path_factory.mktemp("gallery"), WORKER="true") as running:
        yield running


@pytest.fixture(scope="module")
def job(server: Running) -> Job:
    return run(server, document(PLAIN, [output(file, code) for file, code in FILES.items()]))


def test_an_output_is_listed_with_each_of_its_formats_the_best_first(job: Job) -> None:
    assert {name: formats for name, (_, formats) in job.outputs.items()} == {
        name: [one[0] for one in given] for name, given in READ.items()
    }


@pytest.mark.parametrize(
    ("name", "wanted", "file_name", "content_type", "read"), [(name, *given) for name, every in READ.items() for given in every]
)
def test_a_reader_of_somebody_else_finds_the_rows(
    job: Job, tmp_path: Path, name: str, wanted: str, file_name: str, content_type: str, read: Callable[[Path], Rows]
) -> None:
    answer = job.fetch(name, wanted, attachment="true")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, content_type)
    assert f'attachment; filename="{file_name}"' in answer.headers["content-disposition"]
    (tmp_path / file_name).write_bytes(answer.content)
    assert read(tmp_path / file_name) == ROWS


@pytest.mark.parametrize("wanted", ["", "raw", "RAW"])
def test_without_a_format_it_is_the_file_as_it_was_written(job: Job, wanted: str) -> None:
    answer = job.fetch("out.yxdb", wanted)
    assert answer.content == job.fetch("out.yxdb", "Raw").content
    assert answer.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize("wanted", ["Pdf", "Tde", "nonsense"])
def test_what_is_not_listed_is_refused_with_what_there_is(job: Job, wanted: str) -> None:
    answer = job.fetch("out.yxdb", wanted)
    assert (answer.status_code, answer.json()["exceptionName"]) == (400, "BadRequestException")
    assert "Raw, Yxdb, Csv, Xlsx" in answer.json()["message"]


def test_spatial_objects_become_features_and_texts(server: Running, tmp_path: Path) -> None:
    job = run(server, document(CHAIN, [output("out.geojson", 27), output("out.yxdb", 19)]))
    (tmp_path / "out.geojson").write_bytes(job.fetch("out.geojson").content)
    meta, _, shapes, columns = pyogrio.raw.read(tmp_path / "out.geojson")
    assert (list(meta["fields"]), meta["geometry_type"], len(shapes)) == (["Region", "Sales", "Day"], "Point", 3)
    assert [(region, sales, str(day)[:10]) for region, sales, day in zip(*columns, strict=True)] == ROWS
    assert pyogrio.read_info(tmp_path / "out.geojson")["total_bounds"] == pytest.approx((-0.02, 51.25, 70, 51.25))
    places = [row["Place"] for row in csv.DictReader(io.StringIO(job.fetch("out.yxdb", "Csv").content.decode()))]
    assert json.loads(places[0])["coordinates"] == [0.01, 51.25]
    assert job.outputs["out.yxdb"][1] == ["Raw", "Yxdb", "Csv", "Xlsx", "Shp", "Kml", "Mif", "Dbf"]
    for wanted, file_name in (("Shp", "out.shp.zip"), ("Kml", "out.kml"), ("Mif", "out.mif.zip")):
        answer = job.fetch("out.yxdb", wanted, attachment="true")
        assert f'filename="{file_name}"' in answer.headers["content-disposition"], answer.text
        (tmp_path / file_name).write_bytes(answer.content)
        found = pyogrio.read_info(tmp_path / file_name, force_total_bounds=True)["total_bounds"]
        assert found == pytest.approx((-0.02, 51.25, 70, 51.25), abs=1e-5)


def test_more_rows_than_a_sheet_has_are_refused_in_words(server: Running) -> None:
    job = run(server, document([rows_counted(1_048_576)], [output("out.yxdb", 19)]))
    answer = job.fetch("out.yxdb", "Xlsx")
    assert (answer.status_code, answer.json()["exceptionName"]) == (400, "BadRequestException")
    assert "1,048,576 records, and a sheet has room for 1,048,575" in answer.json()["message"]
    # What cannot be a sheet can still be a text.
    assert job.fetch("out.yxdb", "Csv").content.count(b"\n") == 1_048_577


def test_a_package_is_a_zip_with_the_workflow_in_it(server: Running) -> None:
    app = ask(server, "workflows/subscription/", {"search": "Sales", "limit": "1"}).json()[0]["id"]
    answer = ask(server, f"{app}/package/")
    assert (answer.headers["content-type"], answer.headers["content-disposition"].partition(";")[0]) == (BYTES, "attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert "Sales.yxmd" in archive.namelist()
