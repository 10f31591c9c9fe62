"""Infers the meaning of a file: how to read it, what its columns are, and what to answer."""

from omloop.data.infer.guess import AnswerGuess, Dialect, Feature, PictureGuess, Role, TableGuess, TextGuess
from omloop.data.infer.pictures import infer_pictures
from omloop.data.infer.table import infer_table

__all__ = [
    "AnswerGuess",
    "Dialect",
    "Feature",
    "PictureGuess",
    "Role",
    "TableGuess",
    "TextGuess",
    "infer_pictures",
    "infer_table",
]
