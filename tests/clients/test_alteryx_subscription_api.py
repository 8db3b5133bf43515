"""The npm client `alteryx-subscription-api`, its code untouched; Babel's runtime, which it takes for granted, is loaded before."""

import json

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from tests.api.gallery import run_next
from tests.clients.npm import run_node
from tests.clients.running import Running, an_app

CONTENT = b"a,b\r\n1,2\r\n"
SCRIPT = """
const Gallery = require("alteryx-subscription-api");
const [url, key, secret, app, job, output] = process.argv.slice(1);
const gallery = new Gallery(url, key, secret);
const read = async (answer) => { const got = await answer; return [got.status, await got.json()]; };
(async () => {
  const link = await gallery.getOutputFileURL(job, output, "Csv");
  const file = await fetch(link);
  console.log(JSON.stringify({
    workflows: await read(gallery.getSubscriptionWorkflows()),
    questions: await read(gallery.getAppQuestions(app)),
    executed: await read(gallery.executeWorkflow(app, [{ name: "Region", value: 5 }])),
    jobs: await read(gallery.getJobsByWorkflow(app)),
    job: await read(gallery.getJob(job)),
    file: [file.status, await file.text()],
  }));
})();
"""


def test_all_methods(server: Running) -> None:
    scene = server.scene
    app = an_app(server)
    with scene.database.write() as db:
        jobs.queue(db, scene.anna, NewJob(app))
    job_id = run_next(scene, files={"output.csv": CONTENT})
    with scene.database.read() as db:
        [output] = jobs.outputs_of(db, jobs.get_job(db, scene.anna, job_id))
    url = f"{server.url}/gallery/api/v1"
    arguments = (url, server.studio.key, server.studio.secret, app, job_id, output.id)
    got = run_node(SCRIPT, *arguments, preload="regenerator-runtime/runtime.js")
    assert isinstance(got, dict)
    assert {name: answer[0] for name, answer in got.items()} == dict.fromkeys(got, 200), json.dumps(got)
    assert got["workflows"][1][0]["id"] == app
    assert [question["name"] for question in got["questions"][1]] == ["Region"]
    assert got["executed"][1]["status"] == "Queued"
    assert [job["id"] for job in got["jobs"][1]] == [got["executed"][1]["id"], job_id]
    assert got["job"][1]["outputs"][0]["id"] == output.id
    assert got["file"][1] == CONTENT.decode()
