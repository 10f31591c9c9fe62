"""What a project keeps with its run: a name that every system can hold, and bytes or a text."""

import re

from omloop.core._errors import TrainError

_PART = r"[\w-](?:[\w. +=,()-]*[\w+=,()-])?"
_NAME = re.compile(f"{_PART}(/{_PART})*")
# Names that Windows keeps for devices, whatever comes behind a dot ("Naming Files, Paths, and Namespaces").
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_LONGEST = 200


def as_kept(name: str, content: bytes | str) -> bytes:
    """The content as bytes, a text in UTF-8; raises TrainError for a name or a content that a run cannot keep.

    >>> as_kept("curves/lift.csv", "a,b")
    b'a,b'
    """
    if not isinstance(name, str) or len(name) > _LONGEST or not _NAME.fullmatch(name) or _has_device(name):
        shown = f"{name!r:.80}"
        raise TrainError(
            f"A run cannot keep a file called {shown}. Give a relative name of letters, digits, '_', '-', '.' and '/', "
            f"no part of which begins or ends with a dot, of {_LONGEST} characters at most, such as 'curves/lift.csv'."
        )
    if isinstance(content, str):
        return content.encode("utf-8", "replace")
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    raise TrainError(f"'{name}' can be kept as bytes or as a text, but it is a {type(content).__name__}.")


def keep_nothing(name: str, content: bytes | str) -> None:
    """Check the content, and forget it: a job outside of a run keeps nothing."""
    as_kept(name, content)


def tell_nobody(words: str) -> None:
    """Say nothing: nobody waits for a job outside of a run."""


def _has_device(name: str) -> bool:
    return any(_DEVICES.fullmatch(part) for part in name.split("/"))
