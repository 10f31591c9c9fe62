"""The largest body of one request, for a server and for the command line, which reads it from a file."""

TEXT_BYTES = 1_000_000
"""For JSON and text, which a reader takes in whole before it looks at anything."""

FILE_BYTES = 16_000_000
"""For files, and forms of files; a reader looks at their headers first."""


def is_text(media_type: str) -> bool:
    """Whether a content type is that of JSON or text, with or without parameters.

    >>> is_text("text/csv; charset=utf-8"), is_text("image/png")
    (True, False)
    """
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.startswith("text/")
