"""Pages about a version, and about data, for people to read."""

from omloop.report.card import model_card
from omloop.report.data_page import data_page
from omloop.report.data_report import DataReport, Distribution, data_markdown
from omloop.report.mistakes_page import mistakes_page

__all__ = ["DataReport", "Distribution", "data_markdown", "data_page", "mistakes_page", "model_card"]
