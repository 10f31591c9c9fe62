"""A body is the one whose digest was sent."""

import base64
import hashlib
import json

import pytest
from tests.serve.conftest import ROW

from omloop.testing.bundles import tiny_bundle

pytestmark = pytest.mark.parametrize("way", ["short", "long"])
OF_NOTHING = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
BODY = json.dumps({"rows": [ROW]}).encode()


def digest(name: str, content: bytes = BODY) -> str:
    return f"{name}=:{base64.b64encode(hashlib.new(name.replace('-', ''), content).digest()).decode()}:"


@pytest.mark.parametrize("given, code", [
    (digest("sha-256"), ""),
    (f"{digest('sha-256')} , {digest('sha-512')};x=1", ""),
    ("md5=:AAAA:, unixsum=17", ""),
    ("", ""),
    (digest("sha-512", b"other"), "digest_mismatch"),
    (f"{digest('sha-256')}, {digest('sha-512', b'other')}", "digest_mismatch"),
    ("sha-256=:AAAA:", "digest_mismatch"),
    ("sha-256=abc", "invalid_digest"),
    ("sha-256=:A:", "invalid_digest"),
    ("sha-256", "invalid_digest"),
    ("SHA-256=:AAAA:", "invalid_digest"),
])  # fmt: skip
def test_a_body_of_another_digest_is_refused_at_every_address(hostile, way, given, code):
    server = hostile(way, tiny_bundle, ("mlflow",))
    headers = {"Content-Type": "application/json", "Content-Digest": given}
    ours = server.client.post("/v1/predict", content=BODY, headers=headers)
    theirs = server.client.post("/invocations", content=BODY, headers=headers)
    label = server.client.post("/v1/feedback", content=BODY, headers=headers)
    assert (ours.status_code, ours.json().get("error", {}).get("code", "")) == (400 if code else 200, code)
    told = [theirs.json().get("code"), label.json()["error"]["code"]]
    assert told == ([code] * 2 if code else ["invalid_input"] * 2)


def test_digests_on_several_lines_are_one_list(hostile, way):
    """A wrong one on the first line counts as it does on the last."""
    lines = [f"sha-256=:{OF_NOTHING}:", "md5=:eA==:"]
    headers = [("Content-Type", "application/json"), *(("Content-Digest", line) for line in lines)]
    answer = hostile(way, tiny_bundle).client.post("/v1/predict", content=BODY, headers=headers)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "digest_mismatch"
