import logging
import re

import pytest

from omloop.testing.bundles import tiny_bundle


def test_an_unknown_address_names_the_nearest_and_all_others(server):
    answer = server.client.get("/v1/modle")
    assert answer.status_code == 404
    assert "Did you mean '/v1/model'?" in answer.json()["error"]["message"]
    assert "/v1/predict" in answer.json()["error"]["message"]


def test_the_root_leads_to_the_page(server):
    answer = server.client.get("/")
    assert answer.status_code == 307 and answer.headers["location"] == "docs"
    assert server.client.post("/").status_code == 405


@pytest.mark.parametrize("path", ["/v1/predict/", "/%00", "/..%2f..%2fetc/passwd", "/v1/predictions/a/b", "/%ff"])
def test_any_other_address_is_a_404_in_json(server, path):
    answer = server.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]


def test_a_wrong_method_is_told_the_right_one(server):
    answer = server.client.get("/v1/predict")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "use POST" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("path", "same"), [("/v1/health", "/healthz"), ("/v1/ready", "/readyz")])
def test_health_and_readiness_have_addresses_that_no_platform_keeps_to_itself(server, path, same):
    answer, usual = server.client.get(path), server.client.get(same)
    assert (answer.status_code, answer.json()) == (200, usual.json())
    assert f'omloop_requests_total{{route="{same}",status="200"}} 2' in server.client.get("/metrics").text
    assert server.client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/model", "/metrics", "/docs", "/openapi.json"])
def test_a_head_is_answered_without_a_body(server, path):
    answer = server.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_bug_is_answered_plainly_and_its_traceback_is_in_the_log_alone(server, caplog):
    server.predictions.failing = ZeroDivisionError("secret detail")
    with caplog.at_level(logging.ERROR, "omloop.serve"):
        answer = server.predict()
    assert answer.status_code == 500
    fault = answer.json()["error"]
    assert fault["message"].startswith("internal error") and "secret" not in answer.text
    (record,) = [record for record in caplog.records if fault["id"] in record.getMessage()]
    assert record.exc_info is not None and "secret detail" in str(record.exc_info[1])


def test_the_docs_page_asks_nothing_of_any_other_host(server):
    """The only addresses in it are relative or data; the browser is told to refuse all others."""
    answer = server.client.get("/docs")
    assert answer.status_code == 200
    addresses = re.findall(r"""(?:href|src|url|fetch|import)\s*[=(]\s*["'`]([^"'`]*)""", answer.text)
    assert set(addresses) == {"data:,", "openapi.json"}
    assert "//" not in re.sub(r"^\s*//.*$|/\*.*?\*/", "", answer.text, flags=re.MULTILINE)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_docs_page_puts_nothing_in_as_html(server):
    """Names of columns come from whoever made the model."""
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", server.client.get("/docs").text)


def test_the_openapi_document_follows_the_champion(server):
    before = server.client.get("/openapi.json").json()
    assert before["components"]["schemas"]["Row"]["properties"]["age"]["maximum"] == 24
    server.versions.promote(tiny_bundle(classes=("sad", "happy")))
    server.champion.refresh()
    after = server.client.get("/openapi.json").json()
    prediction = after["components"]["schemas"]["Predictions"]["properties"]["predictions"]["items"]
    assert "probabilities" in prediction["properties"]


def test_the_document_is_what_fastapi_itself_gives(server):
    """Whoever mounts or exports the application gets the same one."""
    from omloop.serve import create_app

    app = create_app(server.champion, server.predictions, new_id=str)
    assert app.openapi() == server.client.get("/openapi.json").json()


def test_the_example_in_the_document_is_answered_as_the_document_says(server):
    body = server.client.get("/openapi.json").json()["paths"]["/v1/predict"]["post"]
    promised = body["responses"]["200"]["content"]["application/json"]["example"]["predictions"][0]["value"]
    for media, content in body["requestBody"]["content"].items():
        sent = {"json": content["example"]} if media == "application/json" else {"content": content["example"]}
        answer = server.client.post("/v1/predict", headers={"content-type": media}, **sent)
        assert answer.json()["predictions"][0]["value"] == promised
