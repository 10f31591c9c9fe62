"""A course's report in Markdown: the verdict of the course's checker, what it does not see, and a page."""

from omloop.report.course.answers import Document, document_of
from omloop.report.course.count import count_problems
from omloop.report.course.judge import Judgement, judge, log_lines
from omloop.report.course.limits import LIMITS, QUESTIONS, Limits
from omloop.report.course.template import Checklist, Template, checklist_of, template_of
from omloop.report.course.unseen import PLACEHOLDER, Note, notes_of

__all__ = [
    "LIMITS",
    "PLACEHOLDER",
    "QUESTIONS",
    "Checklist",
    "Document",
    "Judgement",
    "Limits",
    "Note",
    "Template",
    "checklist_of",
    "count_problems",
    "document_of",
    "judge",
    "log_lines",
    "notes_of",
    "template_of",
]
