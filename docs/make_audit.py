"""Write docs/reference/audit.md from audits of omloop and its projects: python docs/make_audit.py"""

import sys
from collections.abc import Mapping
from pathlib import Path

from omloop.audit import CHECKLIST, audit
from omloop.audit.item import Item

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "audit.md"
PROJECTS = ("student_performance", "faces", "imdb", "emotion", "skin_lesion")
CHECKOUT = ("git repository", "code on GitHub")
"""Items that depend on where one looks, not on what the repository is."""
WORDS = {"found": "found", "weak": "weak", "missing": "-", "not in files": "no file"}
INTRO = """# The check-list, and audits of omloop and its projects

What [`omloop audit`](../how-to/audit.md) says of the five reference projects, each of them a folder by itself, and of
omloop's own repository. A project is a part of a repository: what a team's repository has beside it comes from
`omloop init` and `omloop deploy`, so it is missing in the folder. *Weak* is mostly what omloop does for the project
once somebody starts it, and no file of the folder does.

*No file* marks what no file can show. Whether a checkout is one, and is pushed, depends on the machine and is left out.
"""
ADDS = """
## The check-list, and what adds each item

The course's check-list in its order, with the command of omloop that adds an item to a project. `omloop audit` names
the same command where an item is missing.
"""


def page() -> str:
    """The whole page."""
    columns = {name: states(ROOT / "projects" / name) for name in PROJECTS}
    columns["omloop"] = states(ROOT)
    names = "".join(f" {name} |" for name in columns)
    lines = [INTRO, f"| item | module |{names}", "|---|---|" + "---|" * len(columns)]
    for item in CHECKLIST:
        modules = ", ".join(f"M{number}" for number in item.modules)
        lines.append(f"| {item.name} | {modules} |" + "".join(f" {column[item.name]} |" for column in columns.values()))
    counts = {name: sum(state == "found" for state in column.values()) for name, column in columns.items()}
    lines.append("| **found** | |" + "".join(f" **{count}** |" for count in counts.values()))
    lines += [ADDS, "| week | module | item | what adds it |", "|---|---|---|---|", *map(_adds, CHECKLIST)]
    return "\n".join(lines) + "\n"


def _adds(item: Item) -> str:
    modules, code = ", ".join(f"M{number}" for number in item.modules), item.next_step.startswith(("omloop", "git "))
    return f"| {item.week} | {modules} | {item.name} | {f'`{item.next_step}`' if code else item.next_step} |"


def states(folder: Path) -> Mapping[str, str]:
    """What is said of each item."""
    told = {one.item.name: WORDS[one.evidence.state] for one in audit(folder).items}
    return {name: "" if name in CHECKOUT else state for name, state in told.items()}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
