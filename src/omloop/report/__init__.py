"""Pages about a version, about data, about runs and about live predictions, for people to read."""

from omloop.report.card import ModelCard, card_markdown
from omloop.report.comparison import APART, Comparison, Curves, comparison_json, difference, score_json, score_text
from omloop.report.comparison_page import comparison_page
from omloop.report.data_diff import data_diff_markdown, moved_text, movement_row
from omloop.report.data_page import data_page
from omloop.report.data_report import DataReport, Distribution, data_markdown, number
from omloop.report.drift_page import drift_page
from omloop.report.mistakes_page import mistakes_page, samples_page
from omloop.report.profile_page import Profile, profile_page
from omloop.report.result_page import ResultPage, ResultTable, result_page
from omloop.report.slices import SLICES, slices_json
from omloop.report.verdict import ErrorEvidence, MovedColumn, Pair, Verdict, Where, picture_type, verdict_json
from omloop.report.verdict_page import verdict_page
from omloop.report.verdict_text import verdict_markdown, verdict_terminal

__all__ = [
    "APART",
    "SLICES",
    "Comparison",
    "Curves",
    "DataReport",
    "Distribution",
    "ErrorEvidence",
    "ModelCard",
    "MovedColumn",
    "Pair",
    "Profile",
    "ResultPage",
    "ResultTable",
    "Verdict",
    "Where",
    "card_markdown",
    "comparison_json",
    "comparison_page",
    "data_diff_markdown",
    "data_markdown",
    "data_page",
    "difference",
    "drift_page",
    "mistakes_page",
    "moved_text",
    "movement_row",
    "number",
    "picture_type",
    "profile_page",
    "result_page",
    "samples_page",
    "score_json",
    "score_text",
    "slices_json",
    "verdict_json",
    "verdict_markdown",
    "verdict_page",
    "verdict_terminal",
]
