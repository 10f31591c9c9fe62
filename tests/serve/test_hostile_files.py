"""Files, forms and texts that are made to harm: bombs, cut and mislabelled pictures, forms out of order.

Each has its status, its field and a word of its message; the next good picture or text is answered.
"""

import base64
import io
import json
import struct
import zlib

import numpy as np
import PIL.Image
import pytest

from omloop.testing.bundles import tiny_image_bundle, tiny_text_bundle

pytestmark = [pytest.mark.parametrize("way", ["short", "long"]), pytest.mark.usefixtures("no_faults")]

JSON, FORM = "application/json", "multipart/form-data; boundary=line"
NAMED = b'Content-Disposition: form-data; name="image"'


def saved(form: str, image: PIL.Image.Image | None = None, **options) -> bytes:
    written = io.BytesIO()
    (image or PIL.Image.new("RGB", (40, 30), (100, 100, 100))).save(written, form, **options)
    return written.getvalue()


def noise(form: str, **options) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    return saved(form, PIL.Image.fromarray(pixels), **options)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def in_json(*files: bytes | str) -> bytes:
    spelt = [file if isinstance(file, str) else base64.b64encode(file).decode() for file in files]
    return json.dumps({"rows": [{"image": text} for text in spelt]}).encode()


def form(*parts: bytes, end: bytes = b"--line--\r\n") -> bytes:
    return b"".join(b"--line\r\n" + part + b"\r\n" for part in parts) + end


def part(content: bytes, head: bytes = NAMED) -> bytes:
    return head + b"\r\n\r\n" + content


GIF = b"GIF89a\x04\0\x04\0\x80\0\0" + bytes(6)
FRAME = b"\x2c\0\0\0\0\x04\0\x04\0\0\x02\x02\x84\x51\0"
PIXEL = saved("GIF", PIL.Image.new("L", (1, 1)))
GREY = zlib.compress(b"\0" * (4 * 5))

FILES: dict[str, tuple[bytes, int, str]] = {
    # name: file, status, a word of the message
    "nothing": (b"", 422, "is empty"),
    "a picture by name alone": (b"picture.png", 422, "is not a picture"),
    "a JPEG cut in its header": (noise("JPEG")[:100], 422, "cut off"),
    "a JPEG cut in the middle": (noise("JPEG")[:2000], 422, "cut off"),
    "a JPEG without an end of its fill bytes": (b"\xff\xd8" + b"\xff" * 100_000, 422, "between its segments"),
    "a JPEG of empty segments": (b"\xff\xd8\xff" + b"\xe0\0\2\xff" * 100_000, 422, "more than 1,000 segments"),
    "a JPEG of segments of no length": (b"\xff\xd8\xff\xe0\0\0" * 1000, 422, "more than 1,000 segments"),
    "a JPEG of 1,000 scans": (noise("JPEG", progressive=True) + b"\xff\xda" * 1000, 422, "scans"),
    "a JPEG that claims 65,535 x 65,535": (
        noise("JPEG").replace(struct.pack(">HH", 60, 80), b"\xff\xff\xff\xff"),
        422,
        "65,535 x 65,535 pixels",
    ),
    "a PNG cut in its signature": (b"\x89PNG\r\n", 422, "is not a picture"),
    "a PNG cut in its header": (png(4, 4)[:20], 422, "cut off in its header"),
    "a PNG cut in the middle": (noise("PNG")[:5000], 422, "cut off"),
    "a PNG without pixels": (png(4, 4), 422, "damaged or cut off"),
    "a PNG of no width": (png(0, 4, chunk(b"IDAT", GREY)), 422, "claims 0 x 4 pixels"),
    "a PNG that claims 30,000 x 30,000": (png(30_000, 30_000, chunk(b"IDAT", GREY)), 422, "too many"),
    "a PNG that claims 2 billion x 2 billion": (png(2**31 - 1, 2**31 - 1), 422, "too many"),
    "a PNG with a wrong checksum": (png(4, 4, chunk(b"IDAT", GREY)).replace(b"\4\x08", b"\5\x08"), 422, "damaged"),
    "a PNG of a colour type that there is not": (png(4, 4, chunk(b"IDAT", GREY), colour=9), 422, "damaged"),
    "a PNG whose chunk claims 4 GB": (png(4, 4, b"\xff\xff\xff\xfftEXt" + GREY), 422, "damaged"),
    "a PNG with a text of 64 MB in 64 kB": (
        png(4, 4, chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(2**26), 9)), chunk(b"IDAT", GREY)),
        422,
        "damaged",
    ),
    "a PNG of 101 pictures": (
        saved("PNG", save_all=True, append_images=[PIL.Image.new("RGB", (40, 30), (n,) * 3) for n in range(101)]),
        422,
        "more than 100 frames",
    ),
    "a GIF cut in its header": (GIF[:8], 422, "cut off in its header"),
    "a GIF without a picture": (GIF + b"\x3b", 422, "damaged"),
    "a GIF of 500 pictures": (GIF + FRAME * 500 + b"\x3b", 422, "more than 100 frames"),
    "a GIF of a million empty blocks": (GIF + b"\x21\xfe\0" * 1_000_000, 422, "more than 10,000 blocks"),
    "a GIF that claims 65,535 x 65,535": (b"GIF89a\xff\xff\xff\xff\0\0\0" + FRAME, 422, "too many"),
    "a small GIF with a large picture in it": (
        GIF + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x84\x51\0\x3b",
        422,
        "too many",
    ),
    "a WebP cut in its header": (noise("WEBP")[:20], 422, "cut off in its header"),
    "a WebP cut in the middle": (noise("WEBP", lossless=True)[:3000], 422, "damaged or cut off"),
    "a WebP that claims 16,383 x 16,383": (
        b"RIFF\xff\0\0\0WEBPVP8 \xff\0\0\0\x30\x01\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(50),
        422,
        "16,383 x 16,383 pixels",
    ),
    "a BMP cut in its header": (noise("BMP")[:20], 422, "cut off in its header"),
    "a BMP cut in the middle": (noise("BMP")[:5000], 422, "damaged or cut off"),
    "a BMP of a height below nothing": (
        b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, 4, -(2**31), 1, 24, 0, 0, 0, 0, 0, 0),
        422,
        "too many",
    ),
    "a BMP of a width below nothing": (
        b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, -4, 4, 1, 24, 0, 0, 0, 0, 0, 0),
        422,
        "claims -4 x 4 pixels",
    ),
    "a BMP of a colour depth that there is not": (
        b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, 4, 4, 1, 13, 0, 0, 0, 0, 0, 0) + bytes(99),
        422,
        "damaged",
    ),
    "a TIFF": (saved("TIFF"), 422, "a TIFF"),
    "an icon": (saved("ICO"), 422, "an icon"),
    "an SVG that asks for another file": (
        b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        422,
        "an SVG",
    ),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n", 422, "is not a picture"),
    "a ZIP archive": (b"PK\3\4" + bytes(100), 422, "a ZIP"),
    "a pickle": (b"\x80\x04cos\nsystem\n(S'true'\ntR.", 422, "is not a picture"),
    "a PNG behind a web page": (b"<html>" + noise("PNG"), 422, "a web page"),
}

BODIES: dict[str, tuple[bytes, str, int, str]] = {
    # name: body, content type, status, field
    "no row": (b'{"rows": []}', JSON, 422, "rows"),
    "a row that is the picture": (b'{"rows": ["R0lGODlh"]}', JSON, 422, "rows[0]"),
    "a picture that is a number": (b'{"rows": [{"image": 1}]}', JSON, 422, "rows[0].image"),
    "a picture that is null": (b'{"rows": [{"image": null}]}', JSON, 422, "rows[0].image"),
    "a picture that is a list of bytes": (b'{"rows": [{"image": [137, 80]}]}', JSON, 422, "rows[0].image"),
    "base64 of another alphabet": (in_json("_-_-"), JSON, 422, "rows[0].image"),
    "base64 with a line end": (in_json("R0lG\nODlh"), JSON, 422, "rows[0].image"),
    "base64 that is cut off": (in_json("R0lGO"), JSON, 422, "rows[0].image"),
    "base64 of letters beyond ASCII": (in_json("R0lGODlhé"), JSON, 422, "rows[0].image"),
    "an address on the web": (in_json("https://example.com/a.png"), JSON, 422, "rows[0].image"),
    "an address of a file": (in_json("file:///etc/passwd"), JSON, 422, "rows[0].image"),
    "an address with nothing in it": (in_json("data:image/png;base64,"), JSON, 422, "rows[0].image"),
    "a good picture and a bad one": (in_json(PIXEL, b"x"), JSON, 422, "rows[1].image"),
    "two names": (b'{"rows": [{"image": "", "person": "me"}]}', JSON, 422, "rows[0].person"),
    "a form without a boundary": (form(part(PIXEL)), "multipart/form-data", 422, ""),
    "a form with an empty boundary": (form(part(PIXEL)), 'multipart/form-data; boundary=""', 422, ""),
    "a form with a boundary of 71 letters": (form(part(PIXEL)), f"multipart/form-data; boundary={'x' * 71}", 422, ""),
    "a form with a boundary of bytes": (form(part(PIXEL)), "multipart/form-data; boundary=\xff\xfe", 422, ""),
    "a form with another boundary": (form(part(PIXEL)), "multipart/form-data; boundary=other", 400, ""),
    "a form in an unknown coding": (form(part(PIXEL)), "multipart/form-data; boundary*=utf-8''%ff%fe", 422, ""),
    "a form without an end": (form(part(PIXEL), end=b""), FORM, 400, ""),
    "a form without a part": (form(), FORM, 422, "image"),
    "a form of 1,001 parts": (form(*[part(PIXEL)] * 1001), FORM, 422, ""),
    "a form of another name": (
        form(part(PIXEL, b'Content-Disposition: form-data; name="file"')),
        FORM,
        422,
        "rows[0].file",
    ),
    "a form without a name": (form(part(PIXEL, b"Content-Disposition: form-data")), FORM, 422, "part[0]"),
    "a form that is attached": (
        form(part(PIXEL, b'Content-Disposition: attachment; name="image"')),
        FORM,
        422,
        "part[0]",
    ),
    "a form without headers": (form(PIXEL), FORM, 422, "part[0]"),
    "a form with headers of 9,000 bytes": (form(part(PIXEL, NAMED + b"\r\nX: " + b"y" * 9000)), FORM, 422, "part[0]"),
    "a form in base64": (
        form(part(base64.b64encode(PIXEL), NAMED + b"\r\nContent-Transfer-Encoding: base64")),
        FORM,
        422,
        "part[0]",
    ),
    "a form with a path for a name": (
        form(part(PIXEL, b'Content-Disposition: form-data; name="../../etc/passwd"')),
        FORM,
        422,
        "rows[0].../../etc/passwd",
    ),
    "a form within a form": (
        form(part(form(part(PIXEL)), NAMED + b"\r\nContent-Type: multipart/mixed; boundary=line")),
        FORM,
        422,
        "part[0]",
    ),
    "a form of the web": (b"image=R0lGODlh", "application/x-www-form-urlencoded", 415, ""),
    "a picture in a video's clothes": (PIXEL, "video/mp4", 415, ""),
    "a picture in a table's clothes": (PIXEL, "text/csv", 415, ""),
    "a file of 17 MB": (b"\x89PNG\r\n\x1a\n" + bytes(17_000_000), "image/png", 413, ""),
    "20,000 tiny pictures, cut off": (
        (b'{"rows": [' + b",".join([b'{"image": "%s"}' % base64.b64encode(PIXEL)] * 20_000) + b"]}")[:999_000],
        JSON,
        400,
        "",
    ),
}

TEXTS: dict[str, tuple[bytes, str, int, str]] = {
    "an empty text": (b"", "text/plain", 422, "rows[0].review"),
    "white space": (b" \n\t \xc2\xa0", "text/plain", 422, "rows[0].review"),
    "marks alone": (b"<br/><b></b>&nbsp;", "text/plain", 422, "rows[0].review"),
    "61 letters": (b"x" * 61, "text/plain", 422, "rows[0].review"),
    "a megabyte of letters": (b"x" * 1_000_000, "text/plain", 422, "rows[0].review"),
    "more than a megabyte": (b"x" * 1_000_001, "text/plain", 413, ""),
    "a zero byte": (b"go\0od", "text/plain", 400, ""),
    "UTF-16": ("good".encode("utf-16"), "text/plain", 400, ""),
    "Latin-1": (b"sch\xf6n", "text/plain", 400, ""),
    "an overlong encoding": (b"\xc0\xae\xc0\xae", "text/plain", 400, ""),
    "half a surrogate in UTF-8": (b"\xed\xa0\x80", "text/plain", 400, ""),
    "half a surrogate in JSON": (rb'{"rows": [{"review": "\ud800"}]}', JSON, 400, ""),
    "a text that is a number": (b'{"rows": [{"review": 1}]}', JSON, 422, "rows[0].review"),
    "a text that is a list": (b'{"rows": [{"review": ["good"]}]}', JSON, 422, "rows[0].review"),
    "a text that is nested 10,000 deep": (
        b'{"rows": [{"review": %s}]}' % (b"[" * 10_000 + b"]" * 10_000),
        JSON,
        400,
        "",
    ),
    "another name": (b'{"rows": [{"text": "good"}]}', JSON, 422, "rows[0].text"),
    "a CSV of two columns": (b"review,label\ngood,1\n", "text/csv", 422, "rows[0].label"),
    "a CSV with a field of 200,000 letters": (b"review\n" + b"x" * 200_000 + b"\n", "text/csv", 400, ""),
    "a picture": (PIXEL, "text/plain", 400, ""),
    "a picture said to be one": (PIXEL, "image/gif", 415, ""),
}


def told(answer) -> tuple[int, str, str]:
    """The status, the field and the message, one line of reasonable length."""
    error = answer.json()["error"]
    assert "\n" not in error["message"] and len(answer.content) < 2000 and " at 0x" not in answer.text
    return answer.status_code, error.get("field", ""), error["message"]


@pytest.fixture
def pictures(hostile, way):
    started = hostile(way, tiny_image_bundle)
    yield started
    good = started.client.post("/v1/predict", content=saved("PNG"), headers={"content-type": "image/png"})
    assert [one["value"] for one in good.json()["predictions"]] == [100.0]


@pytest.fixture
def texts(hostile, way):
    started = hostile(way, tiny_text_bundle)
    yield started
    good = started.client.post("/v1/predict", content=b"good", headers={"content-type": "text/plain"})
    assert [one["label"] for one in good.json()["predictions"]] == ["positive"]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_however_it_is_sent(pictures, name):
    """As it is, in a form and in JSON; the content type says nothing, the bytes do."""
    content, status, words = FILES[name]
    send = pictures.client.post
    alone = send("/v1/predict", content=content, headers={"content-type": "application/octet-stream"})
    assert told(alone)[:2] == (status, "image") and words in told(alone)[2], alone.text
    for answer in (
        send("/v1/predict", content=form(part(content)), headers={"content-type": FORM}),
        send("/v1/predict", content=in_json(content), headers={"content-type": JSON}),
    ):
        if len(content) < 700_000:
            assert told(answer)[:2] == (422, "rows[0].image") and words in told(answer)[2], answer.text


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_way_to_send_a_picture_is_refused(pictures, name):
    body, media, status, field = BODIES[name]
    headers = [(b"content-type", media.encode("latin-1"))]
    answer = pictures.client.post("/v1/predict", content=body, headers=headers)
    assert told(answer)[:2] == (status, field), answer.text


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_refused(texts, name):
    body, media, status, field = TEXTS[name]
    answer = texts.client.post("/v1/predict", content=body, headers={"content-type": media})
    assert told(answer)[:2] == (status, field), answer.text
