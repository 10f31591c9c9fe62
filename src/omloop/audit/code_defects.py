"""Sure defects of a Python file, by its syntax tree alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omloop.audit.names import Names, dotted, text_of
from omloop.audit.secrets import is_secret
from omloop.audit.syntax import Syntax

ROUTES = ("get", "post", "put", "patch", "delete", "api_route", "websocket")
APPS = ("fastapi.FastAPI()", "fastapi.APIRouter()")
_BLOCKS = ("predict", "predict_proba", "decision_function")
_RELEASES = ("run_in_threadpool", "to_thread", "run_in_executor", "run_sync")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_ASKS_ENVIRONMENT = ("os.getenv", "os.environ.get")
_UNPICKLES = ("pickle.load", "pickle.loads", "joblib.load", "dill.load", "cloudpickle.load", "pandas.read_pickle")
_UNSAFE = {("torch.load", "weights_only"): "False", ("numpy.load", "allow_pickle"): "True"}
_SPLIT = "train_test_split"
_OF_LABELS = ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer")
"""What encodes labels: it learns their names from all rows, which tells a model nothing."""
_LABELS_AT_ONCE = tuple(f"{name}()" for name in _OF_LABELS)
_HEXADECIMAL = re.compile(r"[0-9a-f]{32}")
_LOADED = ("torch.load", "torch.jit.load", "transformers.pipeline", "timm.create_model", "ultralytics.YOLO")
_MADE_READY = (").eval", ".load_from_checkpoint")
"""Calls whose result is a network, if somebody calls that in turn."""
_DEFAULTS = ("getenv", "environ.get", "environ.setdefault")
"""Calls whose second argument is the value of a variable that is not set."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """One such defect: its kind, its line, and its name there."""

    kind: str
    line: int
    about: str = ""


def oddities(syntax: Syntax, names: Names) -> Iterator[Oddity]:
    """All of them."""
    yield from _blocking_handlers(syntax, names)
    for comparison in syntax.of(ast.Compare):
        yield from _compared_with_itself(comparison)
    for call in syntax.of(ast.Call):
        yield from _odd_call(call, names)
    functions: list[_Definition] = [*syntax.of(ast.FunctionDef), *syntax.of(ast.AsyncFunctionDef)]
    for route in functions:
        if _answers(route, names):
            yield from _answered_with_fault(route)
    for handler in syntax.of(ast.ExceptHandler):
        yield from _told_to_callers(handler, names) if handler.name else ()
    if any(one.endswith(_SPLIT) for one in names.imported.values()):
        scopes: list[ast.AST] = [syntax.tree, *functions]
        for scope in scopes:
            yield from _fitted_before_split(scope)
    yield from _secrets(syntax)


def is_route(decorator: str) -> bool:
    """Whether a resolved decorator makes a function answer requests.

    >>> is_route("fastapi.FastAPI().post"), is_route("app.post")
    (True, False)
    """
    app, _, verb = decorator.rpartition(".")
    return app in APPS and verb in ROUTES


def _answers(function: _Definition, names: Names) -> bool:
    return any(is_route(names.resolve(one.func)) for one in function.decorator_list if isinstance(one, ast.Call))


def _blocking_handlers(syntax: Syntax, names: Names) -> Iterator[Oddity]:
    plain = {one.name: one for one in syntax.tree.body if isinstance(one, ast.FunctionDef)}
    asynchronous = [one for one in syntax.of(ast.AsyncFunctionDef) if _answers(one, names)]
    networks = _networks(syntax, names) if asynchronous else frozenset()
    for node in asynchronous:
        calls = [one for one in _own(node) if isinstance(one, ast.Call)]
        if any(dotted(one.func).rpartition(".")[2] in _RELEASES for one in calls):
            continue
        line = _blocks(calls, names, networks)
        for call in () if line else calls:
            called = plain.get(dotted(call.func))
            if called and _blocks([one for one in _own(called) if isinstance(one, ast.Call)], names, networks):
                line = line or call.lineno
        if line:
            yield Oddity("blocking handler", line, node.name)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions within it and without awaited calls."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            waiting += [*node.value.args, *(one.value for one in node.value.keywords)]
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def _networks(syntax: Syntax, names: Names) -> frozenset[str]:
    """What a file calls its networks: what it loads as one or puts into the mode for answers, and classes of torch."""
    last = {name: next(maker for _, maker in reversed(held) if maker) for name, held in names.made.items()}
    made = {name: maker.removesuffix("()") for name, maker in last.items()}
    calls = [one.func for one in syntax.of(ast.Call) if isinstance(one.func, ast.Attribute) and not one.args]
    found = {dotted(one.value) for one in calls if one.attr == "eval"}
    bases = ("torch.nn.Module", "LightningModule")
    own = {one.name for one in syntax.of(ast.ClassDef) if any(names.resolve(b).endswith(bases) for b in one.bases)}
    for name, maker in made.items():
        if maker in (*_LOADED, *own) or maker.startswith("torch.nn.") or maker.endswith(_MADE_READY):
            found.add(name)
    return frozenset(found) - {""}


def _blocks(calls: list[ast.Call], names: Names, networks: frozenset[str]) -> int:
    """The line of the first inference that holds up whoever runs it, 0 for none."""
    for call in calls:
        name = names.resolve(call.func)
        owner, _, verb = name.rpartition(".")
        stops = name in ("torch.no_grad", "torch.inference_mode", "time.sleep") or (owner and verb in _BLOCKS)
        if stops or dotted(call.func) in networks:
            return call.lineno
        if verb == "run" and owner.endswith("InferenceSession()"):
            return call.lineno
    return 0


def _compared_with_itself(node: ast.Compare) -> Iterator[Oddity]:
    """`config.get("size") != config.get("size")`; `x != x` and `x[0] != x[0]` ask for NaN."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return
    if isinstance(node.left, ast.Call) and ast.dump(node.left) == ast.dump(node.comparators[0]):
        name = dotted(node.left.func)
        if name and "random" not in name and not name.startswith("next"):
            yield Oddity("compared with itself", node.lineno, name)


def _odd_call(node: ast.Call, names: Names) -> Iterator[Oddity]:
    name = names.resolve(node.func)
    first = node.args[0] if node.args else None
    if name in _ASKS_ENVIRONMENT and isinstance(first, ast.Constant) and isinstance(first.value, str):
        if first.value != first.value.strip():
            yield Oddity("variable with a blank", node.lineno, repr(first.value))
    elif name in _UNPICKLES or any(text_of(one.value) == _UNSAFE.get((name, one.arg or "")) for one in node.keywords):
        yield Oddity("pickle", node.lineno, name)


def _told_to_callers(handler: ast.ExceptHandler, names: Names) -> Iterator[Oddity]:
    """`HTTPException(500, detail=str(error))`: a fault's own words sent to whoever asked."""
    if dotted(handler.type or handler) not in ("Exception", ""):
        return
    for node in ast.walk(handler):
        if isinstance(node, ast.Call) and names.resolve(node.func).endswith("HTTPException"):
            named = {one.arg: one.value for one in node.keywords}
            status = [*node.args[:1], *(value for name, value in named.items() if name == "status_code")]
            if not any(re.search(r"(?:^|_)5\d\d(?:_|$)|INTERNAL", text_of(one)) for one in status):
                continue
            given = [*node.args[1:2], *(value for name, value in named.items() if name == "detail")]
            inner = [one for value in given for one in ast.walk(value)]
            if any(isinstance(one, ast.Name) and one.id == handler.name for one in inner):
                yield Oddity("fault told to callers", node.lineno)


def _answered_with_fault(route: _Definition) -> Iterator[Oddity]:
    """`return {"error": str(error)}` in a route, which the framework answers with 200."""
    for handler in _own(route):
        if not isinstance(handler, ast.ExceptHandler) or dotted(handler.type or handler) != "Exception":
            continue
        for answer in (one.value for one in ast.walk(handler) if isinstance(one, ast.Return)):
            if isinstance(answer, ast.Dict) and any(_quotes(one, handler.name) for one in answer.values):
                yield Oddity("fault told to callers", answer.lineno)


def _quotes(node: ast.expr, name: str | None) -> bool:
    """Whether it is `str(name)`, `repr(name)`, or an f-string of it."""
    if isinstance(node, ast.Call) and dotted(node.func) in ("str", "repr"):
        return any(dotted(one) == name for one in node.args)
    parts = node.values if isinstance(node, ast.JoinedStr) else ()
    return any(isinstance(one, ast.FormattedValue) and dotted(one.value) == name for one in parts)


def _fitted_before_split(scope: ast.AST) -> Iterator[Oddity]:
    """`x = scaler.fit_transform(x)` and then `train_test_split(x, y)`, in one function."""
    fitted, of_labels = dict[str, int](), set[str]()
    for node in sorted((one for one in _own(scope) if hasattr(one, "lineno")), key=lambda one: one.lineno):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = dotted(node.value.func)
            for target in map(dotted, node.targets):
                fitted.pop(target, None)
                if called.endswith(_OF_LABELS):
                    of_labels.add(target)
                what = called.removesuffix(".fit_transform")
                if what != called and target and what not in of_labels and not what.endswith(_LABELS_AT_ONCE):
                    fitted[target] = node.lineno
            if called.rpartition(".")[2] == _SPLIT:
                for given in map(dotted, node.value.args):
                    if given in fitted:
                        yield Oddity("fitted before the split", fitted[given], given)


def _secrets(syntax: Syntax) -> Iterator[Oddity]:
    """Texts that look like a secret by themselves or by their name."""
    for name, value in _named(syntax):
        if is_secret(name, value.value) and not is_secret("", value.value):  # each text once
            yield Oddity("secret", value.lineno, name)
    for text in syntax.of(ast.Constant):
        if isinstance(text.value, str) and is_secret("", text.value):
            yield Oddity("secret", text.lineno)


def _named(syntax: Syntax) -> Iterator[tuple[str, Any]]:
    """Texts with a name: that of a variable, an argument or a key."""
    pairs: list[tuple[str, ast.expr | None]] = []
    pairs += [(dotted(one.target), one.value) for one in syntax.of(ast.AnnAssign)]
    targets = [(target, one.value) for one in syntax.of(ast.Assign) for target in one.targets]
    pairs += [(dotted(target), value) for target, value in targets]
    pairs += [(text_of(target.slice), value) for target, value in targets if isinstance(target, ast.Subscript)]
    for one in syntax.of(ast.Dict):
        pairs += [(text_of(key), value) for key, value in zip(one.keys, one.values, strict=True) if key]
        if {"username", "key"} <= set(map(text_of, filter(None, one.keys))):  # a copy of kaggle.json
            pairs += [("kaggle_key", value) for value in one.values if _HEXADECIMAL.fullmatch(text_of(value))]
    for call in syntax.of(ast.Call):
        logs_in = bool(call.keywords) and dotted(call.func).endswith("login")
        pairs += [("api_key" if logs_in and k.arg == "key" else k.arg or "", k.value) for k in call.keywords]
        if len(call.args) == 2 and dotted(call.func).endswith(_DEFAULTS):
            pairs.append((text_of(call.args[0]), call.args[1]))
    for name, value in pairs:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and name:
            yield name, value
