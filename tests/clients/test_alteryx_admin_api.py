"""The npm client `alteryx-admin-api`, its code untouched; it mixes two kinds of modules, so esbuild makes one file of it first."""

from tests.clients.npm import run_node
from tests.clients.running import Running

SCRIPT = """
const { buildSync } = require("esbuild");
const entryPoints = [require.resolve("alteryx-admin-api")];
const built = buildSync({ entryPoints, bundle: true, write: false, format: "cjs", platform: "node" });
const bundle = { exports: {} };
new Function("module", "exports", "require", built.outputFiles[0].text)(bundle, bundle.exports, require);
const [url, key, secret, app] = process.argv.slice(1);
const gallery = new bundle.exports(url, key, secret);
const lists = ["getSchedules", "getUsers", "getSubscriptions", "getCollections", "getInsights", "getServerDataConnections",
  "getSystemDataConnections", "getWorkflows"];
(async () => {
  const got = {};
  for (const name of lists) { const answer = await gallery[name](); got[name] = [answer.status, await answer.json()]; }
  const file = await gallery.getPackage(app);
  got.getPackage = [file.status, Buffer.from(await file.arrayBuffer()).subarray(0, 2).toString()];
  console.log(JSON.stringify(got));
})();
"""


def test_all_methods(server: Running) -> None:
    url = f"{server.url}/gallery/api/admin/v1"
    got = run_node(SCRIPT, url, server.curator.key, server.curator.secret, server.scene.workflow_id)
    assert isinstance(got, dict)
    assert {name: answer[0] for name, answer in got.items()} == dict.fromkeys(got, 200)
    assert got.pop("getPackage")[1] == "PK"
    assert [user["email"] for user in got["getUsers"][1]] == ["anna@example.com", "boss@example.com"]
    assert [workflow["id"] for workflow in got["getWorkflows"][1]] == [server.scene.workflow_id]
    assert {type(answer[1]) for answer in got.values()} == {list}
