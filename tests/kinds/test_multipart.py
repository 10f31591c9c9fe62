import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import InputError
from omloop.kinds.multipart import read_multipart

TYPE = "multipart/form-data; boundary=line"
NAMED = b'--line\r\nContent-Disposition: form-data; name="image"'


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_what_a_client_writes_is_read_byte_for_byte(contents):
    files = [("image", (f"{index}.png", content)) for index, content in enumerate(contents)]
    request = httpx.Request("POST", "http://x", files=files)
    read = read_multipart(request.read(), request.headers["content-type"])
    assert read == [("image", content) for content in contents]


@pytest.mark.parametrize(
    ("content", "media_type", "told"),
    [
        (NAMED + b"\r\n\r\nx\r\n--line--", "multipart/form-data", "no boundary"),
        (NAMED + b"\r\n\r\nx\r\n--line--", f"multipart/form-data; boundary={'x' * 71}", "no boundary"),
        (b"", TYPE, "cut off"),
        (NAMED + b"\r\n\r\nx", TYPE, "cut off"),
        (b"--line\r\n\r\n\r\n--line--", TYPE, "header lines"),
        (b"--line\r\nX: y\r\n\r\nx\r\n--line--", TYPE, "Content-Disposition"),
        (NAMED + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--line--", TYPE, "base64"),
        (NAMED + b"; x=" + b"y" * 9000 + b"\r\n\r\nx\r\n--line--", TYPE, "header lines"),
        ((NAMED + b"\r\n\r\nx\r\n") * 1001 + b"--line--", TYPE, "more than 1,000 parts"),
    ],
)
def test_a_form_that_is_not_in_order_is_refused(content, media_type, told):
    with pytest.raises(InputError, match=told):
        read_multipart(content, media_type)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([b"--line", b"\r\n", b"--", NAMED, b"x", b"\0", b": ", b"\xff"]), max_size=12))
def test_any_pieces_are_read_or_refused_and_nothing_else(pieces):
    try:
        read_multipart(b"".join(pieces), TYPE)
    except InputError as error:
        assert error.reason


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.binary(max_size=200))
def test_any_boundary_is_used_or_refused_and_nothing_else(boundary, content):
    """The content type is a client's text, too: quotes, line ends, letters of any script."""
    for media_type in (
        boundary,
        f"multipart/form-data; boundary={boundary}",
        f'multipart/form-data; boundary="{boundary}"',
    ):
        try:
            read_multipart(content, media_type)
        except InputError as error:
            assert error.reason and len(error.reason) < 200


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120), st.binary(max_size=40))
def test_any_headers_of_a_part_are_read_or_refused_and_nothing_else(head, content):
    body = (
        b'--line\r\nContent-Disposition: form-data; name="image"\r\n' + head + b"\r\n\r\n" + content + b"\r\n--line--"
    )
    try:
        assert all(isinstance(name, str) and isinstance(file, bytes) for name, file in read_multipart(body, TYPE))
    except InputError as error:
        assert error.reason and len(error.reason) < 200
