"""The files of a multipart/form-data body (RFC 7578), read strictly and in one pass."""

import re

from omloop.core import InputError

_MOST_PARTS = 1_000
_MOST_HEADER_BYTES = 8_192
# What nearly every client writes; all else is left to the standard library's parser, which takes ten times as long, and
# which is imported with the first of it.
_USUAL_TYPE = re.compile(r"multipart/form-data; ?boundary=([A-Za-z0-9_-]{1,70})")
_USUAL_HEAD = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([A-Za-z0-9_.-]+)"(?:; filename="[A-Za-z0-9_. -]*")?'
    rb"(?:\r\nContent-Type: [a-z]+/[a-z0-9.+-]+)?",
    re.IGNORECASE,
)


def read_multipart(content: bytes, media_type: str) -> list[tuple[str, bytes]]:
    """Each part's name with its content, in order; the boundary comes in `media_type`.

    Raises InputError for a body without a boundary, without its end, or with a part that has no name.

    >>> body = b'--x\\r\\nContent-Disposition: form-data; name="image"\\r\\n\\r\\n...\\r\\n--x--\\r\\n'
    >>> read_multipart(body, "multipart/form-data; boundary=x")
    [('image', b'...')]
    """
    mark = b"\r\n--" + _boundary(media_type)
    # The first boundary may stand at the very beginning: give it the line break that the others have.
    _, *parts = (b"\r\n" + content).split(mark, _MOST_PARTS + 2)
    if len(parts) > _MOST_PARTS + 1:
        raise InputError(f"the multipart body has more than {_MOST_PARTS:,} parts; send fewer files a request")
    if not parts or not parts[-1].startswith(b"--"):
        raise InputError("the multipart body is cut off before its last boundary; send it whole") from ValueError("end")
    return [_part(part, index) for index, part in enumerate(parts[:-1])]


def _boundary(media_type: str) -> bytes:
    if usual := _USUAL_TYPE.fullmatch(media_type):
        return usual[1].encode()
    from email.message import Message

    header = Message()
    header["Content-Type"] = media_type.replace("\r", " ").replace("\n", " ")
    found = header.get_boundary()
    if not found or len(found) > 70 or not found.isascii():
        raise InputError("the content type multipart/form-data names no boundary; let your HTTP client write it")
    return found.encode()


def _part(part: bytes, index: int) -> tuple[str, bytes]:
    head, gap, content = part.partition(b"\r\n\r\n")
    where = f"part[{index}]"
    if not gap or not head.startswith(b"\r\n") or len(head) > _MOST_HEADER_BYTES:
        raise InputError("has no proper header lines before its content", where)
    if usual := _USUAL_HEAD.fullmatch(head):
        return usual[1].decode(), content
    from email.parser import HeaderParser

    headers = HeaderParser().parsestr(head[2:].decode("utf-8", "replace"))
    name = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise InputError('needs a line such as: Content-Disposition: form-data; name="image"', where)
    coding = str(headers.get("Content-Transfer-Encoding", "binary")).strip().lower()
    if coding not in ("binary", "8bit", "7bit"):
        raise InputError(f"has the transfer encoding {coding:.40}; send the bytes as they are", where)
    return name, content
