"""What is served in the comparisons: a model as a champion of omloop, and in the files that the other servers read.

`prepare(name, folder)` makes `folder/ws` (omloop's workspace), `model.onnx` and `about.json` or `signature.json` (for
the others), and what a client sends: `post.bin`, and `post.lua` for wrk. `table` is a linear model of the project
student_performance; the others are networks of `servers/networks.py` with random weights, because what they answer
costs the same. They need the extra `torch`.
"""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle import MODEL, Bundle, Lineage, Manifest, Reference, Session, Variant, encode_examples
from omloop.core import Estimate, Fitted, OmloopError, Parity
from omloop.kinds import Classes, Image, Text
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn
from omloop.optimise.choose import FASTER
from omloop.optimise.timing import time_sessions
from omloop.optimise.variants import VARIANTS, VariantSpec
from omloop.package.parity import alike
from omloop.testing.encoders import tiny_tokenizer

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TOKENS = 512
TIMED_S = 2.0
BOUNDARY = "omloop-benchmark"
TEXT = "the film was a slow and warm story about two old friends who never quite say what they came for"


@dataclass(frozen=True)
class Subject:
    """A network and what is sent to it. A picture comes in the size `sent`, as a file of the format `form`.

    Of its `variants`, as `omloop optimise` makes them, the bundle has those that can be made here.
    """

    network: str
    classes: int
    side: int = 0
    sent: tuple[int, int] = (0, 0)
    form: str = "JPEG"
    words: int = 0
    int8: bool = False
    variants: tuple[str, ...] = ()


_OPENVINO = ("openvino", "bf16-openvino")
SUBJECTS = {
    "picture": Subject("small_cnn", 8, 64, (64, 64)),
    "large_picture": Subject("small_cnn", 8, 96, (600, 450)),
    "resnet": Subject("resnet18", 10, 224, (224, 224), variants=("int8", "int8-openvino", *_OPENVINO)),
    "text": Subject("minilm", 2, words=20, variants=("int8-dynamic", *_OPENVINO)),
    "text_int8": Subject("minilm", 2, words=20, int8=True),
}


def prepare(name: str, folder: Path) -> str:
    """Make everything in `folder`; gives the name of the project that omloop serves."""
    if name == "table":
        return _prepare_table(folder)
    prepare_network(name, SUBJECTS[name], folder)
    return name


def prepare_network(name: str, subject: Subject, folder: Path) -> None:
    """Package a network, and write down what the other servers need."""
    import torch

    sys.path.append(str(HERE / "servers"))
    from networks import network

    from omloop.package.torch.torch import export

    torch.set_num_threads(1)
    words = tuple(f"class_{index}" for index in range(subject.classes))
    outputs = Classes("answer", words)
    kind, about = _kind(subject)
    examples = _examples(subject, kind)
    graph = export(Fitted("torch", network(subject.network, subject.classes), np.asarray), kind, outputs, examples)
    graph = _int8(graph, folder) if subject.int8 else graph
    (folder / "model.onnx").write_bytes(graph)
    (folder / "about.json").write_text(json.dumps({**about, "classes": words, "network": subject.network}))
    if isinstance(kind, Text):
        (folder / "tokenizer.json").write_bytes(kind.tokenizer)
        body = json.dumps({"rows": [{"text": text_of(subject.words)}]}).encode()
        write_post(folder, "post", "application/json", body)
    else:
        write_post(folder, "post", f"multipart/form-data; boundary={BOUNDARY}", _form(picture_of(subject)))
        write_post(folder, "raw", "image/jpeg", picture_of(subject))
    promote(name, _sealed(name, graph, kind, outputs, examples, subject.variants, folder), folder)


def chosen_variant(folder: Path) -> str:
    """The variant that `omloop optimise` would choose by its speed; nothing where the model as packaged is as good."""
    faster: Mapping[str, float] = json.loads((folder / "variants.json").read_text())
    best = max(faster, key=lambda name: faster[name])
    return "" if best == MODEL or faster[best] < FASTER else best


def text_of(words: int) -> str:
    """A text of so many words."""
    return " ".join(np.resize(np.array(TEXT.split()), words))


def picture_of(subject: Subject) -> bytes:
    """A file: a smooth picture with some noise, as a photograph is."""
    import PIL.Image

    width, height = subject.sent
    rng = np.random.default_rng(0)
    waves = np.sin(np.linspace(0, 9, width))[None, :, None] * np.cos(np.linspace(0, 7, height))[:, None, None]
    pixels = 127 + 80 * waves * np.array([1.0, 0.7, 0.4]) + rng.normal(0, 8, (height, width, 3))
    written = io.BytesIO()
    PIL.Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(written, subject.form)
    return written.getvalue()


def write_post(folder: Path, name: str, content_type: str, body: bytes) -> None:
    """A script for wrk, `name`.lua, that posts `body`."""
    (folder / f"{name}.bin").write_bytes(body)
    (folder / f"{name}.lua").write_text(
        f'local file = io.open("{folder / name}.bin", "rb")\nwrk.method = "POST"\nwrk.body = file:read("*all")\n'
        f'wrk.headers["Content-Type"] = "{content_type}"\n'
    )


def promote(name: str, bundle: Bundle, folder: Path) -> None:
    """Make the bundle champion of the workspace `folder/ws`."""
    registry = Workspace.of(workspace=str(folder / "ws"), projects=str(ROOT / "projects")).registry(name)
    version = registry.add(bundle, by="benchmark")
    registry.promote(version, expected=None, by="benchmark", reason="first")


def _prepare_table(folder: Path) -> str:
    project_name = "student_performance"
    workspace = Workspace.of(workspace=str(folder / "ws"), projects=str(ROOT / "projects"))
    project = find_project(project_name, workspace.settings)
    turned = turn(Plan.of(project, ["model=linear"], workspace))
    bundle = workspace.registry(project_name).load(turned.version)
    (folder / "model.onnx").write_bytes(bundle.files[MODEL])
    (folder / "signature.json").write_text(json.dumps(bundle.manifest.inputs))
    rows = bundle.examples.rows[:1]
    write_post(folder, "post", "application/json", json.dumps({"rows": rows}).encode())
    write_post(folder, "v2", "application/json", _open_inference(rows[0]))
    write_post(folder, "records", "application/json", json.dumps({"dataframe_records": rows}).encode())
    return project_name


def _open_inference(row: dict[str, Any]) -> bytes:
    """A row in the open inference protocol, an input a column."""
    inputs = [
        {"name": name, "shape": [1, 1], "datatype": "BYTES" if isinstance(value, str) else "FP64", "data": [value]}
        for name, value in row.items()
    ]
    return json.dumps({"parameters": {"content_type": "pd"}, "inputs": inputs}).encode()


def _form(content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n'
    return f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _kind(subject: Subject) -> tuple[Any, dict[str, Any]]:
    if subject.words:
        texts = [text_of(200), *(f"{word}s {word}ing un{word}" for word in TEXT.split())]
        return Text("text").tokenized(tiny_tokenizer(texts, 2000), TOKENS), {"kind": "text", "tokens": TOKENS}
    return Image(subject.side, subject.side, name="file"), {"kind": "picture", "side": subject.side}


def _examples(subject: Subject, kind: Any) -> NDArray[Any]:
    if subject.words:
        return np.array([text_of(subject.words), text_of(max(2, subject.words // 2))], object)
    examples: NDArray[Any] = np.resize(kind.read(picture_of(subject), "image/jpeg"), 2)
    return examples


def _int8(graph: bytes, folder: Path) -> bytes:
    """Weights of matrix products as 8-bit integers, what is multiplied with them as it comes."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain = onnx.load_from_string(graph)
    del plain.graph.value_info[:]  # what the exporter wrote there contradicts what is inferred
    onnx.save(plain, folder / "float.onnx")
    quantize_dynamic(folder / "float.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8)
    return (folder / "int8.onnx").read_bytes()


def _sealed(
    name: str,
    graph: bytes,
    kind: Any,
    outputs: Classes,
    examples: NDArray[Any],
    wanted: Sequence[str],
    folder: Path,
) -> Bundle:
    session = Session(graph, kind, outputs, threads=1)
    answers = session.run(examples)
    files = {
        **kind.assets,
        MODEL: graph,
        "examples.json": encode_examples(list(kind.render(examples)), answers.outputs),
        "reference.json": msgspec.json.encode(Reference.of(session.observe(examples, answers), session.observed)),
    }
    lineage = Lineage("2026-01-01T00:00:00Z", name, "benchmark", "random", "0" * 64, 0, 0, "0" * 64, 0, {})
    metrics = {metric: Estimate(0.5, 0.4, 0.6) for metric in outputs.metrics}
    parity = Parity(2, (1, 2), 0.0, 0.0, 0.0, 1.0, 1e-5)
    variants, graphs = _variants(session, graph, examples, wanted, metrics, folder)
    described = (kind.describe(), outputs.describe())
    made = Manifest(name, *described, lineage, {MODEL: Variant(metrics, parity), **variants})
    return Bundle.seal(made, {**files, **graphs})


def _variants(
    session: Session,
    graph: bytes,
    examples: NDArray[Any],
    wanted: Sequence[str],
    metrics: dict[str, Estimate],
    folder: Path,
) -> tuple[dict[str, Variant], dict[str, bytes]]:
    """Variants with their graphs; how many times faster than the model each is goes to `variants.json`."""
    variants, graphs, sessions = dict[str, Variant](), dict[str, bytes](), {MODEL: session}
    for name in wanted:
        try:
            spec: VariantSpec = VARIANTS.load(name)
            made = spec.make(graph, [session.inputs.feeds(examples)])
            one = Session(
                made, session.inputs, session.outputs, threads=1, engine=spec.engine, precision=spec.precision
            )
            parity = alike(session.predict(examples), one.predict(examples), session.outputs)
        except OmloopError as error:
            print(f"without {name}: {error}", file=sys.stderr)
            continue
        file = f"variants/{name}.onnx"
        variants[name] = Variant(metrics, parity, spec.engine, spec.precision, file)
        graphs[file], sessions[name] = made, one
    faster = {
        name: timing.faster for name, timing in time_sessions(sessions, examples, batch=1, within_s=TIMED_S).items()
    }
    (folder / "variants.json").write_text(json.dumps(faster))
    return variants, graphs
