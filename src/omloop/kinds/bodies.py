"""How long the body of one request may be, whoever reads it: a server, or the command line from a file."""

TEXT_BYTES = 1_000_000
"""Of JSON and text, which are read whole before anything is looked at."""

FILE_BYTES = 16_000_000
"""Of files, and of forms of them, whose headers are looked at first."""


def is_text(media_type: str) -> bool:
    """Whether a content type is that of JSON or text, with or without parameters.

    >>> is_text("text/csv; charset=utf-8"), is_text("image/png")
    (True, False)
    """
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.startswith("text/")
