"""What looks like a secret does not reach a message."""

import pytest

from omloop.core import OmloopError, SettingError, without_secret_values


@pytest.mark.parametrize(
    "text",
    [
        "https://bob:hunter22@store.example/rows.csv",
        "https://store.example/rows.csv?X-Amz-Signature=hunter22&part=2",
        "https://store.example/rows.csv?expires=5,(sig1,hunter22);part=2",
        "conf/data.yaml: password: hunter22",
        "the setting 'db_password' must be a text: {'db_password': 'hunter22'}",
        "Authorization: Bearer hunter22hunter22",
        "API_KEY=hunter22",
        "ghp_hunter22hunter22hunter22",
    ],
)
def test_a_secret_is_left_out_of_an_error(text: str) -> None:
    assert "hunter22" not in str(OmloopError(f"{text} cannot be used."))
    assert "cannot be used" in str(SettingError(f"{text} cannot be used."))


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8000/v1/predict", "a?b", "There is no token 'x'.", "5 tokens: 300 at most", "key=3"]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert str(OmloopError(text)) == text


def test_a_sentence_goes_on_after_an_address_with_a_query() -> None:
    told = "(https://store.example/a?key=hunter22), then https://store.example/b?c=d; both fail."
    assert str(OmloopError(told)) == "(https://store.example/a?***), then https://store.example/b?***; both fail."


def test_a_configuration_keeps_its_shape_and_no_secret() -> None:
    given = {"data": {"urls": ["s3://ada:hunter22@bucket/a", "gs://bucket/a?key=hunter22"], "token": 22222222}}
    plain = {"seed": 42, "promote": "auto", "pass": True, "most_epochs": None, "overrides": ["model=linear"]}
    kept = {"data": {"urls": ["s3://***@bucket/a", "gs://bucket/a?***"], "token": "***"}}
    assert without_secret_values(given | plain) == kept | plain
