"""The steps of a Dockerfile, carried out for real in a folder: no engine of containers, and no root of its own.

What begins with /opt or /var/lib lies in the folder, each at the same place for all stages, as it does in an image. Of
what a stage made only what the next one copies is left. A container of it runs as the user of the image where the tests
run as root, so that what is not for that user to write cannot be written.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omloop.core import Settings
from omloop.loop import Workspace
from omloop.loop.deploy.files import deploy_files
from omloop.loop.settings import SETTINGS

REPO = Path(__file__).parents[2]
PLACES = re.compile(r"(?<![\w.])/(opt|var/lib)/")


@contextmanager
def repository_of(project: str, *targets: str) -> Iterator[Path]:
    """A repository with one project, the wheel of this omloop, and the files of targets; everybody may read it."""
    with tempfile.TemporaryDirectory(prefix="omloop-images-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        wheels = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder / "wheels"), str(REPO)]
        subprocess.run(wheels, check=True, timeout=300)
        place = f"projects/{project}"
        shutil.copytree(REPO / place, folder / place, ignore=shutil.ignore_patterns("__pycache__"))
        wheel = next((folder / "wheels").glob("*.whl")).relative_to(folder).as_posix()
        settings = SETTINGS.load(
            {"projects": str(folder / "projects"), "workspace": str(folder / "ws"), "deploy_omloop": wheel}
        )
        assert isinstance(settings, Settings)
        for target in targets:
            deploy_files(target, project, Workspace(settings), folder)
        yield folder


class Image:
    """What a Dockerfile made in `root`, of the files in `context`."""

    def __init__(self, dockerfile: Path, context: Path, root: Path) -> None:
        self.root, self.context = root, context
        self.env: dict[str, str] = {}
        self.words: dict[str, list[str]] = {}
        self.user = os.getuid()
        self.path = os.pathsep.join([*_system_python(root.parent), os.environ["PATH"]])
        for instruction, rest in _instructions(dockerfile.read_text()):
            getattr(self, f"_{instruction.lower()}", lambda _: None)(rest)

    def run(self, *words: str, **env: str) -> "subprocess.Popen[str]":
        """Begin a container: its entry point, with `words` in place of its command."""
        command = [*self.words["ENTRYPOINT"], *(words or self.words["CMD"])]
        found = {"PATH": self.path, **self.env, **env}
        folder = self._path("/var/lib/omloop")
        program = shutil.which(command[0], path=found["PATH"])
        assert program is not None, command
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=folder,
            env=found,
            user=self.user,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _path(self, path: str) -> Path:
        return Path(self._here(path))

    def _here(self, text: str) -> str:
        return PLACES.sub(lambda found: f"{self.root}/{found[1]}/", text + " ").rstrip()

    def _from(self, rest: str) -> None:
        if self.root.exists() and any(self.root.iterdir()):
            self.root.rename(self._built)
        self.root.mkdir(parents=True, exist_ok=True)
        self.env = {}

    @property
    def _built(self) -> Path:
        return self.root.with_name(f"{self.root.name}-built")

    def _arg(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.env.setdefault(name, value)

    def _env(self, rest: str) -> None:
        for word in shlex.split(rest):
            name, _, value = word.partition("=")
            self.env[name] = self._here(value).replace("$PATH", self.path)

    def _workdir(self, rest: str) -> None:
        self._path(rest + "/").mkdir(parents=True, exist_ok=True)

    def _copy(self, rest: str) -> None:
        *flags, source, target = rest.split()
        place = self._path(target)
        if flags:
            begun = Path(str(self._path(source)).replace(str(self.root), str(self._built), 1))
            place.parent.mkdir(parents=True, exist_ok=True)
            begun.rename(place)
            return
        found = self.context / source
        if found.is_dir():
            shutil.copytree(found, place, ignore=shutil.ignore_patterns("__pycache__", ".omloop"))
        else:
            place = place / found.name if target.endswith("/") else place
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, place)

    def _run(self, rest: str) -> None:
        if os.getuid():
            rest = re.sub(r"install -d -o \d+ -g \d+", "install -d", rest)
        env = {**os.environ, "PATH": self.path, **{name: value for name, value in self.env.items() if name != "PYTHON"}}
        done = subprocess.run(
            ["bash", "-ec", self._here(rest)], env=env, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, f"{rest}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"

    def _user(self, rest: str) -> None:
        reached = shutil.which("python", path=self.env["PATH"])
        if os.getuid() == 0 and reached is not None and _is_for_all(Path(reached).resolve()):
            self.user = int(rest.partition(":")[0])

    def _entrypoint(self, rest: str) -> None:
        self.words["ENTRYPOINT"] = json.loads(rest)

    def _cmd(self, rest: str) -> None:
        self.words["CMD"] = json.loads(rest)

    def _healthcheck(self, rest: str) -> None:
        self.words["HEALTHCHECK"] = json.loads(rest[rest.index("CMD") + 3 :])


def _system_python(folder: Path) -> list[str]:
    """A folder with the system's `python`, where all may reach that alone and it is as new as our own."""
    system = Path("/usr/bin/python{}.{}".format(*sys.version_info[:2]))
    if _is_for_all(Path(sys.executable).resolve()) or not system.exists():
        return []
    place = folder / "python"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "python").exists():
        (place / "python").symlink_to(system)
    return [str(place)]


def _is_for_all(path: Path) -> bool:
    return all(one.stat().st_mode & 0o001 for one in (path, *path.parents))


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines if line.strip()]
