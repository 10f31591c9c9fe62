"""Definitions of Apptainer: read by the rules of its parser, and their steps carried out for real in a folder."""

import os
import re
import shutil
import subprocess
from pathlib import Path

SECTIONS = {
    *("help", "setup", "files", "labels", "environment", "pre", "post", "runscript", "test", "startscript"),
    "arguments",
}
"""Of pkg/build/types/parser/deffile.go of Apptainer 1.4."""


def sections(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The header and the sections of a definition of one stage; fails where Apptainer's parser would."""
    header, *rest = re.split(r"(?m)^\s*%", text)
    lines = [line.split("#")[0].strip() for line in header.splitlines()]
    head = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines if line)}
    assert head.keys() <= {"bootstrap", "from"} and all(head.values()), head
    found = {part.partition("\n")[0].strip(): part.partition("\n")[2] for part in rest}
    assert len(found) == len(rest) and found.keys() <= SECTIONS, list(found)
    known = {line.partition("=")[0] for line in lines_of(found.get("arguments", ""))}
    assert set(re.findall(r"{{\s*(\w+)\s*}}", text)) == known
    return head, found


def lines_of(section: str) -> list[str]:
    """Lines of a section that say something, without the blanks round them."""
    return [line.strip() for line in section.splitlines() if line.strip() and not line.strip().startswith("#")]


def build(definition: Path, context: Path, root: Path) -> Path:
    """Carry a definition's steps out, with /opt in `root`; gives a program that is called as `apptainer exec` is."""
    _, found = sections(definition.read_text().replace("/opt/", f"{root}/opt/"))
    for source, target in (line.split() for line in lines_of(found["files"])):
        place = Path(target) / Path(source).name if target.endswith("/") else Path(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(context / source, place)
    _run("set -ex\n" + found["post"])
    _run(found["environment"] + found["test"])
    program = root / "apptainer"
    program.write_text(f'#!/bin/sh\n[ "$1" = exec ] || exit 2\nshift 2\n{found["environment"]}exec "$@"\n')
    program.chmod(0o755)
    return program


def _run(script: str) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    done = subprocess.run(["/bin/sh", "-c", script], env=env, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
