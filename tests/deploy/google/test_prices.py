"""What a delivery costs a month."""

from dataclasses import replace

import pytest
from tests.deploy.google.conftest import wanted

from omloop.deploy import Service
from omloop.deploy.google import Monthly, Resource, cost_of, monthly_cost
from omloop.deploy.google.prices import MONTH_S


def _service(**scaling: int) -> Resource:
    limits = {"cpu": "2", "memory": "1024Mi"}
    return Resource(
        "service", "a", {"template": {"scaling": scaling, "containers": [{"resources": {"limits": limits}}]}}
    )


def test_a_server_costs_between_its_least_and_its_most_instances() -> None:
    found = cost_of(_service(minInstanceCount=1, maxInstanceCount=4), (), "europe-west4")
    of_one = MONTH_S * (2 * 0.000018 + 1 * 0.000002)
    assert (found.least, found.most) == pytest.approx((of_one, 4 * of_one))


def test_a_dear_region_costs_more() -> None:
    cheap, dear = (cost_of(_service(maxInstanceCount=1), (), one).most for one in ("europe-west4", "europe-west6"))
    assert dear / cheap == pytest.approx(1.4)


def test_a_watch_that_looks_twice_as_often_costs_twice_as_much_at_least(rides: Service) -> None:
    each = {
        minutes: next(
            cost_of(one, resources, "europe-west4").least
            for resources in [wanted(replace(rides, settings=replace(rides.settings, watch_minutes=minutes)))]
            for one in resources
            if one.kind == "job"
        )
        for minutes in (15, 30)
    }
    assert each[15] == pytest.approx(2 * each[30])


def test_the_whole_is_the_sum_of_its_parts(rides: Service) -> None:
    resources = wanted(rides)
    parts = [cost_of(one, resources, "europe-west4") for one in resources]
    assert monthly_cost(resources, "europe-west4") == sum(parts, Monthly())
    assert 0 < monthly_cost(resources, "europe-west4").least < 20
