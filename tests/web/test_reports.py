"""Reports of runs: converted by a real child process, shown in a frame that may do nothing."""

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from galleria.children.commands import convert
from galleria.errors import InvalidError, UnsupportedError
from galleria.gallery.jobs.framing import open_page
from galleria.gallery.jobs.records import JobOutput
from galleria.gallery.jobs.service import NewJob, queue
from galleria.reports.document import Report
from galleria.reports.stored import store
from galleria.storage.folder import Folder
from galleria.worker.offered import formats_of
from tests.api.gallery import run_next
from tests.web.conftest import House
from tests.web.visiting import ROOT

REPORT = Report(["<p onclick='x()'>Sales<script>alert(1)</script></p>", '<svg width="20" height="10"><rect width="20" height="10"/></svg>'])


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "report.pcxml"
    store(REPORT, path)
    return path


@pytest.mark.parametrize(
    ("name", "start"), [("a.html", b"<!doctype html>"), ("a.pdf", b"%PDF-"), ("a.xlsx", b"PK"), ("a.docx", b"PK"), ("a.zip", b"PK")]
)
def test_a_kept_report_is_converted_within_the_fence(kept: Path, tmp_path: Path, name: str, start: bytes) -> None:
    convert(kept, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    if name == "a.xlsx":
        assert openpyxl.load_workbook(tmp_path / name).active["A1"].value == "Sales"


@pytest.mark.parametrize(("content", "name", "error"), [(b"no", "a.pdf", InvalidError), (None, "a.pptx", UnsupportedError)])
def test_what_cannot_be_converted_is_refused_in_words(
    kept: Path, tmp_path: Path, content: bytes, name: str, error: type[Exception]
) -> None:
    if content:
        kept.write_bytes(content)
    with pytest.raises(error):
        convert(kept, tmp_path / name)


def test_a_report_offers_its_forms() -> None:
    assert formats_of("a/Report 1.PCXML") == ("Pdf", "Docx", "Xlsx", "Html", "Zip")


def test_another_output_is_no_page(tmp_path: Path) -> None:
    output = JobOutput(id="1", name="a.csv", storage_key="", size_bytes=1, formats=["Raw"])
    with pytest.raises(UnsupportedError):
        open_page(Folder(tmp_path), convert, output)


def test_a_report_is_shown_in_a_frame_without_any_right(house: House, kept: Path) -> None:
    house = replace(house, parts=replace(house.parts, convert=convert))
    with house.parts.database.write() as db:
        queue(db, house.anna, NewJob(house.scene.workflow_id))
    job_id = run_next(house.scene, files={"Report 1.pcxml": kept.read_bytes()})
    with house.parts.database.write() as db:
        [output] = db.scalars(select(JobOutput)).all()
        output.formats = list(formats_of(output.name))
        path = f"/runs/{job_id}/outputs/{output.id}"
    visit = house.visit(house.anna)
    assert f"{ROOT}{path}/look" in visit.page(f"/runs/{job_id}").links
    around = visit.get(f"{path}/look")
    assert f'<iframe class="report" sandbox="" title="Report 1.pcxml" src="{ROOT}{path}/page">' in around.text
    assert "frame-src 'self'" in around.headers["content-security-policy"]
    framed = visit.get(f"{path}/page")
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith("frame-ancestors 'self'; sandbox")
    assert (framed.headers["x-frame-options"], framed.headers["content-type"]) == ("SAMEORIGIN", "text/html; charset=utf-8")
    assert framed.headers["content-disposition"].startswith("inline")
    assert "<p>Sales</p>" in framed.text
    assert house.visit(house.viewer).get(f"{path}/page").status_code == 404
    assert openpyxl.load_workbook(io.BytesIO(visit.get(f"{path}?format=Xlsx").content)).active["A1"].value == "Sales"
