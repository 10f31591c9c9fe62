"""A repository read once: what its files say, so that every item asks the same facts."""

from __future__ import annotations

import codecs
import gc
import json
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from omloop.audit import dependencies as declared
from omloop.audit.dependencies import Dependencies, Setup, read_dependencies
from omloop.audit.dockerfile import Dockerfile, is_dockerfile, read_dockerfile
from omloop.audit.evidence import Defect, Spot
from omloop.audit.git import Checkout
from omloop.audit.listing import Listing, list_files
from omloop.audit.page_facts import PageFacts, read_page
from omloop.audit.python_facts import Call, PythonFacts, read_python
from omloop.audit.secrets import secret_lines
from omloop.audit.tree import MOST_BYTES as MOST_YAML
from omloop.audit.tree import Node, read_yaml
from omloop.audit.workflow import FOLDER, Workflow, github_workflow, gitlab_workflow, with_called, without_end_zeros
from omloop.core import OmloopError, explain_missing

T = TypeVar("T")
MOST_BYTES = 1_000_000
_TEXTS = (
    ".toml",
    ".txt",
    ".in",
    ".cfg",
    ".ini",
    ".sh",
    ".bash",
    ".mk",
    ".tf",
    ".env",
    ".js",
    ".ts",
    ".json",
    ".conf",
    ".jobscript",
    ".ps1",
    ".bat",
    ".cmd",
)
_NAMED = (
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    "Pipfile",
    "Procfile",
    ".env",
    ".gitignore",
    ".gitattributes",
    "config",
)
_SECRETIVE = (".env", ".ini", ".cfg", ".conf", ".sh", ".bash", ".ps1", ".bat", ".cmd", ".tf", ".json", ".toml")
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")


@dataclass(eq=False)
class Repository:
    """The facts of a repository, by the paths of its files."""

    listing: Listing
    python: dict[str, PythonFacts] = field(default_factory=dict)
    yaml: dict[str, list[Node]] = field(default_factory=dict)
    toml: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    pages: dict[str, PageFacts] = field(default_factory=dict)
    dockerfiles: dict[str, Dockerfile] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    secrets: list[Defect] = field(default_factory=list)
    setups: dict[str, list[str]] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    _kept: dict[object, Any] = field(default_factory=dict)

    def once(self, make: Callable[[Repository], T]) -> T:
        """The result of a function of the repository, which the first call computes."""
        if make not in self._kept:
            self._kept[make] = make(self)
        made: T = self._kept[make]
        return made

    @property
    def checkout(self) -> Checkout:
        """The folder as git knows it."""
        return self.listing.checkout

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths that count."""
        return self.listing.paths

    @cached_property
    def folders(self) -> frozenset[str]:
        """All folders that hold one of the paths."""
        return frozenset(str(parent) for path in self.paths for parent in PurePosixPath(path).parents)

    @cached_property
    def code(self) -> list[PythonFacts]:
        """Python files that are no tests."""
        return [one for path, one in self.python.items() if not is_test(path)]

    @cached_property
    def tests(self) -> list[PythonFacts]:
        """Python files that are tests."""
        return [one for path, one in self.python.items() if is_test(path)]

    @cached_property
    def dependencies(self) -> Dependencies:
        """The packages that the repository declares."""
        return read_dependencies(self.texts, self.toml, self.yaml, _setups(self))

    def calls(self, *names: str, tests: bool = False) -> Iterator[tuple[PythonFacts, Call]]:
        """Calls whose resolved name is one of these, or begins so where a name ends with a dot; tests if asked."""
        begins = tuple(name for name in names if name.endswith("."))
        known = self.once(_calls_by_name)
        fitting = {name for name in names if name in known}
        if begins:
            fitting.update(name for name in known if name.startswith(begins))
        hits = [hit for name in fitting for hit in known[name] if tests or not is_test(hit[0].path)]
        return iter(sorted(hits, key=lambda hit: (hit[0].path, hit[1].line)))

    def imports(self, *tops: str) -> Iterator[Spot]:
        """Where code that is no test imports one of the packages."""
        for facts in self.code:
            if line := facts.line_of_import(*tops):
                yield Spot(facts.path, line)

    def line_of(self, path: str, pattern: str) -> Spot:
        """The first line of a text that fits a pattern, or the file as a whole."""
        wanted = re.compile(pattern)
        for number, line in enumerate(self.texts.get(path, "").splitlines(), 1):
            if wanted.search(line):
                return Spot(path, number)
        return Spot(path)

    def find(self, pattern: str) -> list[str]:
        """Paths that fit a pattern from their beginning."""
        wanted = re.compile(pattern)
        return [path for path in self.paths if wanted.match(path)]


def _calls_by_name(repository: Repository) -> Mapping[str, list[tuple[PythonFacts, Call]]]:
    known: dict[str, list[tuple[PythonFacts, Call]]] = {}
    for facts in repository.python.values():
        for call in facts.calls:
            known.setdefault(call.name, []).append((facts, call))
    return known


def is_test(path: str) -> bool:
    """Whether a path is of a test.

    >>> is_test("tests/helpers.py"), is_test("src/app_test.py"), is_test("src/testing.py")
    (True, True, False)
    """
    return bool(_TEST.search(path)) or not {"test", "tests"}.isdisjoint(path.split("/")[:-1])


def read_repository(folder: Path) -> Repository:
    """Read every file that counts, once, and note unreadable files in `unread`.

    Raises OmloopError for a path that is no folder or that this user may not look into. Raises MissingExtraError where
    no library reads YAML.
    """
    _check(folder)
    with explain_missing("omloop audit"):
        import yaml  # noqa: F401
    repository = Repository(list_files(folder.resolve()))
    with warnings.catch_warnings(), _without_collection():
        warnings.simplefilter("ignore")  # what Python thinks of somebody's escape sequences
        for path in repository.paths:
            if reader := _reader(path):
                _read(repository, path, reader)
    for path in [one for one in repository.python if _is_course_checker(repository, one)]:
        del repository.python[path]
    own = repository.workflows
    repository.workflows = {path: with_called(one, own, repository.yaml) for path, one in own.items()}
    if repository.listing.left_out:
        repository.unread.append((".", f"{repository.listing.left_out:,} more files, which were too many"))
    return repository


def _is_course_checker(repository: Repository, path: str) -> bool:
    """Whether it is the script of the course's template that checks a report: nobody of the team wrote it."""
    page = f"{path.removesuffix('report.py')}README.md"
    if not re.search(r"(?:^|/)reports?/report\.py$", path) or page not in repository.pages:
        return False
    facts = repository.python[path]
    commands = {one.name for one in facts.functions if any(name.endswith(".command") for name in one.decorators)}
    if not commands or not commands <= {"html", "check"} or not facts.line_of_import("markdown"):
        return False
    return b"Question" in (repository.listing.folder / page).read_bytes()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of nodes come and go, none of them in a circle: to look for garbage would be a fifth of the work."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _check(folder: Path) -> None:
    try:
        if not folder.exists():
            raise OmloopError(f"There is no folder '{folder}'. Give the folder of a repository.")
        if not folder.is_dir():
            raise OmloopError(f"'{folder}' is a file. Give the folder of a repository, such as '{folder.parent}'.")
        next(folder.iterdir(), None)
    except OSError as error:
        told = f"The folder '{folder}' cannot be read: {error.strerror}. Check its rights."
        raise OmloopError(told) from error


Reader = Callable[[Repository, str, bytes], None]


def _reader(path: str) -> Reader | None:
    """The function that reads a file, by the file's name; None for a file that the audit does not read."""
    name = path.rpartition("/")[2]
    suffix = PurePosixPath(name).suffix.lower()
    if "templates" in path.split("/") and suffix not in (".py", ".md"):
        return None  # text that becomes a file elsewhere
    by_suffix: dict[str, Reader] = {
        ".py": _python, ".ipynb": _notebook, ".yml": _yaml, ".yaml": _yaml, ".dvc": _yaml, ".md": _page,
        ".markdown": _page, ".rst": _page,
    }  # fmt: skip
    if suffix in by_suffix:
        return by_suffix[suffix]
    if name.lower() in ("readme", "readme.txt"):
        return _page
    if is_dockerfile(name):
        return _docker
    if name == "dvc.lock":
        return _yaml
    if name.endswith((".pem", ".key")) or suffix in _TEXTS or name in _NAMED or name.startswith(".env"):
        return _text
    return None


def _read(repository: Repository, path: str, reader: Reader) -> None:
    file = repository.listing.folder / path
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            repository.unread.append((path, f"larger than {MOST_BYTES:,} bytes"))
            return
        content = _unmarked(file.read_bytes())
    except OSError as error:
        repository.unread.append((path, error.strerror or "cannot be read"))
        return
    if b"\0" in content[:8192]:
        repository.unread.append((path, "no text"))
        return
    try:
        reader(repository, path, content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        repository.unread.append((path, _reason(error)))


def _unmarked(content: bytes) -> bytes:
    """UTF-8 without the byte-order mark that editors and shells of Windows write; UTF-16 becomes UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").encode()
    return content.removeprefix(codecs.BOM_UTF8)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "no UTF-8 text"
    if isinstance(error, SyntaxError):
        return f"no Python: {error.msg}" + (f" in line {error.lineno}" if error.lineno else "")
    return "nested too deep" if isinstance(error, RecursionError | MemoryError) else str(error)


def _python(repository: Repository, path: str, content: bytes) -> None:
    repository.python[path] = read_python(content, path)
    if path.rpartition("/")[2] == "setup.py":
        repository.setups[path] = list(declared.of_setup_py(content))


def _notebook(repository: Repository, path: str, content: bytes) -> None:
    """Each cell is a file of its own, and its line numbers start at its own beginning."""
    cells = json.loads(content.decode("utf-8")).get("cells", [])
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        text = source if isinstance(source, str) else "".join(map(str, source))
        magic = [line if line.lstrip().startswith(("%", "!")) else "" for line in text.splitlines()]
        _note_secrets(repository, f"{path} cell {number}", "\n".join(magic))
        plain = "\n".join("pass" if line.lstrip().startswith(("%", "!", "?")) else line for line in text.splitlines())
        where = f"{path} cell {number}"
        try:
            repository.python[where] = read_python(plain, where)
        except (SyntaxError, ValueError):
            continue


def _yaml(repository: Repository, path: str, content: bytes) -> None:
    if len(content) > MOST_YAML:
        raise ValueError(f"larger than {MOST_YAML:,} bytes")
    text = content.decode("utf-8-sig")
    _note_secrets(repository, path, text)
    if "{{" in text and "{%" in text:
        raise ValueError("a template, no YAML yet")
    repository.yaml[path] = trees = read_yaml(without_end_zeros(text) if path.startswith(FOLDER) else text)
    if not trees:
        return
    if path.startswith(FOLDER) and path.count("/") == 2:
        if read := github_workflow(path, trees[0]):
            repository.workflows[path] = read
    elif path == ".gitlab-ci.yml":
        repository.workflows[path] = gitlab_workflow(path, trees[0])


def _page(repository: Repository, path: str, content: bytes) -> None:
    repository.pages[path] = read_page(path, content.decode("utf-8", "replace"))


def _docker(repository: Repository, path: str, content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    _note_secrets(repository, path, text)
    if read := read_dockerfile(path, text):
        repository.dockerfiles[path] = read


def _text(repository: Repository, path: str, content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    name = path.rpartition("/")[2]
    if name.endswith((".pem", ".key", *_SECRETIVE)) or name.startswith(".env"):
        _note_secrets(repository, path, text)
    if name.endswith(".json") and name != "package.json" and len(text) > 50_000:
        return
    repository.texts[path] = text
    if name.endswith(".toml") or name == "Pipfile":
        try:
            repository.toml[path] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            repository.unread.append((path, f"no TOML: {error}"))


def _note_secrets(repository: Repository, path: str, text: str) -> None:
    if is_test(path) or path.endswith(".lock"):
        return
    for line, name in secret_lines(text):
        told = f"what looks like a secret stands in the source ({name})"
        step = "take it out, revoke it, and read it from the environment or a secret manager"
        repository.secrets.append(Defect(told, Spot(path, line), step))


def _setups(repository: Repository) -> Iterator[Setup]:
    """What each setup.py declares, all its lists included."""
    for facts, call in repository.calls("setuptools.setup", "distutils.core.setup"):
        listed = [word for _, line in facts.commands for word in line.split()]
        names = [name for word in listed for name in declared.requirement(word)]
        names += repository.setups.get(facts.path, ())
        yield names, Spot(facts.path, call.line), call.keywords.get("python_requires", "")
