"""The input kind `image`: pictures of one size, beside the size that each of them came with.

Any accepted file becomes uint8 pixels of the same height, width and channels, by the same function in training and in
serving; what a model does to the pixels is inside its graph.
See docs/decisions/0016-one-decoder-for-training-and-serving.md.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    Columns,
    ConfigError,
    DataError,
    Demand,
    ExampleArray,
    InputError,
    NumberArray,
    Pieces,
    Reader,
    UnknownNameError,
    did_you_mean,
)
from omloop.kinds.batches import consecutive
from omloop.kinds.defaults import KindDefaults
from omloop.kinds.demand import text_demand
from omloop.kinds.image.demand import OpenedPictures, picture_demand
from omloop.kinds.image.each import for_each
from omloop.kinds.image.form import PictureForm
from omloop.kinds.image.header import FORMATS
from omloop.kinds.image.logged import kept_file
from omloop.kinds.image.pieces import pieces_of_picture
from omloop.kinds.image.pixels import SIZES, measure, measure_names, sizes
from omloop.kinds.image.reader import PictureReader, ReadPicture, put_picture
from omloop.kinds.image.wire import PictureBody, from_base64

if TYPE_CHECKING:  # Pillow is loaded with the first picture: servers of other kinds have no use for it
    from omloop.kinds.image.decode import DecodedPicture

# An example is there as pixels, among those of others that run with it, and as what the graph takes.
_COPIES = 3
_MEDIA_TYPES = (*FORMATS.values(), "application/octet-stream", "multipart/form-data", "application/json")


class Image(KindDefaults, msgspec.Struct, frozen=True):
    """A picture a record, brought to one size.

    Examples are one structured array of shape (n,): `pixels`, uint8 of shape (height, width, channels), beside `width`
    and `height`, int32, of the picture as it came, upright; `feeds` and `matrix` give what a model sees of them.

    `channels` is 1 for grey or 3 for RGB. `fit` says how other proportions are met: `stretch` ignores them, `crop`
    keeps the centre, `pad` adds black bars. `keep` says whether the prediction log keeps the picture, or its
    observed numbers alone: only what was kept can be learned from again. A picture of more than `most_pixels`, or an
    animation of more than `most_frames`, is refused. `refused` maps names that must not be sent to the reason why.
    Raises ConfigError for a size that no picture has, and for a name that is taken.

    >>> kind = Image(2, 2, 1)
    >>> example = kind.encode({"image": [np.full((4, 6), 0.5)]})[0]
    >>> example["pixels"][:, :, 0].tolist(), example["width"], example["height"]
    ([[128, 128], [128, 128]], np.int32(6), np.int32(4))
    >>> kind.parse([{"image": "Zm9v"}])
    Traceback (most recent call last):
    ...
    omloop.InputError: rows[0].image: is not a picture; send a JPEG, PNG, WebP, BMP or GIF
    """

    width: int
    height: int
    channels: Literal[1, 3] = 3
    name: str = "image"
    fit: Literal["stretch", "crop", "pad"] = "stretch"
    keep: bool = True
    most_pixels: int = 40_000_000
    most_frames: int = 100
    refused: dict[str, str] = {}

    def __post_init__(self) -> None:
        if min(self.width, self.height, self.most_pixels, self.most_frames) < 1 or self.channels not in (1, 3):
            raise ConfigError("An image needs a width, a height and limits of at least 1, and 1 or 3 channels.")
        if self.width * self.height > self.most_pixels:
            raise ConfigError(f"An image of {self.width} x {self.height} is beyond most_pixels={self.most_pixels:,}.")
        if self.name in (*self.observed, *self.refused, ""):
            raise ConfigError(f"An image cannot be called '{self.name}': it is an observed number, or refused.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The one name."""
        return (self.name,)

    def select(self, names: Sequence[str]) -> Self:
        """The same kind: it has one field; raises UnknownNameError for any other."""
        for name in names:
            if name != self.name:
                raise UnknownNameError("column", name, self.fields)
        return self

    @property
    def dtype(self) -> np.dtype[np.void]:
        """What one example is made of."""
        return _dtype(self.height, self.width, self.channels)

    def encode(self, columns: Columns) -> NDArray[np.void]:
        """Turn a column of pictures into examples; raises DataError that names the first that is none.

        A picture is the bytes of a file, or an array of shape (h, w) or (h, w, channels): uint8, or floats from 0 to 1.
        """
        values = self._column(columns)
        examples = np.empty(len(values), self.dtype)

        def put(index: int) -> None:
            try:
                put_picture(examples, index, self._fitted(values[index]))
            except InputError as error:
                raise DataError(f"column '{self.name}', record {index + 1}: {error.reason}.") from error

        for_each(put, len(values))
        return examples

    def bad_rows(self, columns: Columns) -> NDArray[np.bool_]:
        """Which records hold no picture that is accepted; shape (n,)."""
        bad = np.zeros(len(self._column(columns)), bool)
        bad[list(self.refusals(columns))] = True
        return bad

    def refusals(self, columns: Columns) -> dict[int, str]:
        """What is wrong with each such picture, behind the field's name."""
        values, found = self._column(columns), dict[int, str]()

        def judge(index: int) -> None:
            try:
                self._fitted(values[index])
            except InputError as error:
                found[index] = f"{self.name}: {error.reason}"

        for_each(judge, len(values))
        return dict(sorted(found.items()))

    def parse(self, rows: Sequence[object]) -> NDArray[np.void]:
        """Turn decoded JSON objects, a picture as base64 each, into examples; raises InputError with the field."""
        return self._reader.read(self._body.named(rows))[0]

    def read(self, content: bytes, media_type: str) -> NDArray[np.void]:
        """Turn a request's body into examples: a file, several in a form, or JSON `{"rows": [{"image": base64}]}`.

        What the bytes are decides, not what their content type says. Raises InputError for a body without a picture.
        """
        return self._reader.read(self._body.files(content, media_type))[0]

    def reader(self) -> Reader:
        """`read`, beside which the log is given the files as they came, where they can stay as they are."""
        body, reader = self._body, self._reader

        def read(
            content: bytes, media_type: str, opened: OpenedPictures | None = None
        ) -> tuple[NDArray[np.void], Sequence[Mapping[str, object]] | None]:
            files, layouts = opened or (body.files(content, media_type), None)
            examples, pictures = reader.read(files, layouts)
            return examples, self._kept(examples, pictures) if self.keep else None

        return read

    def demand(self, content: bytes, media_type: str) -> Demand:
        """The pixels that the headers claim, and the memory of decoding and of the examples."""
        memory = text_demand(content, media_type).memory if media_type.startswith("application/json") else 0
        try:
            files = self._body.files(content, media_type)
        except InputError:
            return Demand(1, 0, memory)
        return picture_demand(files, self.most_pixels, memory + len(files) * self.dtype.itemsize * _COPIES)

    @property
    def media_types(self) -> tuple[str, ...]:
        """Content types that `read` understands."""
        return _MEDIA_TYPES

    @property
    def extras(self) -> tuple[str, ...]:
        """What brings a second decoder; see `omloop.kinds.image.fast_jpeg`."""
        return ("fast",)

    def render(self, examples: NDArray[Any]) -> list[dict[str, object]]:
        """Turn examples into JSON objects, a PNG as base64 each; `parse` of the result gives the same examples."""
        from omloop.kinds.image.decode import DecodedPicture, encode_png

        pictures = map(DecodedPicture, *(examples[name] for name in DecodedPicture._fields))
        return [{self.name: base64.b64encode(encode_png(picture)).decode()} for picture in pictures]

    def glimpse(self, examples: NDArray[Any]) -> list[dict[str, object]]:
        """A thumbnail of each picture, a JPEG as base64."""
        from omloop.kinds.image.decode import encode_thumbnail

        return [{self.name: base64.b64encode(encode_thumbnail(pixels)).decode()} for pixels in examples["pixels"]]

    @property
    def corruptions(self) -> tuple[str, ...]:
        """Brightness, contrast, blur, noise, JPEG, shift and occlusion."""
        from omloop.kinds.image.corrupt import CORRUPTIONS

        return tuple(CORRUPTIONS)

    def redrawn(self, columns: Columns, moved: NDArray[np.bool_], seed: int) -> Columns:
        """Raw columns in which `moved` pictures have a third of their light."""
        from omloop.kinds.image.corrupt import darken

        pictures = zip(columns[self.name], moved, strict=True)
        return {**columns, self.name: [darken(picture) if off else picture for picture, off in pictures]}

    def corrupted(self, columns: Columns, name: str, strength: float, seed: int) -> Columns:
        """Raw columns whose pictures, now arrays, went wrong; see `omloop.kinds.image.corrupt`.

        Each keeps the size that it came with. Raises UnknownNameError.
        """
        from omloop.kinds.image.corrupt import CORRUPTIONS, corrupt_picture

        if name not in CORRUPTIONS:
            raise UnknownNameError("corruption", name, CORRUPTIONS)
        chance = np.random.default_rng(seed)
        pictures = [corrupt_picture(found, name, strength, chance, self.channels) for found in self._column(columns)]
        return {**columns, self.name: pictures}

    def feeds(self, examples: NDArray[Any]) -> dict[str, NDArray[np.generic]]:
        """The graph's one input, `pixels`, uint8 of shape (n, height, width, channels): a view, not a copy."""
        return {"pixels": examples["pixels"]}

    def batches(self, examples: ExampleArray, most: int) -> list[NDArray[np.int64]]:
        """As they come: all examples are of one size."""
        return consecutive(len(examples), most)

    def matrix(self, examples: NDArray[Any]) -> NDArray[np.float32]:
        """The pixels from 0 to 1, float32 of shape (n, height * width * channels)."""
        rows: NDArray[np.uint8] = examples["pixels"].reshape(len(examples), -1)
        return rows.astype(np.float32) / np.float32(255)

    def keeping(self, keep: bool) -> Self:
        """The same kind, keeping pictures in the prediction log or not."""
        return msgspec.structs.replace(self, keep=keep)

    def record(self, examples: ExampleArray) -> list[dict[str, object]]:
        """The picture itself where `keep` says so, which is measured when it is recalled; else the observed numbers."""
        if self.keep:
            return self.render(examples)
        columns = self.observe(examples)
        rows = zip(*(values.tolist() for values in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def replay(self, record: Mapping[str, Any]) -> Mapping[str, bytes] | None:
        """The picture's bytes, if the log kept it."""
        try:
            return {self.name: from_base64(record[self.name])} if self.name in record else None
        except InputError:
            return None

    def recall(self, records: Sequence[Mapping[str, object]]) -> dict[str, NumberArray]:
        """The observed numbers as they were recorded; of a record without them, those of its picture, or NaN."""
        known, names = list(records), set(self.observed)
        bare = [index for index, record in enumerate(records) if not record.keys() >= names]

        def look(index: int) -> None:
            known[bare[index]] = self._measured(records[bare[index]])

        for_each(look, len(bare))
        return {name: np.array([row[name] for row in known], np.float64) for name in self.observed}

    def shuffled(self, examples: ExampleArray, seed: int) -> Iterator[tuple[str, ExampleArray]]:
        """Nothing: a picture has no columns to shuffle."""
        return iter(())

    def pieces(self, example: ExampleArray, others: ExampleArray) -> Pieces:
        """The parts of a grid over a picture; a plain colour stands in for those that are left out."""
        return pieces_of_picture(example)

    def observe(self, examples: NDArray[Any]) -> dict[str, NumberArray]:
        """Brightness, contrast, sharpness, colourfulness (of RGB) and entropy, and the size that the picture came with.

        `omloop.kinds.image.pixels` has the formulas.
        """
        return {**measure(examples["pixels"]), **sizes(examples["width"], examples["height"])}

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """The names of what `observe` gives; none is a category."""
        return dict.fromkeys((*measure_names(self.channels), *SIZES), ())

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """What is measured in the pixels."""
        return {"pixels": measure_names(self.channels)}

    @property
    def bucket(self) -> int:
        """Fifty pictures."""
        return 50

    def edges(self) -> NDArray[np.void]:
        """Black, white, mid grey, noise (of seed 0) and a checkerboard."""
        shape = (self.height, self.width, self.channels)
        plain = [np.full(shape, value, np.uint8) for value in (0, 255, 128)]
        noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        board = np.indices(shape[:2]).sum(axis=0) % 2 * 255
        pictures = [*plain, noise, np.broadcast_to(board[:, :, None], shape).astype(np.uint8)]
        return self.encode({self.name: pictures})

    def schema(self) -> dict[str, Any]:
        """JSON schema of one example: an object with the picture as base64."""
        colours = "grey" if self.channels == 1 else "RGB"
        picture = {
            "type": "string",
            "contentEncoding": "base64",
            "description": f"A JPEG, PNG, WebP, BMP or GIF; brought to {self.width} x {self.height}, {colours}.",
        }
        return {
            "type": "object",
            "properties": {self.name: picture},
            "required": [self.name],
            "additionalProperties": False,
        }

    def describe(self) -> dict[str, object]:
        """The kind as a JSON value, for a manifest."""
        described: dict[str, object] = msgspec.json.decode(msgspec.json.encode(self))
        return {"kind": "image"} | described

    @classmethod
    def restore(cls, described: Mapping[str, object], files: Mapping[str, bytes]) -> Self:
        """The kind that `describe` described."""
        return msgspec.convert({key: value for key, value in described.items() if key != "kind"}, cls)

    def _column(self, columns: Columns) -> Any:
        if self.name not in columns:
            raise DataError(f"These columns are missing: {self.name}.{did_you_mean(self.name, columns)}")
        return columns[self.name]

    def _fitted(self, value: object) -> "DecodedPicture":
        from omloop.kinds.image.decode import as_pixels, fit_pixels

        if isinstance(value, bytes | bytearray | memoryview):
            return self._decode(bytes(value))
        if isinstance(value, np.ndarray):
            return fit_pixels(as_pixels(value, self.most_pixels), self.width, self.height, self.channels, fit=self.fit)
        missing = value is None
        said = "a picture is missing" if missing else f"a {type(value).__name__} is not a picture"
        raise InputError(f"{said}; give the bytes of a file, or an array of pixels")

    def _decode(self, content: bytes) -> "DecodedPicture":
        from omloop.kinds.image.decode import decode

        limits = {"most_pixels": self.most_pixels, "most_frames": self.most_frames}
        return decode(content, self.width, self.height, self.channels, fit=self.fit, **limits)

    @property
    def _body(self) -> PictureBody:
        return PictureBody(self.name, self.refused, self.media_types)

    @property
    def _reader(self) -> PictureReader:
        form = PictureForm(self.width, self.height, self.channels, self.fit, self.most_pixels, self.most_frames)
        return PictureReader(self.name, form, self.dtype)

    def _kept(self, examples: NDArray[np.void], pictures: Sequence[ReadPicture]) -> list[dict[str, object]]:
        """What the log keeps: each file without its metadata, or where that is another picture or too much, a PNG."""
        kept: list[dict[str, object]] = []
        areas = (examples["width"].astype(np.int64) * examples["height"]).tolist()
        limits = {"becomes": self.width * self.height, "channels": self.channels}
        for index, (content, checked, same) in enumerate(pictures):
            file = kept_file(content, checked.layout, came=areas[index], **limits) if same else None
            kept += [{self.name: base64.b64encode(file).decode()}] if file else self.render(examples[index : index + 1])
        return kept

    def _measured(self, record: Mapping[str, object]) -> Mapping[str, float]:
        raw = self.replay(record)
        try:
            examples = self._reader.read([("", raw[self.name])])[0] if raw is not None else None
        except InputError:
            examples = None
        if examples is None:
            return dict.fromkeys(self.observed, np.nan)
        return {name: values[0] for name, values in self.observe(examples).items()}


@lru_cache(maxsize=16)
def _dtype(*shape: int) -> np.dtype[np.void]:
    return np.dtype([("pixels", np.uint8, shape), ("width", np.int32), ("height", np.int32)])
