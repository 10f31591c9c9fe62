"""The newest predictions with what a person can see of them."""

import base64
import io

import pytest
from PIL import Image as Picture
from tests.loop.steer.conftest import Client
from tests.loop.steer.tiny import NOW, ROW, logged, with_champion

from omloop.core import Prediction
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle

PATH = "/projects/tiny/predictions"


def test_before_anything_is_logged_there_are_none(workspace: Workspace, client: Client) -> None:
    assert client(with_champion(workspace)).get(PATH).json() == {"predictions": []}


def test_the_newest_come_first_with_answer_label_and_row(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    ids = logged(workspace, [NOW - 3.0, NOW - 2.0, NOW - 1.0], labels={1: 44.0})
    found = client(workspace).get(f"{PATH}?newest=2").json()["predictions"]
    assert [one["id"] for one in found] == ids[:0:-1]
    assert (found[0]["answer"], found[0]["label"]) == (41.0, None)
    assert found[0]["right"] is None and found[0]["probability"] is None
    assert (found[1]["label"], found[1]["error"], found[1]["right"]) == (44.0, 3.0, None)
    assert found[0]["glimpse"] == {name: str(value) for name, value in ROW.items()}


def test_of_classes_it_is_told_how_sure_and_whether_it_was_right(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace, tiny_bundle(classes=("sad", "happy")))
    logged(workspace, [NOW - 2.0, NOW - 1.0], labels={0: "happy", 1: "sad"})
    wrong, right = client(workspace).get(PATH).json()["predictions"]
    assert (right["answer"], right["right"], wrong["right"]) == ("happy", True, False)
    assert right["probability"] == right["output"]["probabilities"]["happy"]


def test_a_picture_is_shown_small_where_the_log_keeps_it(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace, tiny_image_bundle())
    content = io.BytesIO()
    Picture.new("RGB", (300, 200), "red").save(content, "PNG")
    row = {"image": base64.b64encode(content.getvalue()).decode()}
    logged(workspace, [NOW - 2.0], row=row)
    logged(workspace, [NOW - 1.0], row=row, keep=False)
    without, kept = client(workspace).get(PATH).json()["predictions"]
    (shown,) = kept["glimpse"].values()
    head, _, encoded = shown.partition(",")
    assert head == "data:image/jpeg;base64" and max(Picture.open(io.BytesIO(base64.b64decode(encoded))).size) <= 300
    assert without["glimpse"] == {}


def test_a_text_is_shown_by_its_first_words(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace, tiny_text_bundle())
    logged(workspace, [NOW - 1.0], row={"review": "good, not bad"})
    (found,) = client(workspace).get(PATH).json()["predictions"]
    assert found["glimpse"] == {"review": "good, not bad"}


def test_one_is_found_by_its_id_with_its_inputs(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    (known,) = logged(workspace, [NOW - 1.0], labels={0: 41.0})
    found = client(workspace).get(f"{PATH}/{known}").json()
    assert (found["id"], found["inputs"], found["label"], found["variant"]) == (known, ROW, 41.0, "model.onnx")
    assert found["error"] == 0.0
    answer = client(workspace).get(f"{PATH}/nobody")
    assert answer.status_code == 404 and "'nobody'" in answer.json()["error"]["message"]


def test_what_no_version_can_read_any_more_is_listed_without_an_answer(workspace: Workspace, client: Client) -> None:
    workspace = with_champion(workspace)
    version = workspace.registry("tiny").require_champion()
    log = workspace.predictions("tiny")
    log.record(
        [
            Prediction("gone", NOW, "0123456789ab", {}, {"value": 1.0}, 1.0),
            Prediction("other", NOW, version, {}, {"label": "happy"}, 1.0),
        ]
    )
    log.close()
    found = client(workspace).get(PATH).json()["predictions"]
    assert [(one["id"], one["answer"], one["glimpse"]) for one in found] == [("other", None, {}), ("gone", None, {})]


@pytest.mark.parametrize("newest", ["0", "201", "many"])
def test_no_number_of_predictions_is_refused(newest: str, workspace: Workspace, client: Client) -> None:
    assert client(with_champion(workspace)).get(f"{PATH}?newest={newest}").status_code == 400
