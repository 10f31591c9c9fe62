"""What is surely wrong in a Python file, by its syntax tree alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from omloop.audit.names import Names, dotted, text_of
from omloop.audit.secrets import is_secret

ROUTES = ("get", "post", "put", "patch", "delete", "api_route", "websocket")
APPS = ("fastapi.FastAPI()", "fastapi.APIRouter()")
_BLOCKS = ("predict", "predict_proba", "decision_function")
_RELEASES = ("run_in_threadpool", "to_thread", "run_in_executor", "run_sync")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SPLIT = "train_test_split"


@dataclass(frozen=True, slots=True)
class Oddity:
    """One such thing: a kind, the line, and what it is called there."""

    kind: str
    line: int
    about: str = ""


def oddities(tree: ast.Module, nodes: list[ast.AST], names: Names) -> Iterator[Oddity]:
    """All of them."""
    yield from _blocking_handlers(tree, nodes, names)
    splits = any(one.endswith(_SPLIT) for one in names.imported.values())
    for node in nodes:
        if isinstance(node, ast.Compare):
            yield from _compared_with_itself(node)
        elif isinstance(node, ast.Call):
            yield from _odd_call(node, names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield from _told_to_callers(node, names)
        elif splits and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            yield from _fitted_before_split(node)
        yield from _secrets(node)


def is_route(decorator: str) -> bool:
    """Whether a resolved decorator makes a function answer requests.

    >>> is_route("fastapi.FastAPI().post"), is_route("app.post")
    (True, False)
    """
    app, _, verb = decorator.rpartition(".")
    return app in APPS and verb in ROUTES


def _blocking_handlers(tree: ast.Module, nodes: list[ast.AST], names: Names) -> Iterator[Oddity]:
    plain = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    for node in nodes:
        if not isinstance(node, ast.AsyncFunctionDef):
            continue
        if not any(is_route(names.resolve(one.func)) for one in node.decorator_list if isinstance(one, ast.Call)):
            continue
        own = list(_own(node))
        if any(dotted(one.func).rpartition(".")[2] in _RELEASES for one in own if isinstance(one, ast.Call)):
            continue
        line = _blocks(own, names)
        for one in own if not line else ():
            called = plain.get(dotted(one.func)) if isinstance(one, ast.Call) else None
            line = line or (one.lineno if called and _blocks(list(_own(called)), names) else 0)
        if line:
            yield Oddity("blocking handler", line, node.name)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions within it; what is awaited is left out too."""
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


def _blocks(nodes: list[ast.AST], names: Names) -> int:
    """The line of the first inference that holds up whoever runs it, 0 for none."""
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = names.resolve(node.func)
        owner, _, verb = name.rpartition(".")
        if name in ("torch.no_grad", "torch.inference_mode", "time.sleep") or (owner and verb in _BLOCKS):
            return node.lineno
        if verb == "run" and owner.endswith("InferenceSession()"):
            return node.lineno
    return 0


def _compared_with_itself(node: ast.Compare) -> Iterator[Oddity]:
    """`config.get("size") != config.get("size")`; a plain `x != x` asks for NaN."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return
    if isinstance(node.left, ast.Call | ast.Subscript) and ast.dump(node.left) == ast.dump(node.comparators[0]):
        name = dotted(node.left.func if isinstance(node.left, ast.Call) else node.left.value)
        if name and "random" not in name and not name.startswith("next"):
            yield Oddity("compared with itself", node.lineno, name)


def _odd_call(node: ast.Call, names: Names) -> Iterator[Oddity]:
    name = names.resolve(node.func)
    first = node.args[0] if node.args else None
    if name in ("os.getenv", "os.environ.get", "getenv", "environ.get") and isinstance(first, ast.Constant):
        if isinstance(first.value, str) and first.value != first.value.strip():
            yield Oddity("variable with a blank", node.lineno, repr(first.value))
    unsafe = {one.arg: text_of(one.value) for one in node.keywords}
    pickled = name in (
        "pickle.load",
        "pickle.loads",
        "joblib.load",
        "dill.load",
        "cloudpickle.load",
        "pandas.read_pickle",
    )
    if pickled or (name == "torch.load" and unsafe.get("weights_only") == "False"):
        yield Oddity("pickle", node.lineno, name)
    elif name == "numpy.load" and unsafe.get("allow_pickle") == "True":
        yield Oddity("pickle", node.lineno, name)


def _told_to_callers(handler: ast.ExceptHandler, names: Names) -> Iterator[Oddity]:
    """`HTTPException(500, detail=str(error))`: a fault's own words sent to whoever asked."""
    caught = dotted(handler.type) if handler.type else "Exception"
    if caught != "Exception":
        return
    for node in ast.walk(handler):
        if isinstance(node, ast.Call) and names.resolve(node.func).endswith("HTTPException"):
            given = [*node.args[1:], *(one.value for one in node.keywords if one.arg == "detail")]
            inner = [one for value in given for one in ast.walk(value)]
            if any(isinstance(one, ast.Name) and one.id == handler.name for one in inner):
                yield Oddity("fault told to callers", node.lineno)


def _fitted_before_split(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Module) -> Iterator[Oddity]:
    """`x = scaler.fit_transform(x)` and then `train_test_split(x, y)`, in one function."""
    fitted: dict[str, int] = {}
    for node in sorted((one for one in _own(scope) if hasattr(one, "lineno")), key=lambda one: one.lineno):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = dotted(node.value.func)
            for target in map(dotted, node.targets):
                fitted.pop(target, None)
                if called.endswith(".fit_transform") and target:
                    fitted[target] = node.lineno
            if called.rpartition(".")[2] == _SPLIT:
                for given in map(dotted, node.value.args):
                    if given in fitted:
                        yield Oddity("fitted before the split", fitted[given], given)


def _secrets(node: ast.AST) -> Iterator[Oddity]:
    """Texts that look like a secret by themselves, or by the name that they are given."""
    named: list[tuple[str, ast.AST]] = []
    if isinstance(node, ast.Assign):
        named = [(dotted(target), node.value) for target in node.targets]
    elif isinstance(node, ast.AnnAssign) and node.value:
        named = [(dotted(node.target), node.value)]
    elif isinstance(node, ast.Call):
        logs_in = dotted(node.func).endswith("login")
        named = [("api_key" if logs_in and one.arg == "key" else one.arg or "", one.value) for one in node.keywords]
    elif isinstance(node, ast.Dict):
        named = [(text_of(key), value) for key, value in zip(node.keys, node.values, strict=True) if key]
    elif isinstance(node, ast.Constant):
        named = [("", node)]
    for name, value in named:
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        if is_secret(name, value.value) and (not name or not is_secret("", value.value)):  # each text once
            yield Oddity("secret", value.lineno, name)
