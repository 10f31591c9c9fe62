"""What each of the five services answered before, asked over HTTP as their clients ask; the files are the projects'."""

import io
from pathlib import Path

import httpx
import numpy as np
import PIL.Image
import pytest

from omloop.bundle import Bundle
from omloop.kinds import Classes, Image
from omloop.serve import Champion
from omloop.serve.compat.former_service import former_service
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryVersions

PROJECTS = Path(__file__).parents[3] / "projects"
EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise", "contempt")
DIAGNOSES = ("nv", "mel", "bkl", "bcc", "akiec", "vasc", "df")
GREY = Image(48, 48, 1)


def with_compat(bundle: Bundle, project: str) -> Bundle:
    content = (PROJECTS / project / "compat.json").read_bytes()
    return Bundle.seal(bundle.manifest, {**bundle.files, "compat.json": content})


def emotion() -> Bundle:
    return with_compat(tiny_image_bundle(-1.0, kind=GREY, outputs=Classes("emotion", EMOTIONS)), "emotion")


def skin_lesion() -> Bundle:
    flags = {"malignant": ("mel", "bcc", "akiec")}
    return with_compat(tiny_image_bundle(-1.0, outputs=Classes("dx", DIAGNOSES, flags=flags)), "skin_lesion")


def faces() -> Bundle:
    people = Classes("person", tuple(f"person_{number:02d}" for number in range(40)))
    return with_compat(tiny_image_bundle(1.0, kind=Image(64, 64, 1), outputs=people), "faces")


def picture(level: int) -> bytes:
    written = io.BytesIO()
    PIL.Image.new("RGB", (60, 45), (level,) * 3).save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def asking(serve_with):
    """A function that starts a server over a bundle."""
    started = []

    def start(bundle: Bundle, compat: tuple[str, ...] = ("former-service",)):
        context = serve_with(MemoryVersions(bundle), compat=compat)
        started.append(context)
        return context.__enter__()

    yield start
    for context in started:
        context.__exit__(None, None, None)


def test_emotion_takes_a_form_and_answers_with_its_own_names_of_classes(asking):
    server = asking(emotion())
    assert server.client.get("/health").json() == {"status": "ok"}
    answer = server.client.post("/predict", files={"file": ("face.jpg", picture(255), "image/jpeg")})
    assert answer.json() == {"emotion": "anger", "confidence": pytest.approx(1.0)}
    (kept,) = server.predictions.kept
    assert kept.output["label"] == "angry"


def test_skin_lesion_says_whether_it_is_cancer(asking):
    server = asking(skin_lesion())
    assert server.client.get("/").json() == {"message": "Skin Lesion Classification API", "status": "ready"}
    health = server.client.get("/health").json()
    assert health == {"status": "healthy", "model_loaded": True, "model_path": server.versions.current}
    answer = server.client.post("/inference", files={"file": ("lesion.jpg", picture(0), "image/jpeg")}).json()
    assert (answer["predicted_class"], answer["diagnosis"], answer["is_cancer"]) == (0, "nv", False)
    assert list(answer["probabilities"]) == list(DIAGNOSES) and sum(answer["probabilities"].values()) == pytest.approx(
        1
    )


def test_student_performance_answers_numbers_alone(asking, row):
    server = asking(with_compat(tiny_bundle(), "student_performance"))
    assert server.client.get("/").json() == {"message": "OK", "status-code": 200}
    assert server.client.post("/predict", json={"rows": [row, {**row, "age": 21}]}).json() == {"predictions": [44, 46]}
    refused = server.client.post("/predict", json={"rows": [{**row, "age": 3}]})
    assert (refused.status_code, refused.json()["detail"][:12]) == (422, "rows[0].age:")


def test_a_client_need_not_send_what_the_service_before_did_not_ask_for(asking):
    """The columns that student_performance fills in; of those the tiny model has `age` alone."""
    server = asking(with_compat(tiny_bundle(), "student_performance"))
    rows = [{"hours": 1, "sex": "m"}, {"hours": 1, "sex": "m", "age": 20}]
    assert server.client.post("/predict", json={"rows": rows}).json() == {"predictions": [42, 44]}
    document = server.client.get("/openapi.json").json()["paths"]["/predict"]["post"]["requestBody"]
    row = document["content"]["application/json"]["schema"]["properties"]["rows"]["items"]
    assert (row["required"], row["properties"]["age"]["default"]) == (["hours", "sex"], 19)
    missing = server.client.post("/predict", json={"rows": [{"hours": 1}]})
    assert (missing.status_code, missing.json()["detail"]) == (422, "rows[0].sex: is missing; send one of 'f', 'm'")
    assert server.client.post("/predict", json={"rows": [1]}).status_code == 422


def test_probes_find_beside_our_words_what_they_read_before(asking):
    server = asking(faces())
    assert server.client.get("/healthz").json() == {"status": "alive", "ok": True}
    version = server.versions.current
    ready = {"status": "ready", "version": version, "ready": True, "model_version": version}
    assert server.client.get("/readyz").json() == ready
    assert asking(faces(), ()).client.get("/healthz").json() == {"status": "alive"}


def test_faces_takes_pixels_on_the_scale_that_it_took_and_no_other(asking):
    """What it divided by 255 twice; the usual scales got a label without a meaning, and get a reason now."""
    server = asking(faces())
    answer = server.client.post("/predict_image", json={"pixels": [1 / 255] * 4096}).json()
    assert (answer["label"], len(answer["probabilities"])) == (39, 40)
    assert answer["model_version"] == server.versions.current and answer["latency_ms"] > 0
    for pixels in ([128.0] * 4096, [1.0] * 4096, [0.0] * 4095, ["x"] * 4096, [-1.0] * 4096, [1e308] * 4096):
        refused = server.client.post("/predict_image", json={"pixels": pixels})
        assert (refused.status_code, "pixels" in refused.json()["detail"]) == (422, True)
    levels = np.full(4096, 200 / 255 / 255)
    server.client.post("/predict_image", json={"pixels": levels.tolist()})
    (seen,) = Image(64, 64, 1).recall([server.predictions.kept[-1].inputs])["brightness"]
    assert seen == pytest.approx(200 / 255)


def test_imdb_takes_a_text_in_the_address(asking):
    server = asking(with_compat(tiny_text_bundle(4.0), "imdb"))
    assert server.client.get("/").json() == {"Hello": "World"}
    label, share = server.client.get("/review/", params={"input_string": "good & good"}).json()
    assert (label, share) == ("positive", pytest.approx(1, abs=1e-3))
    label, share = server.client.get("/review/").json()
    assert (label, share) == ("negative", pytest.approx(0.018, abs=1e-3))
    assert [kept.inputs["review"] for kept in server.predictions.kept] == ["good & good", "it was a bad movie"]
    unread = server.client.get("/review/?input_string=sch%f6n")
    assert (unread.status_code, unread.json()["detail"]) == (400, "the query is not UTF-8")


def test_without_the_flag_the_addresses_are_not_there(asking):
    server = asking(emotion(), ())
    assert server.client.get("/health").status_code == 404
    assert "/predict" not in server.client.get("/openapi.json").json()["paths"]


def test_a_version_without_the_file_has_none_of_the_addresses(asking, row):
    server = asking(tiny_bundle())
    assert server.client.post("/predict", json={"rows": [row]}).status_code == 404
    assert server.predict().status_code == 200


def test_the_addresses_are_those_of_the_version_that_serves(asking):
    server = asking(emotion())
    assert server.client.get("/health").status_code == 200
    server.versions.promote(tiny_image_bundle())
    server.champion.refresh()
    assert server.client.get("/health").status_code == 404


def test_what_is_wrong_is_told_as_detail(asking):
    server = asking(emotion())
    post = server.client.post
    cases: list[tuple[httpx.Response, int, str]] = [
        (post("/predict", files={"file": ("a", b"no picture")}), 422, "is not a picture"),
        (post("/predict", files={"image": ("a", picture(9))}), 422, "file: the form has 0 files"),
        (post("/predict", files=[("file", ("a", picture(9)))] * 2), 422, "file: the form has 2 files"),
        (post("/predict", content=b"x", headers={"content-type": "multipart/form-data; boundary=x"}), 400, "cut off"),
        (post("/predict", json={"file": "x"}), 415, "send multipart/form-data"),
    ]
    for answer, status, words in cases:
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert server.client.get("/predict").status_code == 405
    assert server.client.get("/predict").headers["allow"] == "POST"


def test_requests_are_counted_under_one_route(asking):
    server = asking(emotion())
    for _ in range(3):
        server.client.get("/health")
    assert 'omloop_requests_total{route="former-service",status="200"} 3' in server.client.get("/metrics").text


@pytest.mark.parametrize(
    ("bundle", "path", "method"),
    [(emotion, "/predict", "post"), (skin_lesion, "/inference", "post"), (faces, "/predict_image", "post")],
)
def test_the_document_tells_the_addresses_of_the_version(asking, bundle, path, method):
    server = asking(bundle())
    told = server.client.get("/openapi.json").json()["paths"][path][method]
    assert "requestBody" in told and set(told["responses"]) >= {"200", "400", "415", "422", "503"}
    assert told["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "object"


def test_before_the_first_version_there_is_nothing_to_tell(serve_with):
    way = former_service(type("Front", (), {"champion": Champion(MemoryVersions(), threads=1)})())
    assert way.paths(None) == {}
    with serve_with(MemoryVersions(), compat=("former-service",)) as server:
        assert server.client.get("/health").status_code == 404


def test_head_asks_for_no_prediction(asking):
    """It may ask for what GET tells of the server."""
    server = asking(with_compat(tiny_text_bundle(4.0), "imdb"))
    before = len(server.predictions.kept)
    asked = server.client.head("/review/", params={"input_string": "good"})
    assert (asked.status_code, asked.headers["allow"], asked.content) == (405, "GET", b"")
    assert server.client.head("/").status_code == 200
    assert server.client.head("/v1/predict").status_code == 405
    assert len(server.predictions.kept) == before
