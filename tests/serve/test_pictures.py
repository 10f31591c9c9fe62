"""A model of pictures over HTTP: files, forms of files and base64, and what is refused of each."""

import base64
import io
import struct
import zlib

import numpy as np
import PIL.Image
import pytest

from omloop.serve import Champion, Limits, document
from omloop.testing.bundles import IMAGE, tiny_image_bundle
from omloop.testing.memories import MemoryVersions


def picture(level: int = 100, form: str = "PNG", **options) -> bytes:
    written = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), (level,) * 3).save(written, form, **options)
    return written.getvalue()


def bomb() -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def without_area() -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", 0, 5, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def noise(form: str) -> bytes:
    written = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    PIL.Image.fromarray(pixels).save(written, form)
    return written.getvalue()


def animation(frames: int, form: str = "GIF") -> bytes:
    pictures = [PIL.Image.new("L", (4, 4), index) for index in range(frames)]
    written = io.BytesIO()
    pictures[0].save(written, form, save_all=True, append_images=pictures[1:], lossless=True)  # keeps frames apart
    return written.getvalue()


@pytest.fixture
def pictures(serve_with):
    with serve_with(versions=MemoryVersions(tiny_image_bundle())) as server:
        yield server


def send(server, content: bytes, media_type: str = "image/jpeg"):
    return server.client.post("/v1/predict", content=content, headers={"content-type": media_type})


def levels(answer) -> list[float]:
    assert answer.status_code == 200, answer.text
    return [prediction["value"] for prediction in answer.json()["predictions"]]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_a_raw_file_is_answered(pictures, form):
    assert levels(send(pictures, picture(100, form), f"image/{form.lower()}")) == pytest.approx([100], abs=2)
    assert levels(send(pictures, picture(100, form), "application/octet-stream")) == pytest.approx([100], abs=2)


def test_one_or_many_files_of_a_form_are_answered_in_order(pictures):
    files = [("image", (f"{level}.png", picture(level), "image/png")) for level in (10, 30, 20)]
    assert levels(pictures.client.post("/v1/predict", files=files)) == pytest.approx([10, 30, 20], abs=1e-3)
    assert levels(pictures.client.post("/v1/predict", files=files[:1])) == pytest.approx([10], abs=1e-3)


def test_json_is_answered_and_what_was_kept_can_be_sent_again(pictures):
    rows = [{"image": base64.b64encode(picture(level)).decode()} for level in (10, 30)]
    assert levels(pictures.predict(*rows)) == pytest.approx([10, 30], abs=1e-3)
    kept = pictures.predictions.kept[-1].inputs
    assert levels(pictures.predict({"image": kept["image"]})) == pytest.approx([30], abs=1e-3)
    assert set(kept) == {"image"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"not a picture", "is not a picture"),
        (noise("JPEG")[:-900], "cut off"),
        (noise("PNG")[:-900], "cut off"),
        (picture()[:20], "cut off"),
        (b"II*\0" + b"\0" * 60, "is a TIFF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG"),
        (bomb(), "30,000 x 30,000 pixels"),
        (without_area(), "claims 0 x 5 pixels"),
        (animation(101), "more than 100 frames"),
        (animation(101, "WEBP"), "more than 100 frames"),
        (animation(101, "PNG"), "more than 100 frames"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_alike_in_every_way_of_sending_it(pictures, content, told):
    """One status, one line in words and the field, and nothing is recorded."""
    form = pictures.client.post("/v1/predict", files=[("image", ("a", picture())), ("image", ("b", content))])
    row = pictures.predict({"image": base64.b64encode(content).decode()})
    answers = [(send(pictures, content), "image"), (form, "rows[1].image"), (row, "rows[0].image")]
    for answer, field in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error.get("field")) == (422, field)
        assert told in error["message"] and "\n" not in error["message"]
    assert pictures.predictions.kept == []


@pytest.mark.parametrize("media_type", ["image/tiff", "image/svg+xml", "text/csv"])
def test_another_content_type_is_a_415_that_says_what_works(pictures, media_type):
    answer = send(pictures, picture(), media_type)
    assert answer.status_code == 415 and "image/png" in answer.json()["error"]["message"]


def test_text_that_is_not_base64_is_refused(pictures):
    answer = pictures.predict({"image": "%%%"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "rows[0].image")


def test_a_form_without_a_boundary_or_with_another_name_is_refused(pictures):
    assert send(pictures, b"x", "multipart/form-data").status_code == 422
    answer = pictures.client.post("/v1/predict", files=[("person", ("a", picture()))])
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "rows[0].person")
    assert "it is what the model answers" in answer.json()["error"]["message"]


def test_files_may_be_longer_than_json_and_still_have_a_limit(serve_with):
    limits = Limits(body_bytes=100, file_bytes=1000, workers=1)
    with serve_with(versions=MemoryVersions(tiny_image_bundle()), limits=limits) as server:
        assert send(server, picture().ljust(900, b"\0")).status_code == 200
        assert send(server, b"x" * 1001).status_code == 413
        assert server.predict({"image": "x" * 100}).status_code == 413


def test_the_document_describes_every_way_of_sending_a_picture():
    champion = Champion(MemoryVersions(tiny_image_bundle()), threads=1)
    champion.refresh()
    assert champion.serving is not None
    content = document(champion.serving)["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
    assert set(content) == set(IMAGE.media_types)
    assert content["image/jpeg"]["schema"] == {"type": "string", "format": "binary"}
    files = content["multipart/form-data"]["schema"]["properties"]["image"]
    assert files["items"] == {"type": "string", "format": "binary"}
    assert IMAGE.parse(content["application/json"]["example"]["rows"])["pixels"].shape == (1, 6, 8, 3)
