"""Set up and run omloop from a fresh clone, with Python 3.11 or newer and nothing else.

Each command first makes `.venv` beside this file, or adds to it what that command is missing.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN, EXE = (VENV / "Scripts", ".exe") if os.name == "nt" else (VENV / "bin", "")
PYTHON = BIN / f"python{EXE}"
STAMP = VENV / "omloop-setup.json"
UNFINISHED = VENV / "omloop-setup.unfinished"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NAMED_VERSION = "{}.{}".format(*sys.version_info[:2])
# Seconds and megabytes, roughly: two cores and a good line.
COSTS = {
    "base": (30, 300),
    "train": (30, 500),
    "torch": (60, 950),
    "docs": (10, 100),
    "dev": (20, 150),
    "clients": (25, 200),
    "mlflow": (15, 150),
    "wandb": (10, 100),
    "ray": (15, 260),
}

say = functools.partial(print, flush=True)


class Trouble(Exception):
    """Something to tell the user in one plain line."""


def main(arguments: list[str]) -> int:
    """Run one command and answer with its exit code."""
    try:
        _require_python(sys.version_info[:3])
        return _dispatch(*arguments or ["--help"])
    except Trouble as trouble:
        print(f"run.py: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nrun.py: stopped.", file=sys.stderr)
        return 130


def _require_python(version: tuple[int, ...]) -> None:
    if version < (3, 11):
        given = ".".join(map(str, version))
        advice = "Install a newer one and call it by its name, for example: python3.11 run.py setup"
        raise Trouble(f"omloop needs Python 3.11 or newer; this is Python {given}. {advice}")


def _dispatch(name: str, *rest: str) -> int:
    commands = {f.__name__.replace("_", "-"): f for f in (setup, demo, test, test_slow, check, docs)}
    if name in ("help", "-h", "--help"):
        say("usage: python3 run.py COMMAND [ARGUMENTS]\n")
        say("\n".join(f"  {command:11}{f.__doc__}" for command, f in commands.items()))
        return 0
    if name not in commands:
        near = difflib.get_close_matches(name, commands, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        there = f"There are: {', '.join(commands)}."
        print(f"run.py: no command is called '{name}'.{hint} {there}", file=sys.stderr)
        return 2
    if rest and name in ("setup", "check"):
        print(f"run.py: {name} takes no arguments; given: {' '.join(rest)}", file=sys.stderr)
        return 2
    return commands[name](*rest)


TESTED = (
    "train",
    "torch",
    "dev",
    "fast",
    "postgres",
    "gcs",
    "s3",
    "sql",
    "openvino",
    "explain",
    "prune",
    "profile",
    "lightgbm",
    "excel",
    "sweep",
    "deploy",
    "google",
    "dvc",
    "ray",
    "clients",
    "mcp",
    "mlflow",
    "wandb",
    "oidc",
    "otel",
    "ui",
)
"""The extras whose code the tests and the checks run."""
LARGE = ("xgboost", "catboost", "vertex")
"""Extras of some hundred megabytes, which only their users install; their tests are skipped without them."""


def setup() -> int:
    """Fill .venv with everything but what is large and for its users alone, ready to work on omloop."""
    install(*(extra for extra in _every_extra() if extra not in LARGE))
    say(f"Ready: {VENV}")
    return 0


def demo(*arguments: str) -> int:
    """Turn the whole circuit once; installs no torch."""
    install("train")
    return _call(_tool("omloop"), "demo", *arguments)


def test(*arguments: str) -> int:
    """Run the tests with coverage; pytest's arguments lift the coverage floor."""
    install(*TESTED)
    # Part of the suite cannot reach the floor that pyproject.toml sets for the whole of it.
    floor = ["--cov-fail-under=0"] if arguments else []
    coverage = ("--cov=omloop", "--cov-report=term", *floor)
    return _call(PYTHON, "-m", "pytest", "-n", str(_workers()), *coverage, *arguments)


def test_slow(*arguments: str) -> int:
    """Run the tests that take minutes."""
    install(*TESTED)
    return _call(PYTHON, "-m", "pytest", "-m", "slow", *arguments)


def check() -> int:
    """Run every check: lint, format, types, floors and docs."""
    install(*TESTED, "docs")
    with tempfile.TemporaryDirectory() as site:
        checks = {
            "ruff check": (_tool("ruff"), "check"),
            "ruff format": (_tool("ruff"), "format", "--check"),
            "mypy": (_tool("mypy"),),
            "lint-imports": (_tool("lint-imports"), "--no-logo"),
        }
        if (ROOT / "mkdocs.yml").exists():
            checks["mkdocs"] = (_tool("mkdocs"), "build", "--quiet", "--strict", "--site-dir", site)
        failed = [name for name, command in checks.items() if not _passes(name, *command)]
    say(f"\nFailed: {', '.join(failed)}." if failed else f"\nAll {len(checks)} checks passed.")
    return 1 if failed else 0


def docs(*arguments: str) -> int:
    """Build the documentation into site/."""
    install("docs")
    return _call(_tool("mkdocs"), "build", *arguments)


def install(*needed: str) -> None:
    """Bring `.venv` up to the extras `needed`; do nothing where it has them already."""
    with Path(__file__).open() as held:
        if fcntl:  # a second set-up of this folder waits for the first
            fcntl.flock(held, fcntl.LOCK_EX)
        remake, fingerprint = _why_remake(), _fingerprint()
        stamp = {} if remake else _stamp()
        there = set(stamp.get("extras", ()))
        new = sorted(set(needed) - there)
        if new or stamp.get("hash") != fingerprint:
            say(_forecast(["base", *new] if remake else new))
            if remake:
                _make_venv(remake)
            wanted = sorted({*needed, *there})
            _fill(wanted)
            _write_stamp({"hash": fingerprint, "venv": str(VENV), "extras": wanted})


def _why_remake() -> str | None:
    """Why `.venv` cannot be built upon; None where it can."""
    if not VENV.exists():
        return "there is none yet"
    if UNFINISHED.exists():
        return "an earlier set-up was interrupted"
    if _stamp().get("venv", str(VENV)) != str(VENV):
        return "this folder has moved"  # its commands name the old folder's Python
    code = "import sys, importlib.util as u; print('%d.%d' % sys.version_info[:2], bool(u.find_spec('pip')))"
    try:
        found = subprocess.run([PYTHON, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "its Python does not start"
    return None if found.split() == [NAMED_VERSION, "True"] else "it is of another Python, or has no pip"


def _make_venv(reason: str) -> None:
    if not (importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv")):
        advice = f"On Debian or Ubuntu: sudo apt install python{NAMED_VERSION}-venv; then try again."
        raise Trouble(f"this Python comes without venv or ensurepip, so .venv cannot be made. {advice}")
    try:
        if VENV.exists():
            say(f"Remaking .venv: {reason}.")
            shutil.rmtree(VENV)
        VENV.mkdir()
        UNFINISHED.touch()
    except OSError as error:
        raise Trouble(f"could not remake .venv ({error}). Close what uses it and delete it by hand.") from error
    # Inside an activated .venv, sys.executable is the very file that was just removed.
    if _call(getattr(sys, "_base_executable", sys.executable), "-m", "venv", VENV):
        raise Trouble("could not make .venv; the reason stands above.")


def _fill(extras: list[str]) -> None:
    UNFINISHED.touch()
    if "torch" in extras:
        _install_torch()
    code = _pip("-c", "constraints.txt", "-e", f".[{','.join(extras)}]")
    if code < 128:  # a pip that fails, unlike one that is killed, puts back what was there
        UNFINISHED.unlink()
    if code:
        advice = "Its reason stands above. Check the network or proxy, then give the same command again."
        raise Trouble(f"pip could not install omloop[{','.join(extras)}]. {advice}")


def _install_torch() -> None:
    """Try the two small ways to torch; failing both, the install that follows takes the usual one."""
    pin = _torch_pin()
    known_to_pip = _pip("--no-index", "--no-deps", pin, quiet=True) == 0
    if known_to_pip or not _wants_cpu_torch():
        return
    index = os.environ.get("OMLOOP_TORCH_INDEX", TORCH_CPU_INDEX)
    once = ("--retries", "1", "--timeout", "15")
    if _pip("--no-deps", *once, "--index-url", index, pin, quiet=True):
        say(f"No {pin} at {index}; taking the usual one, which can add 3 GB of GPU libraries.")


def _wants_cpu_torch() -> bool:
    """Whether the usual wheel would carry GPU libraries that nothing here can use."""
    driver = Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi")
    return sys.platform == "linux" and not driver


def _torch_pin() -> str:
    found = re.search(r"^torch==\S+", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise Trouble("constraints.txt has no line 'torch==VERSION'. Put it back, with an exact version.")
    return found.group()


def _every_extra() -> list[str]:
    import tomllib  # Pythons that we turn away do not have it

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return list(project["optional-dependencies"])


def _forecast(parts: list[str]) -> str:
    if not parts:
        return "Bringing .venv up to date, for what it is made from has changed: a minute at most."
    seconds, megabytes = map(sum, zip(*(COSTS.get(part, (5, 20)) for part in parts), strict=True))
    time = "about a minute" if seconds < 90 else f"about {round(seconds / 60)} minutes"
    return f"Setting up .venv with {', '.join(parts)}: {time}, {megabytes / 1000:.1f} GB on disk."


def _fingerprint() -> str:
    """A hash of all that decides what gets installed."""
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join([*parts, NAMED_VERSION.encode()])).hexdigest()


def _stamp() -> dict[str, Any]:
    """What the last whole set-up wrote down; empty where there was none."""
    try:
        return dict(json.loads(STAMP.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _write_stamp(stamp: dict[str, Any]) -> None:
    draft = STAMP.with_suffix(".draft")
    draft.write_text(json.dumps(stamp), "utf-8")
    draft.replace(STAMP)


def _workers() -> int:
    usable = getattr(os, "sched_getaffinity", None)  # Linux alone can tell
    return max(1, min(8, len(usable(0)) if usable else os.cpu_count() or 1))


def _tool(name: str) -> Path:
    return BIN / f"{name}{EXE}"


def _passes(name: str, *command: str | Path) -> bool:
    say(f"\n== {name}")
    passed = _call(*command) == 0
    say(f"-- {name} {'passed' if passed else 'FAILED'}")
    return passed


def _pip(*arguments: str, quiet: bool = False) -> int:
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0", "PIP_NO_INPUT": "1"}
    return _call(PYTHON, "-m", "pip", "install", "-qq", *arguments, env=env, quiet=quiet)


def _call(*command: str | Path, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Run one command in the repository, and let it clean up after a Ctrl-C before we go."""
    try:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL if quiet else None)
    except OSError as error:
        raise Trouble(f"could not start {command[0]} ({error}). Delete .venv and try again.") from error
    try:
        code = process.wait()
    except KeyboardInterrupt:
        try:
            process.wait(timeout=10)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.terminate()
            process.wait()
        raise
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what we started does not outlive us
    sys.exit(main(sys.argv[1:]))
