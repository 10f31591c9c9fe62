import json
import re

from omloop.serve import Champion, document
from omloop.testing.bundles import TABLE, tiny_bundle
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


def test_without_a_version_rows_are_any_objects():
    assert document(None)["components"]["schemas"]["Row"] == {"type": "object"}
