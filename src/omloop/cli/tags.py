"""Tags and notes of runs on the command line."""

import argparse
from collections.abc import Sequence

from omloop.core import Annotation, OmloopError


def annotation_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --tag and --note for the run that begins."""
    parser.add_argument(
        "--tag", metavar="KEY=VALUE", action="append", default=[], help="tag the run; repeat for more tags"
    )
    parser.add_argument("--note", metavar="TEXT", help="add a note to the run")


def annotation_of(args: argparse.Namespace) -> Annotation:
    """What --tag and --note say; raises OmloopError for a tag without a value."""
    return Annotation(tags_of(args.tag), args.note)


def tags_of(words: Sequence[str]) -> dict[str, str]:
    """Words `key=value` as tags; raises OmloopError for another word.

    >>> tags_of(["for=paper", "formula=a=b", "old="])
    {'for': 'paper', 'formula': 'a=b', 'old': ''}
    """
    tags = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not key.strip() or not equals:
            raise OmloopError(f"'{word}' is no tag. Write it as KEY=VALUE, such as for=paper.")
        tags[key.strip()] = value.strip()
    return tags


def tags_line(tags: dict[str, str]) -> str:
    """Tags in one line.

    >>> tags_line({"for": "paper", "by": "ada"})
    'by=ada for=paper'
    """
    return " ".join(f"{key}={value}" for key, value in sorted(tags.items()))
