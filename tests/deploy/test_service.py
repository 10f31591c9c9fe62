import pytest

from omloop.core import OmloopError
from omloop.deploy import Service


@pytest.mark.parametrize("name", ["студент", "9lives", "x" * 60])
def test_a_name_that_no_host_can_have_is_refused(name: str) -> None:
    with pytest.raises(OmloopError, match="Rename the project"):
        Service(name, "", f"projects/{name}", "3.12", "omloop==1.0")


def test_a_name_becomes_that_of_a_host() -> None:
    assert Service("Bike_Rides.v2", "", "p", "3.12", "omloop==1.0").host == "bike-rides-v2"
