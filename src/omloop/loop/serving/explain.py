"""Explaining one answer: to a row, to a file, or in the prediction log."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from omloop.bundle import Bundle, Session
from omloop.core import ExampleArray, Explanation, Facts, InputError, OmloopError
from omloop.loop.serving.predict import passed_over_by, read_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from omloop.loop.workspace import Workspace


@dataclass(frozen=True, repr=False)
class ExplainedAnswer(Facts):
    """A version's answer to one example, with its explanation; `unit` is the unit of a number."""

    version: str
    answer: Mapping[str, object]
    explanation: Explanation
    unit: str = ""

    def facts(self) -> dict[str, object]:
        """The version, its answer, and the explanation's `base` and `of`."""
        return {"version": self.version, **self.answer, "base": self.explanation.base, "of": self.explanation.of}


def explain_row(
    name: str,
    workspace: Workspace,
    row: Mapping[str, object],
    *,
    version: str | None = None,
    of: str = "",
    seed: int = 0,
) -> ExplainedAnswer:
    """Explain the answer to a row, which may also hold the target and columns that the project ignores.

    Raises InputError that names the first field that does not fit.
    """
    passed_over = passed_over_by(name, workspace)
    bundle = _bundle(name, workspace, version)
    unread = passed_over - set(bundle.kind.fields)
    read = {field: value for field, value in row.items() if field not in unread}
    return _explained(bundle, lambda session: session.inputs.parse([read]), of=of, seed=seed)


def explain_file(
    name: str, workspace: Workspace, path: Path, *, version: str | None = None, of: str = "", seed: int = 0
) -> ExplainedAnswer:
    """Explain the answer to a picture or a text in a file."""
    return _explained(
        _bundle(name, workspace, version), lambda session: read_file(session.inputs, path), of=of, seed=seed
    )


def explain_prediction(
    name: str, workspace: Workspace, prediction: str, *, version: str | None = None, of: str = "", seed: int = 0
) -> ExplainedAnswer:
    """Explain a logged answer, by the version that gave it unless `version` names another.

    Raises OmloopError for an unknown id, and if the log keeps no whole inputs.
    """
    with contextlib.closing(workspace.predictions(name)) as log:
        found: Any = log.find(prediction)
    if found is None:
        raise OmloopError(
            f"No prediction of {name} is called '{prediction:.60}'; it may have been forgotten. Its id is in the "
            "answer of the server."
        )
    bundle = _bundle(name, workspace, version or found["version"])
    row = bundle.kind.replay(found["inputs"])
    if row is None:
        raise OmloopError(
            f"The log keeps only what was observed of the inputs of {prediction:.60}, so it cannot be answered again. "
            "Send the row itself."
        )
    columns = {field: [value] for field, value in row.items()}
    return _explained(bundle, lambda session: session.inputs.encode(columns), of=of, seed=seed)


def row_of(content: bytes) -> Mapping[str, object]:
    """The row that a text holds, `{"column": value}` or `{"rows": [{...}]}`; raises InputError for another text."""
    try:
        given = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(f'the row is no JSON: {error}. Send one row, such as {{"age": 20}}') from error
    rows = given["rows"] if isinstance(given, dict) and set(given) == {"rows"} else [given]
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
        raise InputError('one answer is explained at a time: send one row, such as {"age": 20}')
    row: Mapping[str, object] = rows[0]
    return row


def _bundle(name: str, workspace: Workspace, version: str | None) -> Bundle:
    registry = workspace.registry(name)
    return registry.load(version or registry.require_champion())


def _explained(bundle: Bundle, read: Callable[[Session], ExampleArray], *, of: str, seed: int) -> ExplainedAnswer:
    from omloop.explain import background_of, explain_answer

    session = Session.of(bundle)
    example = read(session)
    if len(example) != 1:
        raise InputError(f"one answer is explained at a time, and there are {len(example):,} rows")
    answer = session.outputs.answer(session.predict(example))[0]
    explanation = explain_answer(session, example, background_of(bundle, session.inputs), of=of, seed=seed)
    unit = str(session.outputs.describe().get("unit") or "")
    return ExplainedAnswer(bundle.version, answer, explanation, unit)
