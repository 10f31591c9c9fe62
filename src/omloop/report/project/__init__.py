"""A project's own report, of what its memories hold, and its model card as the Hugging Face Hub reads it."""

from omloop.report.project.circle import circle_svg
from omloop.report.project.hub_card import HubCard, hub_card
from omloop.report.project.markdown import project_markdown
from omloop.report.project.values import (
    ChampionFacts,
    Decision,
    LoadFacts,
    Place,
    ProjectReport,
    RunFacts,
)

__all__ = [
    "ChampionFacts",
    "Decision",
    "HubCard",
    "LoadFacts",
    "Place",
    "ProjectReport",
    "RunFacts",
    "circle_svg",
    "hub_card",
    "project_markdown",
]
