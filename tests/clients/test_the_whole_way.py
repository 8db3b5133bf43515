"""From a published file to its output with the real worker, by a client of somebody else."""

import csv
import io
import time
from pathlib import Path

from alteryx_gallery_py.subscriptions import Subscriptions
from yxdb.yxdb_reader import YxdbReader

from galleria.gallery.workflows.file import publish_file
from tests.clients.running import running_server

PATIENCE_S = 300
ROWS = [["East", 10], ["W\u00e4st", 20]]
WORKFLOW = """<?xml version="1.0"?>
<AlteryxDocument yxmdVer="2021.3">
  <Nodes>
    <Node ToolID="1">
      <GuiSettings Plugin="AlteryxBasePluginsGui.TextInput.TextInput"><Position x="54" y="54"/></GuiSettings>
      <Properties><Configuration>
        <NumRows value="2"/>
        <Fields><Field name="Region"/><Field name="Sales"/></Fields>
        <Data><r><c>East</c><c>10</c></r><r><c>W\u00e4st</c><c>20</c></r></Data>
      </Configuration></Properties>
      <EngineSettings EngineDll="AlteryxBasePluginsEngine.dll" EngineDllEntryPoint="AlteryxTextInput"/>
    </Node>
    <Node ToolID="2">
      <GuiSettings Plugin="AlteryxBasePluginsGui.DbFileOutput.DbFileOutput"><Position x="200" y="54"/></GuiSettings>
      <Properties><Configuration>
        <File FileFormat="19" MaxRecords="">output.yxdb</File><Passwords/><FormatSpecificOptions/>
      </Configuration></Properties>
      <EngineSettings EngineDll="AlteryxBasePluginsEngine.dll" EngineDllEntryPoint="AlteryxDbFileOutput"/>
    </Node>
  </Nodes>
  <Connections>
    <Connection><Origin ToolID="1" Connection="Output"/><Destination ToolID="2" Connection="Input"/></Connection>
  </Connections>
  <Properties/>
</AlteryxDocument>
"""


def rows_of(path: Path) -> list[list[object]]:
    """As a reader of somebody else finds them."""
    reader = YxdbReader(path=str(path))
    rows: list[list[object]] = []
    while reader.next():
        rows.append([reader.read_index(index) for index in range(len(reader.list_fields()))])
    return rows


def test_a_workflow_is_published_run_and_its_output_fetched_in_two_formats(tmp_path: Path) -> None:
    document = tmp_path / "Sales.yxmd"
    document.write_text(WORKFLOW, "utf-8")
    with running_server(tmp_path / "gallery", WORKER="true") as server:
        scene = server.scene
        app = publish_file(scene.database, scene.anna, scene.storage, document).id
        client = Subscriptions(server.studio.key, server.studio.secret, f"{server.url}/gallery")
        job = client.create_job(app)
        until = time.monotonic() + PATIENCE_S
        while job["status"] != "Completed" and time.monotonic() < until:
            time.sleep(0.05)
            job = client.get_job(job["id"])
        assert (job["status"], job["disposition"]) == ("Completed", "Success"), job["messages"]
        assert (9, 2) in [(message["status"], message["toolId"]) for message in job["messages"]]
        [output] = job["outputs"]
        assert (output["name"], output["formats"][:3]) == ("output.yxdb", ["Raw", "Yxdb", "Csv"])
        (tmp_path / "fetched.yxdb").write_bytes(client.get_job_output(job["id"], output["id"]))
        assert rows_of(tmp_path / "fetched.yxdb") == ROWS
        text = client.get_job_output(job["id"], output["id"], format="Csv").decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == [["Region", "Sales"], *[[region, str(sales)] for region, sales in ROWS]]
