"""On how many test rows, of those that a candidate is compared on, its champion had learned: then and now.

Run: python benchmarks/loop/unseen.py STUDENTS.CSV
The champion is a turn of student_performance on the file with a column that is never learned from (`student_id`) to
know a row by, whatever its key says. Each line is another turn: leaving columns out, another seed, another split.seed,
the same rows from another file with numbers printed otherwise, and live rows after a champion that learned from live
rows. `before` deals the records as omloop did up to now, by the features in use and by `seed`.
"""

import argparse
import contextlib
import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from omloop.bundle import Session
from omloop.core import Label, Prediction, Project, Settings
from omloop.data import assign, features_of, read_table, record_keys
from omloop.loop import Workspace, find_project
from omloop.loop.project.configure import Configuration, configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import Records, gather, split
from omloop.loop.turn.gate import find_opponent
from omloop.loop.turn.turn import turn
from omloop.monitor import new_id

ROOT = Path(__file__).parents[2]
FEW = "data.features=[last_exam_score,assignment_scores_avg,concept_understanding_score]"


@dataclass(frozen=True)
class Dealt:
    """Which records of a source, by who they are, are learned from, and which the candidate is compared on."""

    learned: set[str]
    test: set[str]
    compared: set[str]


def dealt(project: Project, workspace: Workspace, words: Sequence[str], who: Sequence[str]) -> Dealt:
    """The parts as a turn with these words deals them; `who` names each record."""
    config = configure(project, words)
    kind = features_of(project, config.data.features)
    records = gather(Plan(project, kind, config, workspace))
    dataset = split(Plan(project, kind, config, workspace), records)
    test = [who[row] for row in dataset.test.rows]
    learned = {who[row] for row in (*dataset.train.rows, *dataset.validation.rows)}
    opponent, _ = find_opponent(Plan(project, kind, config, workspace), records, dataset)
    rows = range(len(test)) if opponent.rows is None else opponent.rows
    return Dealt(learned, set(test), {test[row] for row in rows} if opponent.outputs is not None else set())


def dealt_before(project: Project, workspace: Workspace, words: Sequence[str], who: Sequence[str]) -> Dealt:
    """The same by the features in use and the seed of everything."""
    config = configure(project, words)
    kind = features_of(project, config.data.features)
    place = places_before(project, config, gather(Plan(project, kind, config, workspace)), kind.fields)
    test = {who[row] for row in np.flatnonzero(place == 2)}
    return Dealt({who[row] for row in np.flatnonzero(place != 2)}, test, test)


def places_before(project: Project, config: Configuration, records: Records, fields: Sequence[str]) -> np.ndarray:
    """The part of each record, as it was computed."""
    keys = record_keys(records.columns, [*fields, project.target])
    return assign(keys, seed=config.seed, validation=config.split.validation, test=config.split.test)


def go_live(project: Project, workspace: Workspace, rows: int, seed: int) -> None:
    """Log labelled predictions as a server does."""
    registry = workspace.registry(project.name)
    version = registry.champion() or ""
    session = Session.of(registry.load(version))
    records = project.simulate(rows, seed, 0.5)
    examples = session.inputs.encode(records)
    answers, inputs = session.outputs.answer(session.predict(examples)), session.inputs.render(examples)
    ids = [new_id() for _ in answers]
    with contextlib.closing(workspace.predictions(project.name)) as log:
        facts = zip(ids, inputs, answers, strict=True)
        log.record([Prediction(one, 1.8e9, version, row, answer, 1.0) for one, row, answer in facts])
        truth = [project.outputs.parse(float(value)) for value in records[project.target]]
        log.feedback([Label(one, value, 1.8e9) for one, value in zip(ids, truth, strict=True)])


def printed_otherwise(path: Path, to: Path) -> Path:
    """The same records with every number in other digits."""
    columns = read_table(path)
    with to.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows([[_digits(value) for value in row] for row in zip(*columns.values(), strict=True)])
    return to


def _digits(value: str) -> str:
    with contextlib.suppress(ValueError):
        return f"{float(value):.3f}"
    return value


@contextlib.contextmanager
def started(path: Path) -> Iterator[tuple[Project, Workspace, list[str], list[str]]]:
    """A project whose champion learned from the file; the words of its turn, and who the records are."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(projects=str(ROOT / "projects"), workspace=str(Path(folder) / "ws"))
        project, workspace = find_project("student_performance", settings), Workspace(settings)
        words = ["data=file", f"data.path={path}", "model=linear", "data.quality=warn"]
        turn(Plan.of(project, words, workspace))
        yield project, workspace, words, [str(one) for one in read_table(path)["student_id"]]


def main() -> None:
    """Print a line for each turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path.resolve()
    print("turn                             before: test, learned   now: test, left out, compared, learned")
    with started(path) as (project, workspace, words, who):
        champion, before = dealt(project, workspace, words, who), dealt_before(project, workspace, words, who)
        other = printed_otherwise(path, workspace.root / "printed.csv")
        copy = [word.replace(str(path), str(other)) for word in words]
        turns = {
            "the same again": words,
            "columns left out": [*words, FEW],
            "another seed": [*words, "seed=7"],
            "both": [*words, FEW, "seed=7"],
            "another split.seed": [*words, "split.seed=7"],
            "a copy, printed otherwise": copy,
        }
        for name, asked in turns.items():
            found, then = dealt(project, workspace, asked, who), dealt_before(project, workspace, asked, who)
            tell(name, found, champion, then, before)
        live = [*words, "data.live=true"]
        go_live(project, workspace, 2000, 5)
        everyone = [*who, *(f"live {row}" for row in range(2000))]
        made = turn(project, replace(configure(project, live), promote="ask"), workspace)
        workspace.registry(project.name).promote(made.version, expected=made.champion, by="benchmark", reason="a part")
        champion, before = dealt(project, workspace, live, everyone), dealt_before(project, workspace, live, everyone)
        go_live(project, workspace, 500, 6)
        everyone += [f"live {row}" for row in range(2000, 2500)]
        for name, asked in {"live rows": live, "live rows, columns left out": [*live, FEW]}.items():
            found, then = dealt(project, workspace, asked, everyone), dealt_before(project, workspace, asked, everyone)
            tell(name, found, champion, then, before)


def tell(name: str, found: Dealt, champion: Dealt, then: Dealt, before: Dealt) -> None:
    """One line."""
    known, left = len(found.compared & champion.learned), len(found.test) - len(found.compared)
    print(
        f"{name:32} {len(then.test):12} {len(then.test & before.learned):9}"
        f"  {len(found.test):10} {left:9} {len(found.compared):9} {known:8}"
    )


if __name__ == "__main__":
    main()
