"""Cloud Storage: names belong to the whole world, and a bucket goes only when it is empty."""

import re

from tests.deploy.google_fake.cloud import Cloud, Kind
from tests.deploy.google_fake.errors import Body, Refused
from tests.deploy.google_fake.operations import Call, now


def _bucket(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    if body["name"] in cloud.foreign_buckets:
        raise Refused(
            409,
            "The requested bucket name is not available. The bucket namespace is shared by all users of "
            "the system. Please select a different name and try again.",
        )
    for rule in body.get("lifecycle", {}).get("rule", ()):
        _expires(rule)
    if not re.fullmatch(r"(?!goog)[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", body["name"]):
        raise Refused(400, f"Invalid bucket name: '{body['name']}'")
    if old and body.get("location", "").upper() not in ("", old["location"]):
        raise Refused(400, "Cannot change the location of a bucket.")
    body["location"] = str(body.get("location", "US")).upper()
    access = body.setdefault("iamConfiguration", {})
    access.setdefault("publicAccessPrevention", "inherited")
    access.setdefault("uniformBucketLevelAccess", {"enabled": False})
    count = str(int((old or {}).get("metageneration", "0")) + 1)
    body |= {
        "kind": "storage#bucket",
        "generation": (old or {}).get("generation", "1764000000000000"),
        "id": body["name"],
        "projectNumber": cloud.number,
        "metageneration": count,
        "storageClass": body.get("storageClass", "STANDARD"),
        "updated": now(),
        "etag": cloud.etag(),
        "timeCreated": (old or {}).get("timeCreated", now()),
        "locationType": "multi-region" if body["location"] in ("US", "EU", "ASIA") else "region",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{body['name']}",
    }
    body.setdefault("softDeletePolicy", {"retentionDurationSeconds": "604800", "effectiveTime": now()})


def _expires(rule: Body) -> None:
    """The description names the types of actions that there are, but does not make them an enum."""
    action = rule.get("action", {})
    if action.get("type") not in ("Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"):
        raise Refused(400, f"Invalid lifecycle action: {action.get('type')}")
    if (action["type"] == "SetStorageClass") != ("storageClass" in action) or not rule.get("condition"):
        raise Refused(400, "A lifecycle rule must have at least one condition, and a class where it sets one.")


BUCKETS = Kind(
    "Bucket",
    "b",
    "body:name",
    full_name=False,
    complete=_bucket,
    absent="The specified bucket does not exist.",
    taken="Your previous request to create the named bucket succeeded and you already own it.",
)


def patch_bucket(cloud: Cloud, call: Call) -> Body:
    """JSON merge patch: what is null goes, what is not there stays."""
    old = cloud.get(BUCKETS, call)
    wanted = call.one("ifMetagenerationMatch")
    if wanted and wanted != old["metageneration"]:
        raise Refused(412, "At least one of the pre-conditions you specified did not hold.")
    return cloud.keep(BUCKETS, call, call.path, {**_merged(old, call.body), "name": old["name"]}, old)


def _merged(old: Body, change: Body) -> Body:
    """RFC 7396: objects merge, anything else replaces."""
    merged = {key: value for key, value in old.items() if change.get(key, key) is not None}
    for key, value in change.items():
        if isinstance(value, dict):
            merged[key] = _merged(merged.get(key, {}), value)
        elif value is not None:
            merged[key] = value
    return merged


def delete_bucket(cloud: Cloud, call: Call) -> Body:
    if cloud.objects.get(call.names["bucket"]):
        raise Refused(409, "The bucket you tried to delete is not empty.")
    return cloud.delete(BUCKETS, call)


def not_foreign(cloud: Cloud, call: Call, permission: str | None) -> None:
    """A bucket of somebody else is there, but closed."""
    if call.names.get("bucket") in cloud.foreign_buckets:
        raise Refused(
            403,
            f"{cloud.caller} does not have {permission} access to the Google Cloud Storage bucket. "
            f"Permission '{permission}' denied on resource (or it may not exist).",
        )


def list_objects(cloud: Cloud, call: Call) -> Body:
    not_foreign(cloud, call, "storage.objects.list")
    bucket = call.names["bucket"]
    if cloud.find("storage.buckets", f"b/{bucket}") is None:
        raise Refused(404, "The specified bucket does not exist.")
    names = sorted(one for one in cloud.objects.get(bucket, ()) if one.startswith(call.one("prefix")))
    told = [{"kind": "storage#object", "name": one, "bucket": bucket, "id": f"{bucket}/{one}/1"} for one in names]
    return {"kind": "storage#objects", **cloud.page(call, told)}


def delete_object(cloud: Cloud, call: Call) -> Body:
    not_foreign(cloud, call, "storage.objects.delete")
    if call.names["object"] not in cloud.objects.get(call.names["bucket"], ()):
        raise Refused(404, f"No such object: {call.names['bucket']}/{call.names['object']}")
    cloud.objects[call.names["bucket"]].remove(call.names["object"])
    return {}


def list_buckets(cloud: Cloud, call: Call) -> Body:
    return {"kind": "storage#buckets", **cloud.listing(BUCKETS, call)}
