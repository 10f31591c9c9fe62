"""Pages of other origins may ask a server that lists them, and no other."""

import pytest
from tests.serve.conftest import ROW

from omloop.core import SettingError
from omloop.serve.http.cors import origins

PAGE = "https://app.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


def allowed(answer):
    assert "access-control-allow-credentials" not in answer.headers
    return answer.headers.get("access-control-allow-origin")


@pytest.mark.parametrize("way", ["short", "long"])
@pytest.mark.parametrize("listed, origin, told", [
    ((), PAGE, None), ((PAGE,), PAGE, PAGE), ((PAGE,), "https://other.example", None), (("*",), PAGE, "*"),
    ((PAGE,), "null", None),
])  # fmt: skip
def test_an_answer_says_whether_a_page_may_read_it(serve_with, listed, origin, told):
    with serve_with(cors=listed) as server:
        post, headers = server.client.post, {"Origin": origin}
        answers = [post("/v1/predict", json={"rows": [row]}, headers=headers) for row in (ROW, {})]
        answers += [server.client.get(path, headers=headers) for path in ("/healthz", "/v1/model", "/nowhere")]
        asked = server.client.options("/v1/predict", headers={**headers, **PREFLIGHT})
    predicted = [200, 422] if told else [403, 403]  # what a page may not read it may not cause either
    assert [answer.status_code for answer in answers] == [*predicted, 200, 200, 404]
    assert {allowed(answer) for answer in [*answers, asked]} == {told}
    assert asked.status_code == (204 if told else 405)
    assert {answer.headers.get("vary") for answer in answers} == {"origin" if listed == (PAGE,) else None}


@pytest.mark.parametrize(
    "setting", ["app.example", "https://app.example/", "https://A.example", "https://*.a.example", "null"]
)
def test_a_setting_that_is_no_origin_is_refused(setting):
    with pytest.raises(SettingError, match="'cors' must be .*, or origins such as https"):
        origins(setting)
