"""What Postman checks of each answer, and what it keeps of some for the requests that come after."""

import json
from collections.abc import Mapping
from typing import Any

_KEEP = "const keep = (name, value) => (pm.environment.has(name) ? pm.environment : pm.collectionVariables).set(name, value);"
_LISTED = f"""{_KEEP}
if (!pm.variables.get("appId") && pm.response.json().length) keep("appId", pm.response.json()[0].id);"""
_QUEUED = f"""{_KEEP}
pm.test("waits or runs", () => pm.expect(pm.response.json().status).to.be.oneOf(["Queued", "Running", "Completed"]));
keep("jobId", pm.response.json().id);"""
_SHOWN = f"""{_KEEP}
const job = pm.response.json();
const asked = Number(pm.variables.get("asked") || 0) + 1;
if (job.status === "Completed") {{
  pm.test("ended well", () => pm.expect(job.disposition).to.equal("Success"));
  if (job.outputs.length) keep("outputId", job.outputs[0].id);
  pm.variables.set("asked", 0);
}} else {{
  pm.test("is over within two minutes", () => pm.expect(asked).to.be.below(120));
  pm.variables.set("asked", asked);
  if (asked < 120) {{
    // Only a run of the collection asks again by itself.
    setTimeout(() => {{}}, 1000);
    postman.setNextRequest(pm.info.requestId);
  }}
}}"""
_PEOPLE = f"""{_KEEP}
if (!pm.variables.get("email-address") && pm.response.json().length) keep("email-address", pm.response.json()[0].email);"""
_SCRIPTS = {
    "GET /v1/workflows/subscription/": _LISTED,
    "POST /v1/workflows/{appId}/jobs/": _QUEUED,
    "GET /v1/jobs/{jobId}/": _SHOWN,
    "GET /admin/v1/users/": _PEOPLE,
}
"""What a request keeps for the ones after it."""


def script_of(key: str, operation: Mapping[str, Any]) -> str:
    """Write the test script of a request, `METHOD /path/`: its assertions, and what it keeps for the requests after it."""
    lines = ['pm.test("is answered 200", () => pm.response.to.have.status(200));']
    content = operation["responses"]["200"]["content"]
    if "application/json" in content:
        schema = json.dumps(content["application/json"]["schema"])
        lines.append(f'pm.test("has the documented form", () => pm.response.to.have.jsonSchema({schema}));')
    else:
        lines += [
            'pm.test("is a file", () => {',
            '  pm.response.to.have.header("Content-Disposition");',
            "  pm.expect(pm.response.responseSize).to.be.above(0);",
            "});",
        ]
    # What is kept comes from a right answer only.
    kept = _SCRIPTS.get(key)
    return "\n".join([*lines, *(["if (pm.response.code === 200) {", *(f"  {line}" for line in kept.splitlines()), "}"] if kept else [])])
