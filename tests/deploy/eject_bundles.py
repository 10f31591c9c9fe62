"""Small bundles that between them need every line that an ejected project may have."""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from omloop.bundle import Bundle
from omloop.kinds import Classes, Column, Image, Number, Table, Text
from omloop.kinds.number import Interval
from omloop.testing import bundles
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle

MIXED = Table(
    (
        Column("amount", "number", missing=True, low=-5.5, unit="€"),
        Column("count", "integer", missing=True),
        Column("paid", "boolean"),
        Column("city", "category", categories=("Orléans", "Gouda"), other="elsewhere", missing=True),
        Column("day", "date", format="%d.%m.%Y", low=0),
        Column("at", "datetime", missing=True),
        Column("note", "text", size=8, missing=True),
    ),
    refused={"total": "it is what the model answers"},
    keep=False,
)
MOODS = Classes(
    "mood",
    ("sad", "calm", "happy"),
    flags={"good": ("calm", "happy")},
    threshold={"sad": 0.5, "calm": 0.1, "happy": 0.4},
    calibration="isotonic",
)
SMALL = Text("review", most_characters=200)


def mixed() -> Bundle:
    """Every type of column, each of which may be absent, and a number that may be beyond its limits."""
    nodes = [
        helper.make_node("IsNaN", ["rows"], ["absent"]),
        helper.make_node("Where", ["absent", "zero", "rows"], ["present"]),
        helper.make_node("MatMul", ["present", "weights"], ["value"]),
    ]
    weights = np.linspace(0.1, 0.9, len(MIXED.places), dtype=np.float32)[:, None]
    shape = ["n", len(MIXED.places)]
    zero = np.zeros(1, np.float32)
    graph = _graph(nodes, {"rows": (TensorProto.FLOAT, shape)}, "value", 1, zero=zero, weights=weights)
    return bundles._sealed(graph, MIXED, Number("total", low=0, high=1000, beyond="flag", interval=Interval(0.9, 25.5)))


def cut() -> Bundle:
    """Texts as tokens, of which the first eight are read."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[PAD]": 0, "[UNK]": 1, "good": 2, "bad": 3, "so": 4}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))  # noqa: S106  no password
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["seen"]),
        helper.make_node("Cast", ["seen"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["numbers", "along"], ["sum"], keepdims=1),
        helper.make_node("MatMul", ["sum", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
    ]
    taken = {name: (TensorProto.INT64, ["n", "longest"]) for name in ("input_ids", "attention_mask")}
    weights = np.array([[0.0, 0.1, 0.2]], np.float32)
    graph = _graph(nodes, taken, "probabilities", 3, along=np.array([1]), weights=weights)
    kind = SMALL.tokenized(tokenizer.to_str().encode(), 8)
    sealed = bundles._sealed(graph, kind, MOODS)
    return Bundle.seal(sealed.manifest, {**sealed.files, **kind.assets})


def whole() -> Bundle:
    """Texts that the graph itself reads, in lower case."""
    nodes = [
        helper.make_node("Equal", ["texts", "good"], ["same"]),
        helper.make_node("Cast", ["same"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["numbers", "weights"], ["value"]),
    ]
    taken = {"texts": (TensorProto.STRING, ["n", 1])}
    weights = np.array([[7.5]], np.float32)
    graph = _graph(nodes, taken, "value", 1, good=np.array(["good"], object), weights=weights)
    kind = Text("review", most_characters=200, whole="lower", keep=False)
    return bundles._sealed(graph, kind, Number("level", low=1, high=5, beyond="clip"))


BUNDLES: dict[str, Callable[[], Bundle]] = {
    "number": tiny_bundle,
    "threshold": lambda: tiny_bundle(0.02, classes=("low", "high"), threshold=0.6),
    "classes": lambda: tiny_bundle(0.02, classes=("low", "middle", "high")),
    "mixed": mixed,
    "image": tiny_image_bundle,
    "crop": lambda: tiny_image_bundle(0.01, kind=Image(8, 6, fit="crop"), outputs=MOODS),
    "grey": lambda: tiny_image_bundle(kind=Image(7, 9, 1, name="scan", fit="pad")),
    "text": tiny_text_bundle,
    "tokens": cut,
    "whole": whole,
}


def _graph(
    nodes: list[object], taken: dict[str, tuple[int, list[object]]], output: str, width: int, **known: np.ndarray
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, *how) for name, how in taken.items()],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", width])],
        [numpy_helper.from_array(value, name) for name, value in known.items()],
    )
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9
    ).SerializeToString()
    return content
