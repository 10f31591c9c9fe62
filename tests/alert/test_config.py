"""alerts.yaml: what it says is done, and what it cannot mean is refused with its line."""

from pathlib import Path

import pytest

from omloop.alert import DEFAULT_RULES, Alerts, MetricKind, default_alerts, read_alerts
from omloop.alert.email import EmailSink
from omloop.alert.file import FileSink
from omloop.alert.log import LogSink
from omloop.alert.webhook import WebhookSink
from omloop.core import ConfigError

METRICS: dict[str, MetricKind] = {"drift": "state", "live.accuracy": "number", "latency.p99_ms": "number"}
WHOLE = """
rules:
  drift: {metric: drift}
  accuracy:
    metric: live.accuracy
    below: 0.80
    resolve: 0.82
    window: 1h
    for: 30m
    severity: critical
sinks:
  log:
  file: {path: told.jsonl}
  chat: {kind: webhook, url_variable: CHAT_URL, secret_variable: CHAT_SECRET}
  email:
    host: mail.example.org
    from: omloop@example.org
    to: [ann@example.org, bob@example.org]
    user: omloop
    password_variable: MAIL_PASSWORD
  prometheus: {folder: metrics}
maintenance:
  new-database:
    from: 2026-12-01T22:00+01:00
    until: 2026-12-01T22:30:00Z
    rules: drift
"""


def read(text: str, folder: Path) -> Alerts:
    (folder / "alerts.yaml").write_text(text, encoding="utf-8")
    return read_alerts(folder / "alerts.yaml", METRICS, folder / "home")


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    alerts = read(WHOLE, tmp_path)
    drift, accuracy = alerts.rules
    assert (drift.name, drift.is_state, drift.severity) == ("drift", True, "warning")
    assert (accuracy.below, accuracy.resolve, accuracy.window_s, accuracy.for_s) == (0.8, 0.82, 3600.0, 1800.0)
    assert accuracy.severity == "critical"
    assert [*alerts.sinks] == ["log", "file", "chat", "email"]
    assert isinstance(alerts.sinks["log"], LogSink)
    assert alerts.sinks["file"] == FileSink(Path("told.jsonl"))
    assert alerts.sinks["chat"] == WebhookSink("", "CHAT_URL", "CHAT_SECRET")
    mail = alerts.sinks["email"]
    assert isinstance(mail, EmailSink) and (mail.port, mail.security, len(mail.to)) == (587, "starttls", 2)
    assert [board.folder for board in alerts.boards] == [Path("metrics")]
    (window,) = alerts.maintenance
    assert (window.end - window.start, window.because, window.rules) == (5400.0, "new-database", ("drift",))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "maintenance:\n"])
def test_what_is_left_out_is_as_without_a_file(text: str, tmp_path: Path) -> None:
    assert read(text, tmp_path).rules == DEFAULT_RULES
    assert [*read(text, tmp_path).sinks] == ["log"]
    assert read(text, tmp_path).boards == default_alerts(tmp_path / "home").boards


def test_files_lie_beside_the_state_unless_the_file_says_where(tmp_path: Path) -> None:
    alerts = read("sinks:\n  file:\n  prometheus:\n", tmp_path)
    assert alerts.sinks["file"] == FileSink(tmp_path / "home" / "alerts.jsonl")
    assert alerts.boards[0].folder == tmp_path / "home"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rulez:\n", "line 1: there is no key 'rulez' in the file. Did you mean 'rules'?"),
        ("rules:\n  a: {metric: drfit}\n", "Did you mean 'drift'?"),
        ("rules:\n  a:\n    metric: drift\n    fro: 5m\n", "line 4: there is no key 'fro' in 'a'. Did you mean 'for'?"),
        ("rules:\n  a:\n", "line 2: 'a': it needs metric."),
        (
            "rules: [a, b]\n",
            "line 1: 'rules' of the file must be names, each with what belongs to it, but it is a list",
        ),
        ("rules:\n  a: drift\n", "line 2: 'a' of 'rules' must be keys with values, but it is 'drift'."),
        ("rules:\n  a: {metric: live.accuracy}\n", "is a number, so it needs a threshold"),
        ("rules:\n  a: {metric: drift, above: 1}\n", "is on or off, so it takes no threshold"),
        (
            "rules:\n  a:\n    metric: live.accuracy\n    below: much\n",
            "line 4: 'below' of 'a' must be a number, but it is 'much'.",
        ),
        ("rules:\n  a:\n    metric: live.accuracy\n    below: .nan\n", "must be a number, but it is '.nan'"),
        (
            "rules:\n  a: {metric: live.accuracy, below: 0.8, resolve: 0.7}\n",
            "line 2: 'a': it would be resolved at 0.7",
        ),
        ("rules:\n  a: {metric: live.accuracy, below: 0.8, above: 0.9}\n", "Write two rules"),
        (
            "rules:\n  a:\n    metric: drift\n    for: 10:30\n",
            "line 4: 'for' of 'a' must be a length of time, such as 30s, 5m or 2h, but it is '10:30'",
        ),
        (
            "rules:\n  a: {metric: live.accuracy, below: 1, window: 0s}\n",
            "'window' of 'a' must be a length of time, such as 30s, 5m or 2h, but it is '0s'",
        ),
        ("rules:\n  a: {metric: drift, severity: bad}\n", "must be info or warning or critical, but it is 'bad'."),
        ("rules:\n  a b: {metric: drift}\n", "line 2: 'a b': 'a b' is no name of a rule"),
        (
            "rules:\n  a: {metric: drift}\n  b: {metric: drift}\n  a: {metric: drift}\n",
            "line 4: there are two 'a' in 'rules'; the other is in line 2.",
        ),
        ("sinks:\n  webhok: {url: 'http://x'}\n", "no kind of sink is called 'webhok'. Did you mean 'webhook'?"),
        ("sinks:\n  chat: {kind: webhook}\n", "line 2: 'chat': it needs either url, or url_variable"),
        ("sinks:\n  webhook: {url: 'ftp://x'}\n", "url: the address must be one of http:// or https://"),
        ("sinks:\n  webhook: {url: 'http://x', password: hunter2}\n", "there is no key 'password' in 'webhook'."),
        ("sinks:\n  log: {path: x}\n", "there is no key 'path' in 'log'. It takes none."),
        ("sinks:\n  email: {from: a@b, to: c@d}\n", "it needs host."),
        ("sinks:\n  email: {host: h, from: a@b}\n", "it needs to."),
        ("sinks:\n  email: {host: h, from: a@b, to: c@d, user: u}\n", "user and password_variable need each other"),
        (
            "sinks:\n  email: {host: h, from: a@b, to: c@d, user: u, password_variable: P, security: none}\n",
            "a password is not sent in the clear",
        ),
        (
            "sinks:\n  email: {host: h, from: a@b, to: c@d, security: ssl}\n",
            "must be starttls or tls or none, but it is 'ssl'.",
        ),
        ("sinks:\n  email: {host: h, from: a@b, to: c@d, port: 99999}\n", "whole number from 1 to 65535"),
        (
            "sinks:\n  email: {host: h, from: [a, b], to: c@d}\n",
            "'from' of 'email' must be one text, but it is a list.",
        ),
        (
            "sinks:\n  email: {host: h, from: a, to: {b: c}}\n",
            "must be a text or a list of texts, but it is keys with values.",
        ),
        ("maintenance:\n  a: {from: 2026-12-01T22:00Z}\n", "line 2: 'a': it needs until."),
        (
            "maintenance:\n  a:\n    from: noon\n    until: x\n",
            "line 3: 'from' of 'a' must be a moment, such as 2026-12-01T22:00+01:00, but it is 'noon'",
        ),
        (
            "maintenance:\n  a: {from: 2026-12-01 22:00, until: x}\n",
            "must be a moment that ends with its time zone, Z or +01:00, but it is '2026-12-01 22:00'",
        ),
        ("maintenance:\n  a: {from: 2026-12-01T22:00Z, until: 2026-12-01T22:00Z}\n", "line 2: 'a': it is empty"),
        (
            "maintenance:\n  a: {from: 2026-12-01T22:00Z, until: 2026-12-01T23:00Z, rules: [drft]}\n",
            "no rule is called 'drft'. Did you mean 'drift'?",
        ),
        ("a: [\n", "line 2: this is no YAML"),
        ("- a\n", "the file must hold keys"),
        ("rules:\n  [a, b]: c\n", "a key must be a word"),
        ("rules:\n  - {metric: drift}\n", "a list must hold texts"),
        ("rules: {a: !!python/object/apply:os.system [x]}\n", "must be keys with values, but it is a list"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as found:
        read(text, tmp_path)
    assert told in str(found.value) and str(found.value).startswith(str(tmp_path / "alerts.yaml"))
    assert "\n" not in str(found.value) and "hunter2" not in str(found.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is no UTF-8 text"):
        read_alerts(tmp_path / "alerts.yaml", METRICS, tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_alerts(tmp_path, METRICS, tmp_path)


def test_words_that_yaml_would_turn_into_something_else_stay_words(tmp_path: Path) -> None:
    alerts = read("rules:\n  no: {metric: drift}\n  0123: {metric: drift}\n", tmp_path)
    assert [rule.name for rule in alerts.rules] == ["no", "0123"]
