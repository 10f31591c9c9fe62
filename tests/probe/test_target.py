import pytest

from omloop.core import SettingError
from omloop.probe import Target


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://models.example.org:443/a/b", "http://[::1]:80"])
def test_an_address_comes_back_as_it_was_given(url: str) -> None:
    assert Target.of(url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "8000",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "http://",
        "http://ada:secret@127.0.0.1",
        "http://127.0.0.1?x=1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8000/a b",
        "http://127.0.0.1:8000/\r\nx: y",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(SettingError, match="Give one such as"):
        Target.of(url)


def test_requests_name_the_host_and_begin_with_the_prefix() -> None:
    request = Target.of("http://127.0.0.1:8000/models/").post("/v1/predict", b"{}")
    assert request.startswith(b"POST /models/v1/predict HTTP/1.1\r\nhost: 127.0.0.1:8000\r\n")
    assert request.endswith(b"content-length: 2\r\n\r\n{}")


@pytest.mark.parametrize(
    ("host", "here"), [("localhost", True), ("127.8.9.1", True), ("[::1]", True), ("10.0.0.1", False), ("box", False)]
)
def test_only_the_loopback_is_certainly_here(host: str, here: bool) -> None:
    assert Target.of(f"http://{host}:1").here is here


@pytest.mark.parametrize(
    ("key", "token", "shown"),
    [
        ("", "", []),
        ("omk_1", "", ["authorization: Bearer omk_1"]),
        ("", "eyJ0", ["authorization: Bearer eyJ0"]),
        ("omk_1", "eyJ0", ["authorization: Bearer eyJ0", "x-api-key: omk_1"]),
    ],
)
def test_a_platform_gets_its_token_and_the_server_its_key(
    monkeypatch: pytest.MonkeyPatch, key: str, token: str, shown: list[str]
) -> None:
    monkeypatch.setenv("OMLOOP_API_KEY", key)
    monkeypatch.setenv("OMLOOP_PLATFORM_TOKEN", token)
    for request in (
        Target.of("http://127.0.0.1:8000").get("/readyz"),
        Target.of("http://127.0.0.1:8000").post("/x", b""),
    ):
        lines = request.decode().split("\r\n")
        assert [line for line in lines if line.startswith(("authorization", "x-api-key"))] == shown
    assert "eyJ0" not in repr(Target.of("http://127.0.0.1:8000"))
