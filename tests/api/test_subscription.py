"""The seven endpoints, through HTTP, with real signatures."""

import re

import pytest

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import Outcome
from tests.api.gallery import Gallery, a_gallery, run_next
from tests.databases import KINDS
from tests.gallery.scene import a_workflow

API = "/gallery/api/v1"


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


ID = re.compile("[0-9a-f]{24}")


def queued(gallery: Gallery, body: object = None) -> str:
    answer = gallery.post(f"{API}/workflows/{gallery.scene.workflow_id}/jobs/", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def test_the_studios_workflows_are_listed_in_the_published_order_of_keys(gallery: Gallery) -> None:
    answer = gallery.get(f"{API}/workflows/subscription/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    [workflow] = answer.json()
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", workflow.pop("uploadDate"))
    assert list(workflow.items()) == [
        ("id", gallery.scene.workflow_id),
        ("subscriptionId", gallery.scene.anna.subscription_id),
        ("public", False),
        ("runDisabled", False),
        ("packageType", 1),
        ("fileName", "Rates.yxmd"),
        (
            "metaInfo",
            {
                "name": "Rates",
                "description": "",
                "author": "",
                "copyright": "",
                "url": "",
                "urlText": "",
                "outputMessage": "",
                "noOutputFilesMessage": "",
            },
        ),
        ("isChained", False),
        ("version", 1),
        ("runCount", 0),
        ("workerTag", ""),
        ("isE2", False),
    ]
    assert list(answer.json()[0])[5] == "uploadDate"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c", "b", "Rates"]),
        ("sortField=name", ["b", "c", "Rates"]),
        ("sortField=Name&direction=DESC", ["Rates", "c", "b"]),
        ("direction=asc", ["Rates", "b", "c"]),
        ("offset=1&limit=1", ["b"]),
        ("offset=&limit=&search=&sortField=&direction=&packageType=", ["c", "b", "Rates"]),
        ("search=RATES", ["Rates"]),
        ("search=nothing%20such", []),
        ("packageType=0", ["b"]),
        ("packageType=App", ["b"]),
        ("packageType=1&unknown=x", ["c", "Rates"]),
        ("?", ["c", "b", "Rates"]),
    ],
)
def test_the_list_is_searched_sorted_and_cut(gallery: Gallery, query: str, found: list[str]) -> None:
    scene = gallery.scene
    a_workflow(scene.database, scene.storage, scene.folder, scene.anna, name="b", kind="app", file_name="b.yxwz")
    a_workflow(scene.database, scene.storage, scene.folder, scene.anna, name="c", file_name="c.yxmd")
    answer = gallery.get(f"{API}/workflows/subscription/?{query}")
    assert [workflow["metaInfo"]["name"] for workflow in answer.json()] == found


@pytest.mark.parametrize(
    "query", ["offset=-1", "limit=x", "limit=99999999999999999999", "sortField=colour", "direction=up", "packageType=7"]
)
def test_a_parameter_that_makes_no_sense_is_named(gallery: Gallery, query: str) -> None:
    answer = gallery.get(f"{API}/workflows/subscription/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == ["data", "exceptionName", "innerExceptionMessage", "message"]
    assert query.partition("=")[0] in answer.json()["message"]


def test_questions_are_listed_without_their_empty_members(gallery: Gallery) -> None:
    scene = gallery.scene
    asked = [
        {"name": "Region", "type": "ListBox", "description": "Which?", "items": [{"key": "East", "value": "E"}], "multiple": False},
        {"name": "Day", "type": "Date", "description": "When?"},
        {"name": "Text Box (1)", "type": "TextBox", "value": ""},
        {"name": "Tab", "type": "Tab"},
    ]
    app = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=asked)
    answer = gallery.get(f"{API}/workflows/{app}/questions/")
    assert [list(question.items()) for question in answer.json()] == [
        [
            ("name", "Region"),
            ("type", "QuestionListBox"),
            ("description", "Which?"),
            ("items", [{"key": "East", "value": "E"}]),
            ("multiple", "False"),
        ],
        [("name", "Day"), ("type", "QuestionDate"), ("description", "When?")],
        [("name", "Text Box (1)"), ("type", "QuestionTextBox"), ("description", ""), ("value", "")],
    ]
    assert gallery.get(f"{API}/workflows/{scene.workflow_id}/questions/").json() == []


def test_a_queued_job_looks_as_published(gallery: Gallery) -> None:
    answer = gallery.post(f"{API}/workflows/{gallery.scene.workflow_id}/jobs/", {"questions": [{"name": "", "value": ""}], "priority": 0})
    job = answer.json()
    assert answer.status_code == 200
    assert ID.fullmatch(job["id"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", job["createDate"])
    assert [(key, value) for key, value in job.items() if key not in ("id", "createDate")] == [
        ("appId", None),
        ("status", "Queued"),
        ("disposition", "None"),
        ("outputs", []),
        ("messages", []),
        ("priority", 0),
        ("workerTag", ""),
        ("runWithE2", False),
    ]
    assert list(job)[:3] == ["id", "appId", "createDate"]


def test_answers_reach_the_job(gallery: Gallery) -> None:
    asked = [{"name": "Region", "type": "TextBox"}, {"name": "N", "type": "NumericUpDown"}]
    scene = gallery.scene
    app_id = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=asked)
    answers = {"questions": [{"name": "Region", "value": "East"}, {"name": "N", "value": 150}]}
    job_id = gallery.post(f"{API}/workflows/{app_id}/jobs/", answers).json()["id"]
    with scene.database.read() as db:
        assert jobs.get_job(db, scene.anna, job_id).answers == {"Region": "East", "N": "150"}
    wrong = gallery.post(f"{API}/workflows/{app_id}/jobs/", {"questions": [{"name": "Regoin", "value": "East"}]})
    assert wrong.status_code == 400
    assert "Regoin" in wrong.json()["message"]


def test_a_finished_job_looks_as_published(gallery: Gallery) -> None:
    job_id = queued(gallery)
    run_next(gallery.scene, files={"output.yxdb": b"rows"})
    job = gallery.get(f"{API}/jobs/{job_id}/").json()
    output_id = job["outputs"][0]["id"]
    assert ID.fullmatch(output_id)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", job.pop("createDate"))
    assert list(job.items()) == [
        ("id", job_id),
        ("appId", None),
        ("status", "Completed"),
        ("disposition", "Success"),
        ("outputs", [{"id": output_id, "formats": ["Raw", "Yxdb", "Csv", "Pdf"], "name": "output.yxdb"}]),
        ("messages", [{"status": 1, "text": "1 record was output", "toolId": 6}, {"status": 2, "text": "odd", "toolId": -1}]),
        ("priority", 0),
        ("workerTag", None),
        ("runWithE2", False),
    ]


@pytest.mark.parametrize("text", ["false", "False", "0"])
def test_messages_are_left_out_on_request(gallery: Gallery, text: str) -> None:
    job_id = queued(gallery)
    run_next(gallery.scene)
    assert gallery.get(f"{API}/jobs/{job_id}/?includeMessages={text}").json()["messages"] == []
    assert len(gallery.get(f"{API}/jobs/{job_id}/?includeMessages=").json()["messages"]) == 2


@pytest.mark.parametrize(("outcome", "disposition"), [(Outcome.SUCCESS, "Success"), (Outcome.ERROR, "Error"), (Outcome.CANCELLED, "Error")])
def test_every_end_of_a_job_reads_completed(gallery: Gallery, outcome: Outcome, disposition: str) -> None:
    job_id = queued(gallery)
    run_next(gallery.scene, outcome)
    for job in (gallery.get(f"{API}/jobs/{job_id}/").json(), *gallery.get(f"{API}/workflows/{gallery.scene.workflow_id}/jobs/").json()):
        assert (job["status"], job["disposition"]) == ("Completed", disposition)


def test_a_job_cancelled_in_the_queue_reads_completed_with_error(gallery: Gallery) -> None:
    job_id = queued(gallery)
    with gallery.scene.database.write() as db:
        jobs.cancel(db, gallery.scene.anna, job_id)
    job = gallery.get(f"{API}/jobs/{job_id}/").json()
    assert (job["status"], job["disposition"]) == ("Completed", "Error")


def test_a_workflows_jobs_are_listed_with_a_text_for_the_engine(gallery: Gallery) -> None:
    ids = [queued(gallery) for _ in range(3)]
    path = f"{API}/workflows/{gallery.scene.workflow_id}/jobs/"
    assert [job["id"] for job in gallery.get(path).json()] == ids[::-1]
    assert [job["id"] for job in gallery.get(f"{path}?sortField=createdate&direction=asc&offset=1&limit=1").json()] == [ids[1]]
    assert list(gallery.get(path).json()[0]) == ["id", "createDate", "status", "disposition", "priority", "workerTag", "runWithE2"]
    assert gallery.get(path).json()[0]["runWithE2"] == "False"


def test_an_output_is_given_byte_by_byte_or_converted(gallery: Gallery) -> None:
    job_id = queued(gallery)
    content = bytes(range(256)) * 3000
    run_next(gallery.scene, files={"folder/out put.yxdb": content})
    [output] = gallery.get(f"{API}/jobs/{job_id}/").json()["outputs"]
    path = f"{API}/jobs/{job_id}/output/{output['id']}/"
    for query in ("", "?format=Raw", "?format=yxdb&attachment=True", "?format="):
        assert gallery.get(path + query).content == content
    assert gallery.get(path).headers["content-disposition"].startswith('inline; filename="out put.yxdb"')
    part = gallery.get(path, headers={"Range": "bytes=256-511"})
    assert (part.status_code, part.content) == (206, bytes(range(256)))
    for _ in range(2):
        converted = gallery.get(f"{path}?format=Csv&attachment=true")
        assert (converted.status_code, converted.content) == (200, content.upper())
        assert converted.headers["content-disposition"].startswith('attachment; filename="out put.csv"')
    assert gallery.get(f"{path}?format=Tde").status_code == 400
    assert gallery.get(f"{path}?format=Pdf").status_code == 422


def test_a_client_may_add_format_and_attachment_after_signing(gallery: Gallery) -> None:
    job_id = queued(gallery)
    run_next(gallery.scene, files={"output.yxdb": b"rows"})
    [output] = gallery.get(f"{API}/jobs/{job_id}/").json()["outputs"]
    for path, status in ((f"{API}/jobs/{job_id}/output/{output['id']}/", 200), (f"{API}/jobs/{job_id}/", 401)):
        from oauthlib.oauth1 import SIGNATURE_TYPE_QUERY, Client

        url = Client(gallery.studio.key, gallery.studio.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(f"http://testserver{path}")[0]
        assert gallery.http.get(f"{url}&format=Csv&attachment=true").status_code == status


def test_a_package_is_given_as_published(gallery: Gallery) -> None:
    answer = gallery.get(f"{API}/{gallery.scene.workflow_id}/package/?version=")
    assert (answer.status_code, answer.content[:4]) == (200, b"PK\x05\x06")
    assert 'filename="Rates.yxzp"' in answer.headers["content-disposition"]
    assert gallery.get(f"{API}/{gallery.scene.workflow_id}/package/?version={'0' * 24}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/workflows/{id}/questions/"),
        ("POST", "/workflows/{id}/jobs/"),
        ("GET", "/workflows/{id}/jobs/"),
        ("GET", "/jobs/{id}/"),
        ("GET", "/jobs/{id}/output/{id}/"),
        ("GET", "/{id}/package/"),
        ("GET", "/nothing/such/here/at/all"),
    ],
)
def test_unknown_things_and_other_studios_things_are_not_found_in_the_apis_shape(gallery: Gallery, method: str, path: str) -> None:
    answer = gallery.call(method, API + path.format(id="0" * 24))
    assert answer.status_code == 404
    assert {key: answer.json()[key] for key in ("data", "exceptionName", "innerExceptionMessage")} == {
        "data": None,
        "exceptionName": "NotFoundException",
        "innerExceptionMessage": "",
    }


def test_a_server_of_2019_leaves_out_what_came_later(gallery: Gallery) -> None:
    old = a_gallery(gallery.scene, is_2019=True)
    [workflow] = old.get(f"{API}/workflows/subscription/").json()
    # The order that a strict client of that time demands.
    assert list(workflow) == (
        "id subscriptionId public runDisabled packageType uploadDate fileName metaInfo isChained version runCount workerTag".split()
    )
    job = old.post(f"{API}/workflows/{gallery.scene.workflow_id}/jobs/").json()
    assert list(job) == "id appId createDate status disposition outputs messages priority workerTag".split()
    assert "runWithE2" not in old.get(f"{API}/workflows/{gallery.scene.workflow_id}/jobs/").json()[0]
