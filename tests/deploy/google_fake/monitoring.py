"""Cloud Monitoring and Logging: alerts, who hears of them, and the metrics of logs that they watch."""

import re

from tests.deploy.google_fake.cloud import Cloud, Kind
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.operations import Call, now

# What a channel of a type cannot do without: https://cloud.google.com/monitoring/support/notification-options.
LABELS = {
    "email": {"email_address"},
    "webhook_tokenauth": {"url"},
    "webhook_basicauth": {"url", "username"},
    "pubsub": {"topic"},
    "sms": {"number"},
    "slack": {"channel_name"},
    "pagerduty": set(),
    "google_chat": {"space"},
}


def _channel(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    needed = LABELS.get(body.get("type", ""))
    if needed is None:
        raise Refused(400, f'Field notification_channel.type had an invalid value of "{body.get("type", "")}".')
    if lacking := sorted(needed - body.get("labels", {}).keys()):
        raise Refused(400, f"Field notification_channel.labels had an invalid value: label {lacking[0]} is missing.")
    body.setdefault("enabled", True)
    body.setdefault("creationRecord", {"mutateTime": now()})
    body["mutationRecords"] = [{"mutateTime": now()}, *body.get("mutationRecords", [])][:3]


def _alert(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    """A policy of alerts, whose conditions, channels and metrics must be there."""
    if not 1 <= len(body.get("conditions", ())) <= 6:
        raise Refused(400, "Field alert_policy.conditions must have between 1 and 6 conditions.")
    if body.get("combiner", "COMBINE_UNSPECIFIED") == "COMBINE_UNSPECIFIED":
        raise Refused(400, 'Field alert_policy.combiner had an invalid value of "COMBINE_UNSPECIFIED".')
    if any("conditionMatchedLog" in one for one in body["conditions"]):
        _logged(body)
    for name in body.get("notificationChannels", ()):
        if cloud.find("monitoring.projects.notificationChannels", name) is None:
            raise Refused(404, f"Could not find notification channel {name}.")
    for number, one in enumerate(body["conditions"]):
        _watched(cloud, one, f"alert_policy.conditions[{number}]")
        one.setdefault("name", f"{body['name']}/conditions/{10**17 + cloud.fresh()}")
    body.setdefault("enabled", True)
    record = {"mutateTime": now(), "mutatedBy": cloud.caller}
    body.setdefault("creationRecord", record)
    body["mutationRecord"] = record


def _logged(body: Body) -> None:
    if len(body["conditions"]) > 1 or "notificationRateLimit" not in body.get("alertStrategy", {}):
        text = "A condition on logs must be the only one, and needs alert_strategy.notification_rate_limit."
        raise Refused(400, text)


def _watched(cloud: Cloud, condition: Body, at: str) -> None:
    if not condition.get("displayName"):
        raise Refused(400, f"Field {at}.display_name must be set.")
    if "conditionPrometheusQueryLanguage" in condition:
        _prometheus(condition["conditionPrometheusQueryLanguage"], f"{at}.condition_prometheus_query_language")
    shapes = {"conditionThreshold": "condition_threshold", "conditionAbsent": "condition_absent"}
    for key, word in shapes.items():
        text = condition.get(key, {}).get("filter")
        if text is None:
            continue
        for part in ("resource.type", "metric.type"):
            if not re.search(rf"{re.escape(part)}\s*=", text):
                raise Refused(
                    400,
                    f'Field {at}.{word}.filter had an invalid value of "{text}": must specify a '
                    f'restriction on "{part}" in the filter',
                )
        _measured(cloud, text)
        _timed(condition[key], f"{at}.{word}", 120 if key == "conditionAbsent" else 0)


def _prometheus(condition: Body, at: str) -> None:
    """What the description of such a condition tells of its fields."""
    interval = float(condition.get("evaluationInterval", "30s")[:-1])
    if interval <= 0 or interval % 30:
        raise Refused(400, f"Field {at}.evaluation_interval must be a positive multiple of 30 seconds.")
    if condition.get("duration", "0s").startswith("-"):
        raise Refused(400, f"Field {at}.duration must not be negative.")
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", condition.get("alertRule") or "_"):
        raise Refused(400, f"Field {at}.alert_rule must be a valid Prometheus label name.")


def _timed(condition: Body, at: str, least: int) -> None:
    """Whole minutes, and periods that aggregate of at least one, as the descriptions tell."""
    span = condition["duration"]
    if float(span[:-1]) % 60 or float(span[:-1]) < least:
        raise Refused(400, f'Field {at}.duration had an invalid value of "{span}": must be minutes, from {least}s')
    for one in condition.get("aggregations", ()):
        aligned = one.get("perSeriesAligner", "ALIGN_NONE") != "ALIGN_NONE"
        if aligned and not 60 <= float(one.get("alignmentPeriod", "0s")[:-1]) <= 90000:
            raise Refused(400, f"Field {at}.aggregations.alignment_period must be from 60s to 90000s")
    if condition.get("comparison", "COMPARISON_GT") not in ("COMPARISON_GT", "COMPARISON_LT"):
        raise Refused(400, f"Field {at}.comparison must be COMPARISON_GT or COMPARISON_LT")


def _measured(cloud: Cloud, text: str) -> None:
    for name in re.findall(r'metric\.type\s*=\s*"logging\.googleapis\.com/user/([^"]+)"', text):
        if cloud.find("logging.projects.metrics", f"projects/{cloud.project}/metrics/{name}") is None:
            raise Refused(
                404,
                f'Cannot find metric that matches type = "logging.googleapis.com/user/{name}". If a metric '
                "was created recently, it could take up to 10 minutes to become available.",
            )


def _metric(cloud: Cloud, call: Call, body: Body, old: Body | None) -> None:
    described = body.setdefault("metricDescriptor", {})
    described.setdefault("metricKind", "DELTA")
    described.setdefault("valueType", "INT64")
    described.setdefault("unit", "1")
    told = {one["key"] for one in described.get("labels", ())}
    if told != body.get("labelExtractors", {}).keys():
        raise Refused(400, "The metric's label extractors must match the labels of its metric descriptor.")
    kind = f"logging.googleapis.com/user/{body['name']}"
    described |= {"type": kind, "name": f"projects/{cloud.project}/metricDescriptors/{kind}"}
    body["resourceName"] = f"projects/{cloud.project}/metrics/{body['name']}"


POLICIES = Kind("AlertPolicy", "alertPolicies", numeric=True, complete=_alert)
CHANNELS = Kind(
    "NotificationChannel",
    "notificationChannels",
    numeric=True,
    complete=_channel,
)
METRICS = Kind(
    "LogMetric",
    "metrics",
    "body:name",
    r"[A-Za-z0-9_\-.,+!*',()%/]{1,100}",
    full_name=False,
    complete=_metric,
    absent="Metric {id} does not exist.",
    taken="Metric {id} already exists.",
)


def delete_channel(cloud: Cloud, call: Call) -> Body:
    for (kind, _), one in cloud.resources.items():
        used = [cloud.named(name) for name in one.get("notificationChannels", ())]
        if kind == "monitoring.projects.alertPolicies" and cloud.named(call.path) in used:
            if call.one("force") != "true":
                text = (
                    f"Channel {call.path} is used by the alert policy {one['name']}; delete it from there, or by force."
                )
                raise Refused(400, text, status="FAILED_PRECONDITION")
            one["notificationChannels"] = [name for name in used if name != cloud.named(call.path)]
    return cloud.delete(CHANNELS, call)


def put_metric(cloud: Cloud, call: Call) -> Body:
    """Logging's update makes what is not there."""
    name = cloud.named(call.path)
    old = cloud.find("logging.projects.metrics", name)
    if call.body.get("name") != name.partition("/metrics/")[2]:
        raise bad(("metric.name", "The metric's name in the body must be the one of the address."))
    return cloud.keep(METRICS, call, name, cloud.input(call), old)
