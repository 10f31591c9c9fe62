from dataclasses import replace

from omloop.alert import Alert, in_words


def test_a_state_is_told_by_its_detail_or_as_on_and_off(raised: Alert) -> None:
    alert = replace(raised, metric="drift", condition="on", value=1.0, detail="a, b moved")
    assert in_words(alert) == "rides: slow is raised (critical): a, b moved"
    alert = replace(alert, state="resolved", value=0.0, detail="")
    assert in_words(alert) == "rides: slow is resolved (critical) after 1 min: drift is off"


def test_a_test_says_that_it_is_one(raised: Alert) -> None:
    assert "nothing has happened" in in_words(replace(raised, state="test"))


def test_an_alert_is_one_line_whatever_is_in_it(raised: Alert) -> None:
    assert "\n" not in in_words(replace(raised, detail="one\ntwo", value=None))
