"""From publishing to the last message, with the verbs alone."""

import io

from galleria.gallery.jobs import dispatch
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.dispatch import NewOutput, Outcome, Worker
from galleria.gallery.jobs.records import Disposition, State
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.keys import service as keys
from galleria.gallery.workflows import service as workflows
from galleria.messages import Message, Status
from galleria.storage.contract import Area
from tests.gallery.scene import Scene, a_workflow


def test_a_job_is_queued_claimed_run_and_read(scene: Scene) -> None:
    app_id = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, questions=[{"name": "Region", "type": "TextBox"}])
    with scene.database.write() as db:
        pair = keys.studio_keys(db, scene.anna, scene.anna.subscription_id or "")
    with scene.database.read() as db:
        consumer = keys.find_consumer(db, pair.key)
        assert consumer is not None
        assert consumer.secret == pair.secret
        assert [workflow.id for workflow in workflows.list_workflows(db, consumer.actor)] == [app_id, scene.workflow_id]
    with scene.database.write() as db:
        job = jobs.queue(db, consumer.actor, NewJob(app_id, answers={"Region": "East"}))
        assert (job.state, job.disposition, job.worker_tag) == (State.QUEUED, Disposition.NONE, "")

    with scene.database.write() as db:
        [claim] = dispatch.claim(db, Worker("one"))
        assert claim.job.answers == {"Region": "East"}
        assert claim.file_name == "Rates.yxmd"
    with scene.database.write() as db:
        assert dispatch.renew(db, [claim.lease]) == {job.id: False}
    stored = scene.storage.put(Area.OUTPUTS, "abc.yxdb", io.BytesIO(b"rows"))
    with scene.database.write() as db:
        dispatch.add_messages(db, claim.lease, [Message(6, Status.INFO, "1 record was output"), Message(8, Status.FILE_OUTPUT, "a|b")])
        output_id = dispatch.add_output(db, claim.lease, NewOutput("output.yxdb", stored, ["Raw", "Csv"], 8, 32))
        dispatch.add_messages(db, claim.lease, [Message(None, Status.INFO, "done")])
        dispatch.finish(db, claim.lease, Outcome.SUCCESS, {"peak_memory_bytes": 1})

    with scene.database.read() as db:
        done = jobs.get_job(db, consumer.actor, job.id)
        assert (done.state, done.disposition, done.attempts) == (State.COMPLETED, Disposition.SUCCESS, 1)
        assert [(said.position, said.tool_id, said.text) for said in jobs.messages_of(db, done)] == [
            (0, 6, "1 record was output"),
            (1, 8, "a|b"),
            (2, None, "done"),
        ]
        output = jobs.get_output(db, consumer.actor, job.id, output_id)
        assert (output.name, output.size_bytes, output.formats) == ("output.yxdb", 4, ["Raw", "Csv"])
        assert workflows.get_workflow(db, scene.anna, app_id).run_count == 1
