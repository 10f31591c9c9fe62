"""A server answers those who may ask, the same on the short way and the long."""

import logging
from pathlib import Path

import pytest
from tests.serve.conftest import ROW, Serve

from omloop.core import PROBE_KEY
from omloop.serve.access.guard import Guard
from omloop.serve.access.hosts import Hosts
from omloop.serve.access.key_source import KeyRing, KeySource, write_keys
from omloop.serve.access.keys import make_key
from omloop.serve.access.rates import Rates
from omloop.serve.access.roles import ROLES

BODY = {"rows": [ROW]}
KEYS = {role: make_key([role], role, "") for role in ROLES}
MAY = {  # what each address answers to each role
    ("GET", "/v1/model"): {"read", "probe", "admin"},
    ("GET", "/metrics"): {"read", "probe", "admin"},
    ("GET", "/openapi.json"): {"read", "probe", "admin"},
    ("GET", "/nowhere"): {"read", "probe", "admin"},
    ("POST", "/v1/predict"): {"predict", "probe", "admin"},
    ("POST", "/v1/predict?proba=false"): {"predict", "probe", "admin"},
    ("POST", "/invocations"): {"predict", "probe", "admin"},
    ("POST", "/v1/feedback"): {"feedback", "admin"},
}
OPEN = ("/healthz", "/readyz", "/v1/health", "/v1/ready", "/docs", "/v2/health/live", "/ping")


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    write_keys(tmp_path / "keys.jsonl", [made.key for made in KEYS.values()])
    ring = KeyRing(KeySource(tmp_path / "keys.jsonl"))
    ring.load()
    return Guard(keys=ring)


@pytest.mark.parametrize("way", ["short", "long"])
def test_each_address_answers_the_roles_that_it_is_for(serve_with: Serve, guard: Guard) -> None:
    with serve_with(guard=guard, compat=("kserve", "mlflow")) as server:
        for (method, path), roles in MAY.items():
            body = {"labels": []} if "feedback" in path else {"instances": [ROW]} if "invoc" in path else BODY
            for role, made in KEYS.items():
                answer = server.client.request(method, path, json=body, headers={"X-API-Key": made.secret})
                assert (answer.status_code == 403) is (role not in roles), (path, role, answer.text)
                assert answer.status_code != 401
            nobody = server.client.request(method, path, json=body)
            assert nobody.status_code == 401 and nobody.json()["error"]["code"] == "unauthenticated"
            assert nobody.headers["www-authenticate"].startswith("Bearer")
        assert [server.client.get(path).status_code for path in OPEN] == [200] * len(OPEN)
        assert len(server.predictions.kept) == 9


@pytest.mark.parametrize("way", ["short", "long"])
def test_a_key_is_taken_in_either_header_and_the_own_one_counts(serve_with: Serve, guard: Guard) -> None:
    good, bad = KEYS["predict"].secret, make_key(["admin"], "", "").secret
    asked = {
        200: [{"Authorization": f"Bearer {good}"}, {"authorization": f"bearer  {good}"}, {"X-API-Key": good},
              {"X-API-Key": good, "Authorization": "Bearer of.the.platform"}],
        401: [{"Authorization": good}, {"Authorization": f"Basic {good}"}, {"Authorization": f"Bearer {bad}"},
              {"X-API-Key": bad, "Authorization": f"Bearer {good}"}, {"X-API-Key": ""}, {"X-API-Key": "é"}],
    }  # fmt: skip
    with serve_with(guard=guard) as server:
        for status, every in asked.items():
            for headers in every:
                sent = {name: value.encode() for name, value in headers.items()}
                answer = server.client.post("/v1/predict", json=BODY, headers=sent)
                assert answer.status_code == status, (headers, answer.text)
                assert bad not in answer.text and good not in answer.text


@pytest.mark.parametrize("way", ["short", "long"])
def test_nobody_but_a_probe_hides_from_the_watch(serve_with: Serve, guard: Guard) -> None:
    with serve_with(guard=guard, compat=("mlflow",)) as server:
        for role, status in (("predict", 403), ("probe", 200), ("admin", 200)):
            headers = [("X-API-Key", KEYS[role].secret), ("X-Caller-Key", PROBE_KEY), ("X-Caller-Key", "x")]
            for sent in (headers[:2], headers, [headers[0], *headers[:0:-1]]):
                asked = server.client.post("/v1/predict", json=BODY, headers=sent).status_code
                also = server.client.post("/invocations", json={"instances": [ROW]}, headers=sent).status_code
                assert (asked, also) == (status, status), (role, sent)


@pytest.mark.parametrize("way", ["short", "long"])
def test_a_name_that_is_not_the_servers_own_is_refused(serve_with: Serve) -> None:
    with serve_with(guard=Guard(hosts=Hosts(["api.example.com"]))) as server:
        for host, status in (("api.example.com", 200), ("127.0.0.1:1", 200), ("evil.example:8000", 421)):
            answer = server.client.post("/v1/predict", json=BODY, headers={"Host": host})
            assert answer.status_code == status, answer.text
        assert answer.json()["error"]["code"] == "wrong_host"
        assert server.client.get("/healthz", headers={"Host": "evil.example"}).status_code == 200
        assert server.client.get("/v1/model", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("way", ["short", "long"])
def test_who_asks_too_often_is_told_when_to_come_again(serve_with: Serve, guard: Guard) -> None:
    guard._rates = Rates(per_minute=12)  # two at once
    with serve_with(guard=guard) as server:
        for role in ("predict", "admin"):
            headers = {"X-API-Key": KEYS[role].secret}
            answers = [server.client.post("/v1/predict", json=BODY, headers=headers) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
            assert answers[2].json()["error"]["code"] == "rate_limited"
            assert 1 <= int(answers[2].headers["retry-after"]) <= 5
        assert server.client.get("/healthz").status_code == 200


def test_a_server_that_runs_takes_on_keys_and_lets_them_go(serve_with: Serve, tmp_path: Path) -> None:
    path, made = tmp_path / "keys.jsonl", KEYS["predict"]
    guard, headers = Guard(keys=KeyRing(KeySource(path))), {"X-API-Key": made.secret}

    def settled(*, known: bool) -> bool:
        for _ in range(500):
            answers = [server.client.post("/v1/predict", json=BODY, headers=one) for one in ({}, headers)]
            if [answer.status_code for answer in answers] == [401, 200 if known else 401]:
                return True
        return False

    with serve_with(guard=guard, poll_s=0.02) as server:
        assert server.predict().status_code == 200
        write_keys(path, [made.key])
        assert settled(known=True)
        write_keys(path, [])
        assert settled(known=False)


def test_no_key_gets_into_the_log(serve_with: Serve, guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serve_with(guard=guard) as server:
        for made in (KEYS["predict"], KEYS["read"]):
            server.client.post("/v1/predict", json=BODY, headers={"X-API-Key": made.secret})
    assert "omk_" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("omloop"))


@pytest.mark.parametrize("way", ["short", "long"])
def test_a_side_car_reads_metrics_without_a_key_and_nothing_else(serve_with: Serve, tmp_path: Path) -> None:
    write_keys(tmp_path / "keys.jsonl", [KEYS["read"].key])
    ring = KeyRing(KeySource(tmp_path / "keys.jsonl"))
    ring.load()
    with serve_with(guard=Guard(keys=ring, local_metrics=True)) as server:
        asked = ("/metrics", "/v1/model", "/openapi.json", "/metrics/")
        assert [server.client.get(path).status_code for path in asked] == [200, 401, 401, 401]
        assert server.client.post("/v1/predict", json=BODY).status_code == 401


@pytest.mark.parametrize("client", ["169.254.169.126", "10.0.0.7", "2001:db8::1", "", "testclient"])
def test_metrics_are_not_read_from_elsewhere_without_a_key(client: str) -> None:
    guard = Guard(local_metrics=True)
    assert not guard.lets_read("/metrics", client)
    assert guard.lets_read("/metrics", "::1")
    assert not Guard().lets_read("/metrics", "127.0.0.1")
