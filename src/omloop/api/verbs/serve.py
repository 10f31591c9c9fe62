"""Serving: answers, with a server or without, and what turned out to be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.api.rows import PredictResult, body_of
from omloop.api.server import RunningServer
from omloop.api.verbs.base import Verbs

if TYPE_CHECKING:
    from omloop.core import Receipt
    from omloop.loop.serving.batch.batch import BatchResult
    from omloop.loop.serving.explain import ExplainedAnswer
    from omloop.loop.serving.replay import Replays
    from omloop.serve.access.keys import ApiKey, NewKey


class ServeVerbs(Verbs):
    """Whoever asks a version, and by which keys."""

    def serve(self, project: str) -> RunningServer:
        """Serve the champion in a process of its own, until it is closed: `with ws.serve("NAME") as server: ...`."""
        name = self._name(project)
        return RunningServer(name, self.places, self._fields(name, None))

    @contextmanager
    def ui(self) -> Iterator[str]:
        """Show the web page in a process of its own for as long as the context lasts, and give its address.

        It shows this workspace's folder, with the settings of the environment and omloop.toml: `omloop ui`.
        """
        from omloop.loop.steer.page import page_apart

        with page_apart(self.places) as address:
            yield address

    def key(self, *roles: str, name: str = "") -> NewKey:
        """A key for callers of servers, with roles such as `predict`; only its hash is kept, so keep its `secret`."""
        from omloop.loop.serving.keys import new_key

        return new_key(self.places, roles, name)

    def api_keys(self) -> Sequence[ApiKey]:
        """The keys that servers take."""
        from omloop.loop.serving.keys import list_keys

        return list_keys(self.places).keys

    def revoke_key(self, key: str) -> None:
        """Revoke a key by its id, or those of a name; running servers know it within a second."""
        from omloop.loop.serving.keys import revoke_key

        revoke_key(self.places, key)

    def predict(self, project: str, rows: Any, *, version: str | None = None, record: bool = False) -> PredictResult:
        """Answer rows without a server, by the champion or by `version`; with `record`, keep them in the log.

        `rows` are mappings, a data frame of pandas or polars, texts, or pictures (paths, bytes, arrays, Pillow's
        images). Raises InputError that names the first field that is not accepted.
        """
        from omloop.loop.serving.predict import RequestBody, predict

        name = self._name(project)
        body = RequestBody(body_of(rows, self._fields(name, version)))
        answered = predict(name, self.places, body, version=version, record=record)
        return PredictResult(answered["version"], tuple(answered["predictions"]), answered.get("problems", {}))

    def explain_answer(
        self,
        project: str,
        row: Mapping[str, object] | None = None,
        *,
        id: str = "",
        file: str | Path | None = None,
        of: str = "",
        version: str | None = None,
    ) -> ExplainedAnswer:
        """What one answer hangs on: Shapley values of the pieces of a `row`, of a logged prediction, or of a `file`.

        Of classes it is the probability of the one called `of`, or of that which is answered. Raises InputError that
        names the first field that is not accepted, and OmloopError for no prediction of the `id`.
        """
        from omloop.loop.serving.explain import explain_file, explain_prediction, explain_row

        name = self._name(project)
        if id:
            return explain_prediction(name, self.places, id, version=version, of=of)
        if file is not None:
            return explain_file(name, self.places, Path(file), version=version, of=of)
        return explain_row(name, self.places, row or {}, version=version, of=of)

    def predict_batch(
        self,
        project: str,
        path: str | Path,
        out: str | Path,
        *,
        keep: Sequence[str] = (),
        version: str | None = None,
        rows_per_block: int | None = None,
        on: str = "",
    ) -> BatchResult:
        """Answer a file, folder or zip block by block into `out`, here or `on` "ray": `omloop predict --batch`.

        Bad rows are set aside in a file beside it. A call that was interrupted is gone on with by the next same one.
        """
        from omloop.loop.serving.batch.batch import BatchOptions, predict_batch

        options = BatchOptions(tuple(keep), rows_per_block, version, on)
        name, tell = self._name(project), self._tell
        return predict_batch(name, self.places, str(path), Path(out), options, tell=tell, progress=lambda found: None)

    def examples(self, project: str, rows: int = 3, *, version: str | None = None) -> list[Any]:
        """The first of the rows by which a version proves itself, in the form in which a request has them.

        There are 16 at most. Raises OmloopError where there is no version.
        """
        registry = self._registry(project)
        return [*registry.load(version or registry.require_champion()).examples.rows[:rows]]

    def replay(
        self, project: str, *ids: str, newest: int | None = None, random: int | None = None, seed: int = 0
    ) -> Replays:
        """Ask versions again what they were asked, and compare: by ids, the `newest`, or so many at `random`."""
        from omloop.loop.serving.replay import replay

        return replay(self._name(project), self.places, ids, newest=newest, random=random, seed=seed)

    def feedback(self, project: str, labels: Mapping[str, Any]) -> Receipt:
        """Tell what turned out to be true of earlier predictions: labels by the id of the prediction."""
        from omloop.loop.serving.feedback import send_feedback

        return send_feedback(self._name(project), self.places, [(key, str(value)) for key, value in labels.items()])
