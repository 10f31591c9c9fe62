"""What an input and an answer are: a table, a picture or a text; a number, or one of some classes."""

from omloop.kinds.classes import Classes
from omloop.kinds.defaults import KindDefaults
from omloop.kinds.image.image import Image
from omloop.kinds.number import Number
from omloop.kinds.table.column import Column
from omloop.kinds.table.schema_file import read_schema
from omloop.kinds.table.table import Table
from omloop.kinds.text.text import Text

__all__ = [
    "Classes",
    "Column",
    "Image",
    "KindDefaults",
    "Number",
    "Table",
    "Text",
    "read_schema",
]
