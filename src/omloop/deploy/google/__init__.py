"""Google Cloud: what a project needs there, as files, and the cloud brought to what they say."""

from omloop.deploy.google.change import Done, apply_changes
from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.doctor import examine_cloud, unmet_needs
from omloop.deploy.google.plan import Change, plan_changes, plan_removal, service_address
from omloop.deploy.google.prices import Monthly, cost_of, monthly_cost, prices_date
from omloop.deploy.google.reading import read_resources
from omloop.deploy.google.resource import Resource

__all__ = [
    "Change",
    "Done",
    "GoogleCloud",
    "Monthly",
    "Resource",
    "apply_changes",
    "cost_of",
    "examine_cloud",
    "monthly_cost",
    "plan_changes",
    "plan_removal",
    "prices_date",
    "read_resources",
    "service_address",
    "unmet_needs",
]
