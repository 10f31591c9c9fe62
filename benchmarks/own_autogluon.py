"""AutoGluon's preset "medium" on splits that `own_data.py --export FOLDER` wrote: score and seconds, beside omloop's.

    python benchmarks/own_data.py --only titanic,Housing,Computers,Chile,BudgetFood --export splits
    python -m venv ag && ag/bin/pip install 'autogluon.tabular[lightgbm,catboost,xgboost]'
    ag/bin/python benchmarks/own_autogluon.py splits

It runs in an environment of its own. Each learns from the same rows, the validation rows among them, and is judged on
the same test rows: AUC (one class against the rest, on average) or R². omloop's seconds are those of the turn and of a
server that answered; AutoGluon's those of `fit`.
"""

import json
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor
from sklearn.metrics import r2_score, roc_auc_score


def main(folder: str) -> None:
    """Fit on every split, and print a table of the means."""
    found = defaultdict(list)
    for about in sorted(Path(folder).glob("*.json")):
        ours = json.loads(about.read_text())
        train, test = (pd.read_csv(about.with_suffix(f".{part}.csv")) for part in ("train", "test"))
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as path:
            kind = None if ours["classes"] else "regression"
            predictor = TabularPredictor(ours["target"], problem_type=kind, path=path, verbosity=0)
            predictor.fit(train, presets="medium_quality", num_cpus=2)
            seconds = time.monotonic() - begun
            score = _score(predictor, test, ours["target"], ours["classes"])
        found[ours["table"]].append((ours["score"], score, ours["seconds"], seconds))
        print(about.stem, found[ours["table"]][-1], flush=True)
    print("| table | omloop | AutoGluon medium | omloop seconds | AutoGluon seconds |\n|---|---|---|---|---|")
    for table, lines in found.items():
        ours, theirs, own, other = np.mean(lines, axis=0)
        print(f"| {table} | {ours:.3f} | {theirs:.3f} | {own:.0f} | {other:.0f} |")


def _score(predictor: TabularPredictor, test: pd.DataFrame, target: str, classes: bool) -> float:
    truth = test[target]
    if not classes:
        return float(r2_score(truth, predictor.predict(test)))
    shares = predictor.predict_proba(test)
    present = [name for name in shares.columns if 0 < (truth == name).sum() < len(truth)]
    return float(np.mean([roc_auc_score(truth == name, shares[name]) for name in present]))


if __name__ == "__main__":
    main(sys.argv[1])
