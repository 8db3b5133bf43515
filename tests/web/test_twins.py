"""Every button of the pages has a twin: an endpoint of the APIs, or a command. Both sides are listed here, and both must be there.

Where a form does several things, all their twins are named. A line beginning with `-` says why there is none.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from galleria.api.webapi import web_door
from galleria.cli.app import app as commands
from galleria.web.app import FAMILIES
from tests.api.test_who_may_what import nameless, served_by
from tests.web.conftest import House

TABLE = """
button                                        | twins
/set-up                                       | user add; user password
/sign-in                                      | POST /oauth2/token
/sign-in/{token}                              | - the link that `user link` prints is for a browser
/sign-out                                     | user sign-out
/forgotten                                    | user link
/theme                                        | - how one browser looks
/admin/connections                            | connection add
/admin/connections/{secret_id}                | connection share; connection unshare; connection address; connection delete
/admin/credentials                            | credential add
/admin/credentials/{secret_id}                | credential share; credential unshare; credential password; credential delete
/admin/districts                              | district add
/admin/districts/{district_id}                | district change
/admin/districts/{district_id}/delete         | district delete
/admin/groups                                 | group add
/admin/groups/{group_id}                      | group change
/admin/groups/{group_id}/delete               | group delete
/admin/groups/{group_id}/members              | group member
/admin/settings                               | settings default-role
/admin/storage                                | clean
/admin/studios                                | studio add
/admin/studios/{studio_id}                    | studio rename; studio activate; studio deactivate
/admin/studios/{studio_id}/delete             | studio delete
/admin/studios/{studio_id}/members            | studio member
/admin/users                                  | user add; user link
/admin/users/{user_id}                        | user change; user role
/admin/users/{user_id}/link                   | user link
/admin/users/{user_id}/state                  | user activate; user deactivate
/admin/workers/{worker_id}                    | workers pause; workers resume; workers drain
/app/{name}/{app_id}/ask                      | workflow ask
/app/{name}/{app_id}/comments                 | workflow comment
/app/{name}/{app_id}/districts                | district put
/app/{name}/{app_id}/follow                   | workflow follow
/app/{name}/{app_id}/delete                   | workflow delete
/app/{name}/{app_id}/details                  | workflow change
/app/{name}/{app_id}/owner                    | workflow owner
/app/{name}/{app_id}/run                      | POST /user/v2/workflows/{appId}/jobs; job queue
/app/{name}/{app_id}/schedules/new            | schedule add
/app/{name}/{app_id}/sharing                  | workflow share; collection put; collection add
/app/{name}/{app_id}/sharing/end              | workflow unshare; collection put
/app/{name}/{app_id}/triggers                 | POST /v3/workflows/{workflow_id}/triggers; trigger add
/app/{name}/{app_id}/versions                 | workflow version
/collections                                  | collection add
/collections/{collection_id}                  | collection rename
/collections/{collection_id}/delete           | collection delete
/collections/{collection_id}/items            | collection put
/collections/{collection_id}/members          | collection share
/collections/{collection_id}/members/remove   | collection unshare
/comments/{comment_id}                        | workflow comment
/comments/{comment_id}/delete                 | workflow uncomment
/connections                                  | connection add
/connections/{connection_id}                  | connection share; connection unshare; connection address; connection delete
/credentials                                  | credential add
/credentials/{credential_id}                  | credential share; credential unshare; credential password; credential delete
/profile                                      | user change
/profile/keys                                 | user key
/profile/keys/environment                     | user key
/profile/keys/renew                           | user key; studio key
/profile/mails                                | user mails
/profile/password                             | user password
/profile/sessions                             | user sign-out
/publish                                      | check
/publish/done                                 | publish; POST /admin/v1/workflows
/requests/{request_id}                        | workflow answer
/runs/{job_id}/cancel                         | job cancel
/runs/{job_id}/outputs/{output_id}/share      | - a link to hand on, for people without an account
/schedules/next                               | schedule next
/schedules/{schedule_id}                      | schedule change
/schedules/{schedule_id}/delete               | schedule delete
/triggers/{trigger_id}                        | PATCH /v3/triggers/{trigger_id}
/triggers/{trigger_id}/{deed}                 | PATCH /v3/triggers/{trigger_id}; DELETE /v3/triggers/{trigger_id}; trigger remove
"""


def rows() -> list[tuple[str, str]]:
    return [(line.partition("|")[0].strip(), line.partition("|")[2].strip()) for line in TABLE.strip().splitlines()[1:]]


def buttons() -> set[str]:
    routes = [route for family in FAMILIES for route in family.router.routes]
    return {route.path for route in routes if "POST" in route.methods}


def all_commands(command: Any, before: str = "") -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from all_commands(inner, f"{before} {name}".strip())
    else:
        yield before


def test_every_button_is_in_the_list() -> None:
    assert sorted(button for button, _ in rows()) == sorted(buttons())


@pytest.mark.parametrize(("button", "twins"), rows(), ids=[button for button, _ in rows()])
def test_a_button_has_twins(house: House, button: str, twins: str) -> None:
    if twins.startswith("- "):
        assert len(twins) > 20, "a reason, please"
        return
    there = set(all_commands(get_command(commands))) | served_by(web_door(house.parts))
    wanted = [nameless(one.strip()) if re.match("[A-Z]+ /", one.strip()) else one.strip() for one in twins.split(";")]
    assert [one for one in wanted if one not in there] == []


def test_few_buttons_have_none() -> None:
    assert sum(twins.startswith("- ") for _, twins in rows()) == 3
