import json
import re
from dataclasses import replace

import pytest

from omloop.bundle import Bundle
from omloop.serve import Champion, Limits, document
from omloop.testing.bundles import TABLE, tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryVersions


def served(bundle):
    champion = Champion(MemoryVersions(bundle), threads=1)
    champion.refresh()
    return champion.serving


def test_a_row_is_described_by_the_signature_of_the_version():
    found = document(served(tiny_bundle()))["components"]["schemas"]["Row"]
    assert found == TABLE.schema()
    assert found["properties"]["sex"]["enum"] == ["f", "m"]


def test_a_prediction_has_an_id_beside_what_the_output_says():
    items = document(served(tiny_bundle()))["components"]["schemas"]["Predictions"]["properties"]["predictions"][
        "items"
    ]
    assert items["required"] == ["id", "value"]
    assert items["properties"]["value"]["description"] == "score in points"


def test_every_reference_leads_somewhere():
    for serving in (None, served(tiny_bundle()), served(tiny_bundle(classes=("sad", "happy")))):
        found = document(serving)
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(found)):
            assert name in found["components"]["schemas"]


def test_the_label_in_the_example_is_of_the_kind_that_the_model_answers():
    serving = served(tiny_bundle(classes=("sad", "happy")))
    body = document(serving)["paths"]["/v1/feedback"]["post"]["requestBody"]["content"]["application/json"]
    assert serving.output.parse(body["example"]["labels"][0]["label"]) in ("sad", "happy")


KINDS = {
    "numbers": tiny_bundle,
    "classes": lambda: tiny_bundle(classes=("sad", "happy")),
    "pictures": tiny_image_bundle,
    "texts": tiny_text_bundle,
}


@pytest.mark.parametrize("query", ["", "?proba=false", "?explain=observe", "?proba=false&explain=observe"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_says_what_the_document_says_and_nothing_else(serve_with, kind, query):
    with serve_with(MemoryVersions(KINDS[kind]())) as server:
        api = server.client.get("/openapi.json").json()
        example = api["paths"]["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
        (said,) = server.client.post(f"/v1/predict{query}", json=example).json()["predictions"]
    told = api["components"]["schemas"]["Predictions"]["properties"]["predictions"]["items"]
    assert set(told["required"]) <= said.keys() <= told["properties"].keys()
    assert ("observed" in said, "probabilities" in said) == (
        "explain" in query,
        "proba=" not in query and "probabilities" in told["properties"],
    )
    for name in {"observed", "probabilities"} & said.keys():
        assert list(said[name]) == told["properties"][name]["required"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_lists_every_content_type_and_every_refusal(kind):
    serving = served(KINDS[kind]())
    predict = document(serving)["paths"]["/v1/predict"]["post"]
    assert set(predict["requestBody"]["content"]) == set(serving.kind.media_types)
    statuses = {"200", "400", "401", "403", "408", "409", "413", "415", "421", "422", "429", "431", "500", "503", "504"}
    assert set(predict["responses"]) == statuses
    assert "Retry-After" in predict["responses"]["429"]["headers"]
    assert {one["name"] for one in predict["parameters"]} == {
        "proba",
        "explain",
        "X-Request-Timeout-Ms",
        "X-Caller-Key",
        "X-Request-Id",
        "Content-Digest",
        "Idempotency-Key",
    }


def test_the_document_says_how_many_rows_a_request_may_have(serve_with):
    with serve_with(limits=Limits(rows=3)) as server:
        api = server.client.get("/openapi.json").json()
        refused = server.predict(*[TABLE.render(TABLE.edges()[:1])[0]] * 4)
    body = api["paths"]["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (body["properties"]["rows"]["maxItems"], refused.status_code) == (3, 422)


def test_without_a_version_rows_are_any_objects():
    assert document(None)["components"]["schemas"]["Row"] == {"type": "object"}


def test_what_a_project_warns_of_stands_in_the_description_of_its_api():
    plain = tiny_bundle()
    warned = Bundle.seal(replace(plain.manifest, caution="Not for the road."), plain.files)
    assert document(served(warned))["info"]["description"].endswith("serves. Not for the road.")
    assert document(served(plain))["info"]["description"].endswith("serves.")
