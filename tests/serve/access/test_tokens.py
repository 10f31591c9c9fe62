"""Tokens are those of the issuer, for this server, now; its keys are fetched over a real socket, and seldom."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.serve.conftest import ROW, Serve

from omloop.core import SettingError
from omloop.serve import Refusal
from omloop.serve.access.guard import Guard

jwt = pytest.importorskip("jwt")
ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")

from omloop.serve.access import tokens as module  # noqa: E402
from omloop.serve.access.tokens import Issuer, Tokens  # noqa: E402

SECRETS = {"RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1())}
STRANGER = ec.generate_private_key(ec.SECP256R1())


def as_jwk(algorithm: str) -> dict[str, Any]:
    kind = jwt.algorithms.RSAAlgorithm if algorithm == "RS256" else jwt.algorithms.ECAlgorithm
    public = kind.to_jwk(SECRETS[algorithm].public_key(), as_dict=True)
    return {**public, "kid": algorithm, "alg": algorithm, "use": "sig"}


class Provider(ThreadingHTTPServer):
    """An identity provider as far as its keys go."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.algorithms = list(SECRETS)
        self.called = self.url


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        told: Any = {"keys": [as_jwk(one) for one in self.server.algorithms]}
        if self.path.endswith("openid-configuration"):
            told = {"issuer": self.server.called, "jwks_uri": f"{self.server.url}/keys"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def token(provider: Provider, algorithm: str = "RS256", secret: Any = None, kid: str = "", **claims: Any) -> str:
    told = {"iss": provider.url, "aud": "omloop", "sub": "ada", "exp": time.time() + 60, "roles": ["predict"]}
    kept = {name: value for name, value in {**told, **claims}.items() if value is not None}
    headers = {"kid": kid or algorithm}
    return str(jwt.encode(kept, secret or SECRETS[algorithm], algorithm, headers=headers))


@pytest.mark.parametrize("algorithm", list(SECRETS))
def test_a_token_of_the_issuer_is_taken_with_the_roles_that_it_says(provider: Provider, algorithm: str) -> None:
    tokens = Tokens(Issuer(provider.url, "omloop"))
    given = token(provider, algorithm)
    assert tokens.known(given) is None
    caller = tokens.check(given)
    assert caller == tokens.known(given)
    assert (caller.name, caller.roles) == (f"{provider.url} ada", {"predict"})
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize("claims", [
    {"aud": "another"}, {"aud": None}, {"iss": "https://another.example"}, {"exp": 1}, {"exp": None}, {"sub": None},
    {"nbf": 2**33},
])  # fmt: skip
def test_a_token_for_others_of_others_or_another_time_is_refused(provider: Provider, claims: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="the token is not valid") as found:
        Tokens(Issuer(provider.url, "omloop", f"{provider.url}/keys")).check(token(provider, **claims))
    assert found.value.status == 401


def test_a_token_that_is_made_up_is_refused(provider: Provider) -> None:
    tokens = Tokens(Issuer(provider.url, "omloop"))
    good = token(provider)
    head, body, sign = good.split(".")
    unsigned = str(jwt.encode(jwt.decode(good, options={"verify_signature": False}), "", "none"))
    made_up = [
        "", "a.b.c", f"{head}.{body}.", unsigned, good + "x" * 20_000,
        token(provider, "ES256", STRANGER), token(provider, "ES256", kid="RS256"), token(provider, kid="nobody"),
        token(provider, "HS256", b"x" * 64, kid="RS256"), f"{head}.{body}x.{sign}",
    ]  # fmt: skip
    for one in made_up:
        with pytest.raises(Refusal) as found:
            tokens.check(one)
        assert found.value.status == 401, one


def test_who_makes_up_names_of_keys_makes_no_requests_and_a_new_key_is_found(provider: Provider) -> None:
    now = [0.0]
    tokens = Tokens(Issuer(provider.url, "omloop", f"{provider.url}/keys"), clock=lambda: now[0])
    provider.algorithms = ["RS256"]
    tokens.check(token(provider))
    for moment in (1.0, 2.0, 3.0):
        now[0] = moment
        with pytest.raises(Refusal):
            tokens.check(token(provider, kid=f"none of {moment}"))
    assert len(provider.asked) == 1
    provider.algorithms, now[0] = ["ES256"], module.AGAIN_S + 1
    tokens.check(token(provider, "ES256"))
    assert len(provider.asked) == 2
    with pytest.raises(Refusal):
        tokens.check(token(provider, "RS256", jti="another"))  # its key is withdrawn


def test_a_provider_that_is_away_or_calls_itself_otherwise_is_told(provider: Provider) -> None:
    provider.called = "https://another.example"
    for url in (provider.url, "http://127.0.0.1:9"):
        with pytest.raises(Refusal, match="cannot be had") as found:
            Tokens(Issuer(url, "omloop")).check(token(provider))
        assert found.value.status == 503


def test_roles_come_from_a_nested_claim_or_by_default(provider: Provider) -> None:
    issuer = Issuer(provider.url, "omloop", "", "realm.roles", "read, feedback")
    tokens = Tokens(issuer)
    asked = {
        frozenset({"admin"}): {"realm": {"roles": ["admin", "other", 7]}},
        frozenset({"predict", "read"}): {"realm": {"roles": "predict read"}},
        frozenset({"read", "feedback"}): {"realm": "nothing"},
    }
    for roles, claims in asked.items():
        assert tokens.check(token(provider, **claims)).roles == roles


@pytest.mark.parametrize(("given", "words"), [
    (("https://a.example", ""), "'oidc_audience' must be"),
    (("http://a.example", "omloop"), "'oidc_issuer' must be an address of https"),
    (("https://a.example", "omloop", "http://127.evil.example/keys"), "'oidc_jwks' must be"),
    (("https://a.example", "omloop", "", "roles", "king"), "'oidc_role' must be of predict"),
])  # fmt: skip
def test_settings_that_would_not_be_safe_are_refused(given: tuple[str, ...], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        Issuer(*given)


@pytest.mark.parametrize("way", ["short", "long"])
def test_a_server_answers_a_token_as_it_does_a_key(serve_with: Serve, provider: Provider) -> None:
    guard = Guard(tokens=Tokens(Issuer(provider.url, "omloop")))
    with serve_with(guard=guard) as server:
        asked = {200: token(provider), 403: token(provider, roles=["read"]), 401: token(provider, aud="x")}
        for status, given in asked.items():
            for _ in range(2):
                headers = {"Authorization": f"Bearer {given}"}
                answer = server.client.post("/v1/predict", json={"rows": [ROW]}, headers=headers)
                assert answer.status_code == status, answer.text
                assert given not in answer.text
    assert len(provider.asked) == 2
