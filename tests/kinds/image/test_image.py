import base64
import io
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from omloop.bundle import KINDS
from omloop.core import ConfigError, DataError, InputError, UnknownNameError
from omloop.kinds import Image

KIND = Image(6, 4, refused={"person": "it is what is asked"})


def png(width=6, height=4, mode="RGB", colour=128) -> bytes:
    return saved(PIL.Image.new(mode, (width, height), colour), "PNG")


def saved(image, form, **options) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from([1, 3]), st.integers(1, 9), st.integers(1, 9))
def test_rendered_examples_parse_to_the_same_examples(data, channels, width, height):
    """For any pixels that came in any size: what is logged can be sent again."""
    kind = Image(width, height, channels)
    examples = np.empty(2, kind.dtype)
    examples["pixels"] = data.draw(arrays(np.uint8, (2, height, width, channels)))
    for name in ("width", "height"):
        examples[name] = data.draw(arrays(np.int32, 2, elements=st.integers(1, 6000)))
    np.testing.assert_array_equal(kind.parse(kind.render(examples)), examples)


@settings(max_examples=25, deadline=None)
@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)),
    st.sampled_from(["stretch", "crop", "pad"]),
    st.sampled_from([1, 3]),
)
def test_an_array_and_the_png_of_it_give_the_same_example(pixels, fit, channels):
    """Training on arrays and serving files do not differ."""
    kind = Image(5, 3, channels, fit=fit)
    first, again = kind.encode({"image": [pixels, saved(PIL.Image.fromarray(pixels), "PNG")]})
    np.testing.assert_array_equal(first, again)


def test_floats_are_shares_of_white():
    kind = Image(2, 1, 1)
    assert kind.encode({"image": [np.array([[0.0, 1.0]])]})["pixels"].ravel().tolist() == [0, 255]


def test_grey_arrays_become_rgb_and_rgb_ones_grey():
    grey, colour = np.full((4, 6), 7, np.uint8), np.full((4, 6, 3), 7, np.uint8)
    assert (KIND.encode({"image": [grey]})["pixels"] == 7).all()
    assert (Image(6, 4, 1).encode({"image": [colour]})["pixels"] == 7).all()


def test_many_pictures_keep_their_order():
    """More than are decoded in one thread."""
    pictures = [png(colour=(index, 0, 0)) for index in range(200)]
    assert KIND.encode({"image": pictures})["pixels"][:, 0, 0, 0].tolist() == list(range(200))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"", "is empty"),
        (b"not a picture", "is not a picture"),
        (png()[:50], "cut off"),
        (None, "a picture is missing"),
        ("a.png", "a str is not a picture"),
        (np.zeros((2, 2, 2), np.uint8), "shape (2, 2, 2)"),
        (np.zeros((0, 2), np.uint8), "shape (0, 2)"),
        (np.array([[1.5]]), "floats from 0 to 1"),
        (np.array([[np.nan]]), "floats from 0 to 1"),
        (np.zeros((2, 2), np.int64), "int64"),
    ],
)
def test_a_bad_record_is_named_with_its_column(value, told):
    with pytest.raises(DataError) as refused:
        KIND.encode({"image": [png(), value]})
    assert str(refused.value).startswith("column 'image', record 2: ") and told in str(refused.value)
    assert KIND.bad_rows({"image": [png(), value]}).tolist() == [False, True]


def test_a_missing_column_is_told_with_the_nearest():
    with pytest.raises(DataError, match="missing: image. Did you mean 'images'"):
        KIND.encode({"images": [png()]})


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        ({"image": "???"}, "rows[0].image", "is not base64"),
        ({"image": 3}, "rows[0].image", "must be a text"),
        ({"image": base64_of(b"x")}, "rows[0].image", "is not a picture"),
        ({}, "rows[0].image", "is missing"),
        ({"picture": ""}, "rows[0].picture", "send 'image'"),
        ({"image": base64_of(png()), "person": 1}, "rows[0].person", "it is what is asked"),
        ([], "rows[0]", "must be an object"),
    ],
)
def test_a_bad_row_is_told_with_its_field(row, field, told):
    with pytest.raises(InputError) as refused:
        KIND.parse([row])
    assert refused.value.field == field and told in str(refused.value)


def test_the_address_that_a_browser_makes_of_a_file_is_accepted():
    assert KIND.parse([{"image": "data:image/png;base64," + base64_of(png())}])["pixels"].shape == (1, 4, 6, 3)


def test_many_small_files_that_claim_many_pixels_are_refused_together():
    kind = Image(1, 1, most_pixels=100)
    row = {"image": base64_of(png(10, 10))}
    assert len(kind.parse([row] * 4)) == 4
    with pytest.raises(InputError, match="at most 400 a request"):
        kind.parse([row] * 5)


def test_many_tiny_pictures_count_for_what_they_become():
    """Forty bytes each in a request, and a hundred kilobytes each in memory."""
    kind = Image(10, 10, most_pixels=100)
    assert len(kind.parse([{"image": base64_of(png(1, 1))}] * 4)) == 4
    with pytest.raises(InputError, match="at most 400 a request"):
        kind.parse([{"image": base64_of(png(1, 1))}] * 5)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"rows": []}', b'{"rows": [1]}', b'{"rows": 3}', b'{"x": 1}'])
def test_json_that_holds_no_pictures_is_refused(body):
    with pytest.raises(InputError):
        KIND.read(body, "application/json")


def test_a_raw_body_is_read_for_what_it_is():
    """The content decides, whichever type of picture was declared."""
    for media_type in ("image/jpeg", "image/png", "application/octet-stream", "IMAGE/GIF; x=y"):
        np.testing.assert_array_equal(KIND.read(png(), media_type)["pixels"], np.full((1, 4, 6, 3), [128, 0, 0]))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_what_a_look_at_a_body_found_is_read_to_the_same(form):
    """A file, a form of two and JSON; a body that is too long to lie there twice is looked at again."""
    kind, file = Image(4, 4), saved(PIL.Image.new("RGB", (9, 5), (200, 9, 90)), form)
    part = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n%b\r\n' % file
    rows = b'{"rows": [{"image": "%b"}]}' % base64.b64encode(file)
    bodies = [
        (file, "image/jpeg"),
        (2 * part + b"--x--", "multipart/form-data; boundary=x"),
        (rows, "application/json"),
    ]
    for content, media in bodies:
        opened = kind.demand(content, media).opened
        again, anew = kind.reader()(b"", "", opened), kind.reader()(content, media)
        np.testing.assert_array_equal(again[0], anew[0])
        assert again[1] == anew[1] and len(again[0]) == len(opened.files)
    assert kind.demand(file + bytes(40_000), "image/jpeg").opened is None


def test_another_content_type_is_told_what_works():
    with pytest.raises(InputError, match="image/jpeg or image/png"):
        KIND.read(png(), "image/tiff")


def test_the_log_keeps_the_picture_and_what_was_observed():
    examples = KIND.edges()
    records = KIND.record(examples)
    replayed = [KIND.replay(record) for record in records]
    np.testing.assert_array_equal(KIND.encode({"image": [raw["image"] for raw in replayed]}), examples)
    recalled = KIND.recall(records)
    for name, values in KIND.observe(examples).items():
        np.testing.assert_array_equal(recalled[name], values)


def jpeg(width, height, **options) -> bytes:
    return saved(PIL.Image.new("RGB", (width, height), (200, 90, 30)), "JPEG", **options)


def turned() -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    return jpeg(40, 30, exif=exif)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (jpeg(40, 30), "JPEG"),
        (png(), "PNG"),
        (saved(PIL.Image.new("RGB", (40, 30)), "WEBP"), "WEBP"),
        (saved(PIL.Image.new("RGB", (40, 30)), "BMP"), "PNG"),
        (turned(), "PNG"),
        (jpeg(300, 200), "PNG"),  # more than sixteen times the pixels
        (jpeg(40, 30) + bytes(4096), "PNG"),  # more bytes than are kept of any
    ],
)
def test_the_log_keeps_a_small_file_as_it_came_and_else_a_png(content, form):
    """Either is the example that was answered, in the size that it came in."""
    kind = Image(16, 12)
    examples, records = kind.reader()(content, "image/jpeg")
    (record,) = records
    assert PIL.Image.open(io.BytesIO(kind.replay(record)["image"])).format == form
    np.testing.assert_array_equal(kind.parse(records), examples)
    for name, values in kind.observe(examples).items():
        np.testing.assert_array_equal(kind.recall(records)[name], values)


def test_what_is_only_observed_is_measured_at_once():
    examples, records = Image(16, 12, keep=False).reader()(jpeg(40, 30), "image/jpeg")
    assert records is None
    assert set(Image(16, 12, keep=False).record(examples)[0]) == set(KIND.observed)


def test_a_log_of_before_has_both_and_is_read():
    (row,) = KIND.render(KIND.edges()[1:2])
    (numbers,) = Image(6, 4, keep=False).record(KIND.edges()[:1])
    assert KIND.recall([{**row, **numbers}])["brightness"].tolist() == [numbers["brightness"]]
    assert KIND.replay({**row, **numbers}) == KIND.replay(row)


def test_a_picture_of_the_log_that_cannot_be_read_any_more_has_no_numbers():
    assert np.isnan(KIND.recall([{"image": base64_of(b"x")}])["contrast"]).all()


def test_a_log_without_pictures_still_tells_what_was_observed():
    kind = Image(6, 4, keep=False)
    records = kind.record(kind.edges())
    assert all(set(record) == set(kind.observed) and kind.replay(record) is None for record in records)
    np.testing.assert_array_equal(kind.recall(records)["entropy"], kind.observe(kind.edges())["entropy"])


def test_recalling_measures_only_what_was_not_recorded():
    """A record of nothing but a picture is decoded; one of nothing at all gives NaN."""
    (row,) = KIND.render(KIND.edges()[1:2])
    assert KIND.recall([row])["brightness"].tolist() == [1.0]
    assert np.isnan(KIND.recall([{}])["brightness"]).all()
    assert KIND.recall([{**dict.fromkeys(KIND.observed, 0.5), "image": "nonsense"}])["contrast"].tolist() == [0.5]


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_the_size_that_a_picture_came_with_is_observed(fit):
    """However it is resized, and again when the log's copy of it is read back or learned from."""
    kind = Image(6, 4, fit=fit)
    examples = kind.encode({"image": [png(60, 20), np.zeros((50, 40), np.uint8), png()]})
    observed = kind.observe(examples)
    assert observed["area"].tolist() == [1200, 2000, 24]
    assert observed["aspect_ratio"].tolist() == [3, 0.8, 1.5]
    records = kind.record(examples)
    replayed = kind.encode({"image": [kind.replay(record)["image"] for record in records]})
    bare = kind.recall([{"image": record["image"]} for record in records])
    for again in (kind.observe(replayed), kind.recall(records), bare):
        np.testing.assert_array_equal(again["area"], observed["area"])
        np.testing.assert_array_equal(again["aspect_ratio"], observed["aspect_ratio"])


def test_a_model_sees_bytes_and_an_estimator_shares_of_white():
    examples = KIND.edges()
    assert np.shares_memory(KIND.feeds(examples)["pixels"], examples)
    matrix = KIND.matrix(examples)
    assert (matrix.shape, matrix.dtype) == ((5, 72), np.float32)
    assert matrix[:3, 0].tolist() == pytest.approx([0, 1, 128 / 255])


def test_a_picture_has_no_columns_to_shuffle_or_to_leave_out():
    assert list(KIND.shuffled(KIND.edges(), 0)) == []
    assert KIND.select(["image"]) is KIND
    with pytest.raises(UnknownNameError, match="image"):
        KIND.select(["pixels"])


def test_the_edges_differ_and_are_the_same_every_time():
    edges = KIND.edges()
    np.testing.assert_array_equal(edges, KIND.edges())
    assert edges["pixels"].shape == (5, 4, 6, 3) and edges["pixels"].dtype == np.uint8
    assert len(np.unique(edges["pixels"].reshape(5, -1), axis=0)) == 5


def test_the_kind_is_restored_from_its_description():
    described = Image(3, 2, 1, "scan", fit="pad", keep=False, most_pixels=99).describe()
    assert KINDS.load(described["kind"]).restore(described, {}) == Image(
        3, 2, 1, "scan", fit="pad", keep=False, most_pixels=99
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"channels": 4},
        {"name": "entropy"},
        {"name": "aspect_ratio"},
        {"name": ""},
        {"name": "person", "refused": {"person": "no"}},
        {"most_pixels": 3},
        {"most_frames": 0},
    ],
)
def test_a_kind_that_could_accept_nothing_is_refused(wrong):
    with pytest.raises(ConfigError):
        Image(**{"width": 2, "height": 2} | wrong)


def test_pillow_is_loaded_with_the_first_picture() -> None:
    """Servers of tables and texts have no use for it."""
    script = "import sys; from omloop.kinds import Image; Image(4, 4).describe(); print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
