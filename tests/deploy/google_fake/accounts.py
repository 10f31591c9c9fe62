"""Service accounts: named by their address, of which a request gives the beginning."""

import re
from collections.abc import Callable

from tests.deploy.google_fake.cloud import Cloud
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.kinds import KINDS
from tests.deploy.google_fake.operations import Call


def create_account(cloud: Cloud, call: Call) -> Body:
    short = call.body.get("accountId", "")
    if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", short):
        raise bad(("account_id", "account_id: must be 6 to 30 characters long, and match [a-z]([-a-z0-9]*[a-z0-9])"))
    email = f"{short}@{cloud.project}.iam.gserviceaccount.com"
    name = f"projects/{cloud.project}/serviceAccounts/{email}"
    if cloud.account(email):
        raise Refused(409, f"Service account {short} already exists within project projects/{cloud.project}.")
    given = call.body.get("serviceAccount") or {}
    number = str(10**20 + cloud.fresh())
    told = {
        "name": name,
        "projectId": cloud.project,
        "uniqueId": number,
        "email": email,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": number,
        **{key: given[key] for key in ("displayName", "description") if given.get(key)},
    }
    cloud.resources["iam.projects.serviceAccounts", name] = told
    return told


def patch_account(cloud: Cloud, call: Call) -> Body:
    old = cloud.find("iam.projects.serviceAccounts", call.path)
    if old is None:
        raise Refused(404, "Unknown service account")
    mask = call.body.get("updateMask", "")
    if not mask or not re.fullmatch(
        r"(displayName|display_name|description)(,(displayName|display_name|description))*", mask
    ):
        raise bad(("update_mask", "The update mask may name display_name and description alone."))
    given = call.body.get("serviceAccount", {})
    for key in mask.replace("display_name", "displayName").split(","):
        old[key] = given.get(key, "")
    return {key: value for key, value in old.items() if value}


def delete_account(cloud: Cloud, call: Call) -> Body:
    """Whoever held a role keeps its place in policies, but as somebody deleted: the same name made anew has no role."""
    account = cloud.find("iam.projects.serviceAccounts", call.path)
    told = cloud.delete(KINDS["iam.projects.serviceAccounts"], call)
    assert account is not None
    member = f"serviceAccount:{account['email']}"
    gone = f"deleted:{member}?uid={account['uniqueId']}"
    for policy in cloud.policies.values():
        for binding in policy.get("bindings", ()):
            binding["members"] = [gone if one == member else one for one in binding["members"]]
    return told


def account_state(disabled: bool) -> Callable[[Cloud, Call], Body]:
    def change(cloud: Cloud, call: Call) -> Body:
        found = cloud.find("iam.projects.serviceAccounts", call.path)
        if found is None:
            raise Refused(404, "Unknown service account")
        found["disabled"] = disabled
        return {}

    return change
