"""run.py sets a fresh clone up: with copies of it in tmp_path, and a pip that only takes notes."""

import ast
import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

REPO = Path(__file__).resolve().parent.parent
CPU_INDEX = "https://download.pytorch.org/whl/cpu"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a script with a shebang")

# Stands where .venv/bin/python would: answers questions with the real one, and writes pip's calls down.
STAND_IN = """#!{python}
import os, pathlib, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
if sys.argv[1:3] != ["-m", "pip"]:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
with open({calls!r}, "a") as calls:
    print(*sys.argv[4:], file=calls)
refused = pathlib.Path({refused!r})
if "hang" in refused.read_text():
    import time
    time.sleep(60)
sys.exit(any(word in sys.argv for word in refused.read_text().split()))
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[ModuleType]:
    """run.py in a folder of its own, with a whole .venv whose pip only takes notes."""
    for name in ("run.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(REPO / name, tmp_path)
    lay_venv(tmp_path)
    spec = importlib.util.spec_from_file_location("run_copy", tmp_path / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module


def lay_venv(root: Path) -> None:
    (root / "refused").touch()
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    texts = {"python": sys.executable, "calls": str(root / "calls"), "refused": str(root / "refused")}
    python.write_text(STAND_IN.format(**texts))
    python.chmod(0o755)


def calls(run: ModuleType) -> list[str]:
    """What pip was asked since the last time, a line for each call."""
    noted = run.ROOT / "calls"
    lines = noted.read_text().splitlines() if noted.exists() else []
    noted.unlink(missing_ok=True)
    return lines


def refuse(run: ModuleType, *words: str) -> None:
    """Let pip fail whenever one of these words is among its arguments."""
    (run.ROOT / "refused").write_text(" ".join(words))


def stamped_extras(run: ModuleType) -> list[str]:
    return list(json.loads(run.STAMP.read_text())["extras"])


def test_the_first_call_installs_editable_under_the_constraints(run: ModuleType) -> None:
    """One constrained, editable install brings in the extras that were asked for."""
    run.install("train")
    assert calls(run) == ["-qq -c constraints.txt -e .[train]"]
    assert stamped_extras(run) == ["train"]


def test_a_second_call_installs_nothing(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Where everything is there already, pip is not called and nothing is said."""
    run.install("train", "dev")
    calls(run)
    capsys.readouterr()
    run.install("dev")
    assert calls(run) == []
    assert capsys.readouterr().out == ""


def test_a_missing_extra_joins_those_that_are_there(run: ModuleType) -> None:
    """A later command adds its extras and keeps the earlier ones."""
    run.install("train")
    calls(run)
    run.install("dev")
    assert calls(run) == ["-qq -c constraints.txt -e .[dev,train]"]
    assert stamped_extras(run) == ["dev", "train"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_installs_again(run: ModuleType, name: str) -> None:
    """The stamp holds only as long as what it was made from stays the same."""
    run.install("train")
    calls(run)
    with (run.ROOT / name).open("a") as file:
        file.write("# changed\n")
    run.install("train")
    assert calls(run) == ["-qq -c constraints.txt -e .[train]"]


def test_a_torn_stamp_counts_as_none(run: ModuleType) -> None:
    """A stamp that cannot be read leads to an install, not to a traceback."""
    run.install("train")
    calls(run)
    run.STAMP.write_text('{"extr')
    run.install("train")
    assert len(calls(run)) == 1


def test_a_failed_install_leaves_no_stamp_and_says_so(run: ModuleType) -> None:
    """When pip fails there is one plain line with the next step, and the next call tries again."""
    refuse(run, "-e")
    with pytest.raises(run.Trouble, match=r"pip could not install omloop\[train\].*same command again"):
        run.install("train")
    assert not run.STAMP.exists()
    refuse(run)
    run.install("train")
    assert stamped_extras(run) == ["train"]


def test_a_failed_addition_keeps_what_worked(run: ModuleType) -> None:
    """Failing to add an extra does not cost the extras that are there."""
    run.install("train")
    refuse(run, "-e")
    with pytest.raises(run.Trouble):
        run.install("docs")
    calls(run)
    run.install("train")
    assert calls(run) == []


@pytest.mark.parametrize("damage", ["interrupted", "moved", "broken", "without pip"])
def test_a_venv_that_cannot_be_built_upon_is_remade(run: ModuleType, damage: str) -> None:
    """Interrupted, moved or broken environments are recognised before anything is installed."""
    run.install("train")
    assert run._why_remake() is None
    if damage == "interrupted":
        run.UNFINISHED.touch()
    elif damage == "moved":
        run._write_stamp({**run._stamp(), "venv": "/elsewhere/.venv"})
    else:
        run.PYTHON.write_text("#!/nowhere/python" if damage == "broken" else "#!/bin/sh\necho 3.9 False\n")
    assert run._why_remake() is not None


def test_an_interrupt_ends_with_130_and_a_mark(run: ModuleType) -> None:
    """Ctrl-C stops pip too, shows no traceback, and leaves a mark that the environment is not whole."""
    refuse(run, "hang")
    command = [sys.executable, str(run.ROOT / "run.py"), "demo"]
    # A session of its own, so that the interrupt reaches run.py and pip, as a terminal's would.
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (run.ROOT / "calls").exists() or not (run.ROOT / "calls").read_text():
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    error = process.communicate()[1]
    assert process.returncode == 130, error
    assert "Traceback" not in error
    assert run.UNFINISHED.exists()
    assert not run.STAMP.exists()


def test_torch_that_pip_knows_is_taken_without_an_index(run: ModuleType) -> None:
    """A wheel within pip's reach ends the search for torch."""
    run.install("torch")
    pin = run._torch_pin()
    assert calls(run) == [f"-qq --no-index --no-deps {pin}", "-qq -c constraints.txt -e .[torch]"]


def test_torch_then_tries_the_cpu_index_then_the_usual_one(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tries, in this order; only the last one lets pip fail the set-up."""
    monkeypatch.delenv("OMLOOP_TORCH_INDEX", raising=False)
    monkeypatch.setattr(run, "_wants_cpu_torch", lambda: True)
    refuse(run, "--no-index", "--index-url")
    run.install("torch")
    pin = run._torch_pin()
    assert calls(run) == [
        f"-qq --no-index --no-deps {pin}",
        f"-qq --no-deps --retries 1 --timeout 15 --index-url {CPU_INDEX} {pin}",
        "-qq -c constraints.txt -e .[torch]",
    ]


def test_a_gpu_machine_skips_the_cpu_index(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a GPU can be used, or off Linux, the usual wheel is the right one."""
    monkeypatch.setattr(run, "_wants_cpu_torch", lambda: False)
    refuse(run, "--no-index")
    run.install("torch")
    assert [call for call in calls(run) if "--index-url" in call] == []


def test_an_environment_variable_names_another_cpu_index(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """OMLOOP_TORCH_INDEX replaces PyTorch's own address."""
    monkeypatch.setenv("OMLOOP_TORCH_INDEX", "https://mirror.example/cpu")
    monkeypatch.setattr(run, "_wants_cpu_torch", lambda: True)
    refuse(run, "--no-index")
    run.install("torch")
    assert "--index-url https://mirror.example/cpu torch==" in calls(run)[1]


def test_a_driver_on_the_path_counts_as_a_gpu(run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """nvidia-smi on the PATH is enough to leave the CPU index alone."""
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not run._wants_cpu_torch()


def test_setup_takes_every_extra_of_pyproject(run: ModuleType) -> None:
    """A new extra in pyproject.toml is part of `setup` without a change to run.py."""
    file = run.ROOT / "pyproject.toml"
    file.write_text('[project]\n[project.optional-dependencies]\nspoon = ["x"]\nfork = ["y>=2"]\n')
    assert run.main(["setup"]) == 0
    assert stamped_extras(run) == ["fork", "spoon"]


def test_every_weighed_extra_exists(run: ModuleType) -> None:
    """The sizes told beforehand belong to extras that pyproject.toml has."""
    assert set(run.COSTS) - {"base"} <= set(run._every_extra())


def test_the_forecast_tells_time_and_size(run: ModuleType) -> None:
    """One plain line says beforehand how long and how large."""
    assert run._forecast(["base", "train"]).startswith("Setting up .venv with base, train: about a minute, 0.")
    assert "minutes" in run._forecast(["base", "train", "torch", "dev"])


def test_an_old_python_is_told_what_to_do(run: ModuleType) -> None:
    """Too old a Python gets one line with what was found and what would work."""
    with pytest.raises(run.Trouble, match=r"needs Python 3\.11 or newer; this is Python 3\.9\.2\. Install"):
        run._require_python((3, 9, 2))
    run._require_python((3, 11, 0))


def test_run_py_parses_on_python_38() -> None:
    """An old Python gets as far as the message."""
    ast.parse((REPO / "run.py").read_text(), feature_version=(3, 8))


def test_an_unknown_command_gets_a_suggestion(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the keys exits 2 and names the command that was meant."""
    assert run.main(["tset"]) == 2
    assert "no command is called 'tset'. Did you mean 'test'? There are: setup, demo" in capsys.readouterr().err


def test_arguments_where_none_are_taken_are_refused(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` and `setup` do not quietly drop what they were given."""
    assert run.main(["check", "--fast"]) == 2
    assert "check takes no arguments; given: --fast" in capsys.readouterr().err
    assert calls(run) == []


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_lists_every_command(run: ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Called with nothing, it tells what there is."""
    assert run.main(arguments) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name}  " in shown for name in ("setup", "demo", "test", "test-slow", "check", "docs"))


def test_every_command_has_a_make_target() -> None:
    """`make X` and `python3 run.py X` are the same thing."""
    makefile = (REPO / "Makefile").read_text()
    for name in ("setup", "demo", "test", "test-slow", "check", "docs"):
        assert f"run.py {name} $(ARGS)" in makefile


def test_whatever_the_tests_install_is_pinned(run: ModuleType) -> None:
    """A single package that is not makes pip try old ones of it, each with all that it needs, for minutes."""
    pinned = {_same(line.partition("==")[0]) for line in (REPO / "constraints.txt").read_text().splitlines()}
    waiting, found = [("omloop", extra) for extra in run.TESTED], set[tuple[str, str]]()
    while waiting:
        package, extra = waiting.pop()
        if (package, extra) in found or package.startswith(("nvidia", "triton")):  # of torch for GPUs alone
            continue
        found.add((package, extra))
        with contextlib.suppress(PackageNotFoundError):  # where somebody runs the tests with fewer extras
            for needed in map(Requirement, requires(package) or ()):
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    waiting += [(_same(needed.name), one) for one in ("", *needed.extras)]
    assert len(found) > 100 and {package for package, _ in found} - pinned - {"omloop"} == set()


def _same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_are_exact_and_sorted() -> None:
    """Each package has one exact version, which fits every platform, under a name pip would write."""
    text = (REPO / "constraints.txt").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    names = [line.split("==")[0] for line in lines]
    assert all(line.count("==") == 1 and "+" not in line and ";" not in line for line in lines)
    assert names == sorted(set(names))
    assert not [name for name in names if name.startswith("nvidia") or name == "triton"]
