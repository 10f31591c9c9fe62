"""A logged prediction, answered again by the bytes that answered it."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from omloop.bundle import Bundle
from omloop.core import OmloopError, Prediction
from omloop.loop import Workspace
from omloop.loop.serving.predict import RequestBody, predict, predict_files
from omloop.loop.serving.replay import Replay, difference, replay
from omloop.testing.bundles import tiny_image_bundle, tiny_text_bundle

GoLive = Callable[..., None]
NAME = "student_performance"


def serving(workspace: Workspace, bundle: Bundle) -> Workspace:
    """A workspace where the bundle is champion of the project `tiny`."""
    registry = workspace.registry("tiny")
    registry.promote(registry.add(bundle, by="test"), expected=None, by="test", reason="a test")
    return workspace


def tampered(workspace: Workspace, name: str, **changes: Any) -> Prediction:
    """The newest prediction once more, with another id and something changed."""
    log = workspace.predictions(name)
    logged = log.window(newest=1).predictions[0]
    changed = replace(logged, id=logged.id[:-4] + "zzzz", time=time.time(), **changes)
    log.record([changed])
    log.close()
    return changed


def test_rows_that_were_answered_together_are_answered_alike_one_by_one(turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 60, drift=0.0, seed=3)
    newest, drawn = replay(NAME, turned, newest=40), replay(NAME, turned, random=40, seed=1)
    assert [newest.count("differs"), drawn.count("differs"), len(drawn.replays)] == [0, 0, 40]
    assert {one.prediction.id for one in newest.replays} != {one.prediction.id for one in drawn.replays}
    assert drawn.facts() == replay(NAME, turned, random=40, seed=1).facts()


def test_a_text_and_a_picture_are_answered_again_to_the_last_bit(workspace: Workspace, tmp_path: Path) -> None:
    PIL.Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30)).convert("RGB").save(tmp_path / "a.jpg")
    seen = predict_files("tiny", serving(workspace, tiny_image_bundle()), [tmp_path / "a.jpg"], record=True)
    texts = Workspace(replace(workspace.settings, workspace=str(tmp_path / "texts")))
    (field,) = tiny_text_bundle().kind.fields
    body = RequestBody(json.dumps({"rows": [{field: "a fine day"}]}).encode())
    read = predict("tiny", serving(texts, tiny_text_bundle()), body, record=True)
    for where, answered in ((workspace, seen), (texts, read)):
        (again,) = replay("tiny", where, [answered["predictions"][0]["id"]]).replays
        assert again.equal and again.verdict == "equal"


def test_an_answer_that_is_another_now_is_told(
    turned: Workspace, go_live: GoLive, omloop: Callable[..., tuple[int, str, str]]
) -> None:
    go_live(turned, 5, drift=0.0, seed=3)
    changed = tampered(turned, NAME, output={"prediction": 1.5})
    code, out, _ = omloop("replay", NAME, changed.id)
    assert code == 3 and "1 different" in out and "1.5" in out and changed.version in out
    assert omloop("replay", NAME, "--newest", 3)[0] == 3


def test_what_was_not_kept_is_counted(turned: Workspace, go_live: GoLive) -> None:
    go_live(turned, 5, drift=0.0, seed=3)
    changed = tampered(turned, NAME, inputs={"observed": {}})
    found = replay(NAME, turned, [changed.id])
    assert (len(found.replays), found.not_kept) == (0, 1)


def test_an_id_that_nobody_knows_and_an_empty_log_say_what_to_do(turned: Workspace, go_live: GoLive) -> None:
    with pytest.raises(OmloopError, match="holds no prediction. Serve the project"):
        replay(NAME, turned, newest=5)
    with pytest.raises(OmloopError, match="has the id 0123"):
        replay(NAME, turned, ["0123"])


@pytest.mark.parametrize("words", [(), ("--newest", 0), ("--newest", 3, "--random", 3), ("an-id", "--random", 3)])
def test_which_predictions_must_be_said_once(
    omloop: Callable[..., tuple[int, str, str]], words: tuple[Any, ...]
) -> None:
    code, _, err = omloop("replay", NAME, *words)
    assert code == 1 and "their ids, --newest N or --random N" in err


def test_a_difference_is_relative_and_a_word_or_a_gap_is_infinite() -> None:
    assert difference({"p": {"a": 0.5, "b": [1.0, 2.0]}}, {"p": {"a": 0.5, "b": [1.0, 4.0]}}) == 0.5
    assert difference({"p": {"a": 1.0, "b": 1e-9}, "q": 1}, {"p": {"a": 1.0, "b": 2e-9}, "q": 1}) == pytest.approx(1e-9)
    assert difference({"p": 1.0}, {"q": 1.0}) == math.inf == difference({"p": "a"}, {"p": 1.0})
    made = Prediction("i", 0.0, "v", {}, {}, 1.0)
    assert [Replay(made, {}, apart).verdict for apart in (0.0, 1e-7, 0.1)] == ["equal", "rounding", "differs"]
