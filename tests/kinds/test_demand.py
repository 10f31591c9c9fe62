"""What a body will take, told before it is read."""

import base64
import io

import PIL.Image
import pytest

from omloop.kinds import Image, Text
from omloop.testing.bundles import TABLE

KIND = Image(8, 6)
BOUNDARY = "multipart/form-data; boundary=x"


def picture(width: int, height: int, form: str = "PNG") -> bytes:
    written = io.BytesIO()
    PIL.Image.new("P", (width, height)).save(written, form)
    return written.getvalue()


def form(*files: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n'
    return b"".join(head + file + b"\r\n" for file in files) + b"--x--"


def test_rows_are_counted_as_objects_and_as_lines():
    assert TABLE.demand(b'{"rows": [{"age": 1}, {"age": "x"}, {}]}', "application/json").rows == 3
    assert TABLE.demand(b"age\n1\n2\n", "text/csv; charset=utf-8").rows == 2
    assert Text("review").demand(b"one text, of { and }", "text/plain").rows == 1


@pytest.mark.parametrize(
    ("body", "media", "rows", "pixels"),
    [
        (picture(500, 400), "image/png", 1, 200_000),
        (picture(500, 400, "GIF"), "application/octet-stream", 1, 200_000),
        (form(picture(30, 20), picture(500, 400)), BOUNDARY, 2, 200_600),
        (b'{"rows": [{"image": "%b"}]}' % base64.b64encode(picture(50, 40)), "application/json", 1, 2_000),
        (form(*[picture(10, 10)] * 300), BOUNDARY, 300, 30_000),
        (form(*[picture(10, 10)] * 99, picture(900, 900)), BOUNDARY, 100, 819_900),
        (b"no picture", "image/png", 1, 0),
        (b"{", "application/json", 1, 0),
    ],
    ids=["a file", "a GIF", "a form", "base64", "many", "a large one behind many", "none", "no JSON"],
)
def test_pixels_are_those_that_headers_claim_however_they_are_sent(body, media, rows, pixels):
    assert KIND.demand(body, media)[:2] == (rows, pixels)


def test_of_several_pictures_the_dearest_counts_because_they_are_decoded_one_by_one():
    one, three = (KIND.demand(form(*[picture(900, 900)] * count), BOUNDARY).memory for count in (1, 3))
    assert one > 900 * 900 * 13 and three < one + 10_000
