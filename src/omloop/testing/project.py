"""The contract of a project: what the circuit relies on, whatever its models learn."""

import inspect
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from omloop.bundle import MODEL, Bundle, Session
from omloop.bundle.former_service import COMPAT, read_compat
from omloop.core import Columns, ExampleArray, Fitted, InputError, Job, Part, Project


class ProjectContract:
    """Inherit this in `test_project.py` and give it the project:

    ```python
    class TestProject(ProjectContract):
        project = project
    ```
    """

    project: ClassVar[Project]
    rows: ClassVar[int] = 240
    turn: ClassVar[tuple[str, ...]] = ("data=simulated", "data.rows=600")
    """The settings of the small turn; its model is the first that needs no more than the `train` extra."""

    def records(self, *, seed: int = 1, drift: float = 0.0) -> Columns:
        """Some simulated records."""
        return self.project.simulate(self.rows, seed, drift)

    def examples(self, *, seed: int = 1, drift: float = 0.0) -> ExampleArray:
        """The same records as examples."""
        return self.project.inputs.encode(self.records(seed=seed, drift=drift))

    def test_simulated_records_fit_what_the_project_declares(self) -> None:
        """Encoding raises for a value that the project does not accept, and for a missing column."""
        records = self.records()
        targets = self.project.outputs.encode(records[self.project.target])
        assert len(self.project.inputs.encode(records)) == len(targets) == self.rows

    def test_every_simulated_column_is_a_feature_or_the_target_or_ignored_or_groups(self) -> None:
        """The circuit would silently forget a column that nobody declared."""
        project = self.project
        roles = filter(None, [project.group, project.time, project.id, project.weight])
        declared = {*project.inputs.fields, project.target, *project.ignored, *roles}
        assert set(self.records()) <= {*declared, *project.slices}
        assert set(project.slices) <= set(self.records())

    def test_the_target_and_what_is_ignored_are_no_features(self) -> None:
        """A model never learns from columns that leak the target."""
        assert not {self.project.target, *self.project.ignored} & set(self.project.inputs.fields)

    def test_the_same_seed_simulates_the_same_records_and_another_seed_others(self) -> None:
        """So a turn on simulated data is repeatable."""
        first, again, other = self.examples(), self.examples(), self.examples(seed=2)
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_drift_moves_the_simulated_examples(self) -> None:
        """At least one observed column's mean moves by a quarter of its standard deviation."""
        inputs = self.project.inputs
        before, after = inputs.observe(self.examples()), inputs.observe(self.examples(seed=2, drift=1.0))
        spread = {name: np.nanstd(values) or 1.0 for name, values in before.items()}  # 1: where all are the same
        moves = [abs(np.nanmean(after[name]) - np.nanmean(before[name])) / spread[name] for name in before]
        assert max(moves) > 0.25

    def test_observing_names_the_same_numbers_every_time(self) -> None:
        """A watch looks for drift in the same columns, whatever the rows."""
        inputs = self.project.inputs
        for examples in (self.examples(), self.examples(seed=2, drift=1.0)[:1], inputs.edges()):
            observed = inputs.observe(examples)
            assert list(observed) == list(inputs.observed)
            assert {len(values) for values in observed.values()} == {len(examples)}

    def test_rendered_examples_parse_to_the_same_examples(self) -> None:
        """A client can send again what the log or a page holds."""
        for examples in (self.examples(), self.project.inputs.edges()):
            again = self.project.inputs.parse(self.project.inputs.render(examples))
            np.testing.assert_array_equal(again, examples)

    def test_refused_columns_are_refused_with_their_reason(self) -> None:
        """A client who sends such a column learns why."""
        (row,) = self.project.inputs.render(self.examples()[:1])
        for name, reason in getattr(self.project.inputs, "refused", {}).items():
            with pytest.raises(InputError) as caught:
                self.project.inputs.parse([{**row, name: 1}])
            assert reason in str(caught.value)

    def test_the_baseline_is_one_of_the_models(self) -> None:
        """There is always something to beat."""
        assert self.project.baseline in self.project.models

    def test_every_model_gives_one_answer_an_input_and_the_same_for_the_same_seed(self, tmp_path: Path) -> None:
        """The project's own tests cover models that need more than the `train` extra."""
        examples = self.examples(seed=3)
        for name in [name for name, model in self.project.models.items() if model.extra == "train"]:
            fitted, other = self.fit(name, tmp_path), self.fit(name, tmp_path)
            first, again = fitted.predict(examples), other.predict(examples)
            assert len(first) == len(examples)
            assert len(fitted.predict(examples[:1])) == 1
            assert np.isfinite(first).all()
            np.testing.assert_array_equal(first, again)

    def test_a_bad_input_is_refused(self) -> None:
        """With an InputError, which becomes a 4xx or one line, whatever the input is instead of an example."""
        inputs = self.project.inputs
        rows: tuple[object, ...] = (None, 1, "text", [], {}, {"no such field": 1}, {name: [] for name in inputs.fields})
        for row in rows:
            with pytest.raises(InputError):
                inputs.parse([row])
        for content, media_type in ((b"{", "application/json"), (b'{"rows": []}', "application/json"), (b"", "a/b")):
            with pytest.raises(InputError):
                inputs.read(content, media_type)

    @pytest.fixture(scope="class")
    def turned(self, tmp_path_factory: pytest.TempPathFactory) -> tuple[Mapping[str, object], Bundle]:
        """What one small turn said, and the bundle that it made: through the command line, as a user would."""
        folder, workspace = Path(inspect.getfile(type(self))).parent, tmp_path_factory.mktemp("turn")
        command = [sys.executable, "-m", "omloop", "turn", str(folder), f"model={self._quick_model()}", *self.turn]
        done = subprocess.run(
            [*command, "--workspace", str(workspace), "--json"],
            capture_output=True,
            text=True,
            check=False,
            cwd=workspace,
        )
        assert done.returncode == 0, done.stderr
        (manifest,) = workspace.rglob("manifest.json")
        return json.loads(done.stdout), Bundle.open(manifest.parent)

    def test_one_small_turn_reaches_a_decision(self, turned: tuple[Mapping[str, object], Bundle]) -> None:
        """From simulated records to a registered version that the gate has judged."""
        said, bundle = turned
        assert said["verdict"] in ("better", "worse", "not enough evidence")
        assert said["version"] == bundle.version
        assert bundle.manifest.project == self.project.name

    def test_the_packaged_model_answers_as_the_trained_one_does(
        self, turned: tuple[Mapping[str, object], Bundle]
    ) -> None:
        """Proven while packaging, on real rows and at the limits; and the bundle's own examples still hold."""
        _, bundle = turned
        assert bundle.manifest.variants[MODEL].parity.verified
        Session.of(bundle).self_test(bundle)

    def test_saving_and_loading_keeps_the_answers(
        self, turned: tuple[Mapping[str, object], Bundle], tmp_path: Path
    ) -> None:
        """Whatever a bundle needs to answer is in its files."""
        _, bundle = turned
        bundle.save(tmp_path / "copy")
        copy = Bundle.open(tmp_path / "copy")
        assert copy.version == bundle.version
        first, again = (Session.of(one, threads=1).run(self.examples(seed=3)) for one in (bundle, copy))
        np.testing.assert_array_equal(first.outputs, again.outputs)
        assert len(first.outputs) == self.rows

    def test_the_answers_of_a_service_before_travel_in_the_bundle(
        self, turned: tuple[Mapping[str, object], Bundle]
    ) -> None:
        """What `compat.json` says, if the project has one; it fills in no column that there is not."""
        _, bundle = turned
        path = Path(inspect.getfile(type(self))).parent / COMPAT
        assert bundle.files.get(COMPAT) == (path.read_bytes() if path.is_file() else None)
        if COMPAT in bundle.files:
            filled = {name for route in read_compat(bundle.files[COMPAT]).routes for name in route.fill}
            assert filled <= set(self.project.inputs.fields)

    def _quick_model(self) -> str:
        """The first model beside the baseline that needs no more than the `train` extra, or else the baseline."""
        models = self.project.models.items()
        quick = [name for name, model in models if model.extra == "train" and name != self.project.baseline]
        return quick[0] if quick else self.project.baseline

    def fit(self, name: str, folder: Path, train: Part | None = None) -> Fitted:
        """Train one of the project's models with its default configuration, on simulated records or on `train`."""
        return self.project.models[name].fit(self.job(name, folder, train))

    def job(self, name: str, folder: Path, train: Part | None = None) -> Job:
        """The job for one of the models, with its default configuration."""
        return Job(
            config=self.project.models[name].config(),
            inputs=self.project.inputs,
            outputs=self.project.outputs,
            train=train or self.part(self.records()),
            validation=self.part(self.records(seed=2)),
            seed=0,
            log=lambda step, metrics: None,
            folder=folder,
        )

    def part(self, records: Columns) -> Part:
        """Records as a part of a dataset."""
        targets = self.project.outputs.encode(records[self.project.target])
        return Part(self.project.inputs.encode(records), targets, np.arange(len(targets)).astype(str))
