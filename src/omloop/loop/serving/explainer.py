"""Explanations of a server's answers; their library loads at the first request for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import ExampleArray, is_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omloop.bundle import Session
    from omloop.loop.workspace import Workspace
    from omloop.serve import Explain

EXTRA = "explain"
MOST_KNOWN = 4
"""Versions whose stand-ins a server keeps: the champion, a version on trial, and their successors."""


def explainer(name: str, workspace: Workspace) -> Explain | None:
    """The function that explains a server's answers; None without the extra."""
    if not is_installed(EXTRA):
        return None
    known: dict[str, ExampleArray] = {}

    def explain(
        version: str, session: Session, examples: ExampleArray, rows: int, go_on: Callable[[], None]
    ) -> Sequence[Mapping[str, object]]:
        from omloop.explain import background_of, explain_answer

        if version not in known:
            background = background_of(workspace.registry(name).load(version), session.inputs)
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[version] = background
        others = known[version]
        each = (examples[at : at + 1] for at in range(len(examples)))
        return [explain_answer(session, one, others, rows=rows, go_on=go_on).told() for one in each]

    return explain
