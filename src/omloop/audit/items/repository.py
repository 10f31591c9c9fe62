"""Items about the repository as such: git, environment, structure, dependencies, and what it says of itself."""

from __future__ import annotations

import re
from dataclasses import replace

from omloop.audit.dependencies import REQUIREMENTS, are_pinned, is_standard, lines_of, package_of
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import first, omloop_projects, some
from omloop.audit.modules import is_local
from omloop.audit.repository import Repository, is_test

_DIAGRAM = re.compile(r"(?i)architect|diagram|overview|pipeline|system|circle|circuit")
_PICTURE = re.compile(r"(?i)\.(png|jpe?g|svg|gif|webp|drawio|pdf|excalidraw|puml|d2|mmd)$")
_README = re.compile(r"(?i)(?:\.github/|docs/)?readme(?:\.(?:md|markdown|rst|txt))?")
LEAST_WORDS = 100


def git_repository(repository: Repository) -> Evidence:
    """A checkout with tracked files."""
    top, count = repository.checkout.top, repository.listing.tracked
    if top is None:
        return missing() if repository.checkout.usable else weak("git is not installed here, so nobody can tell")
    if not count:
        return weak("it lies in a checkout, but none of its files is tracked", Spot("."))
    where = "" if top == repository.listing.folder else f" of the checkout {top.name}"
    return found(f"{count:,} tracked files{where}", Spot(".git") if not where else Spot("."))


def environment(repository: Repository) -> Evidence:
    """Declared packages, with a version of Python."""
    needs = repository.dependencies
    pinned = repository.find(
        r"(uv\.lock|poetry\.lock|pdm\.lock|pylock\.toml|Pipfile\.lock|conda-lock\.yml|\.python-version|constraints\.txt)$"
    )
    conda = [one for one in needs.spots if re.search(r"environment|conda", one.path) and needs.has("python")]
    if not needs.spots:
        return missing()
    listed = {one.path for one in needs.spots if REQUIREMENTS.search(one.path)}
    frozen = [path for path in sorted(listed) if are_pinned(lines_of(repository.texts, path))]
    versions = [*first(conda), *([needs.python_spot] if needs.python_spot else []), *map(Spot, pinned + frozen)]
    if not versions:
        return weak("packages are declared, but no version of Python and no lock file", needs.spots[0])
    told = [f"{len(needs.names)} packages", *(["each at one version"] if frozen else [])]
    return found(", ".join(told + ([f"Python {needs.python}"] if needs.python else [])), *first(versions))


def structure(repository: Repository) -> Evidence:
    """Code in a package or a project, tests apart, and a file that says what it needs."""
    if not repository.python:
        return missing()
    own = [one.path for one in repository.code if "/" in one.path and " cell " not in one.path]
    packages = [path for path in own if path.endswith("__init__.py") or path.startswith("src/")]
    packages = packages or [one.path for one in omloop_projects(repository)]
    lacks = [] if packages else ["code lies in no package"]
    lacks += [] if repository.tests else ["there are no tests"]
    lacks += [] if repository.dependencies.spots else ["no file says what it needs"]
    if lacks:
        return weak(some(lacks), Spot((packages or list(repository.python))[0].partition(" cell ")[0]))
    return found("code in a package, tests, and what it needs", *map(_folder, (packages[0], repository.tests[0].path)))


def _folder(path: str) -> Spot:
    return Spot(path.rpartition("/")[0] or path)


def dependencies(repository: Repository) -> Evidence:
    """The repository declares every package that it imports."""
    needs = repository.dependencies
    absent: dict[str, Spot] = {}
    for facts in repository.python.values():
        for one in facts.imports:
            known = one.optional or is_standard(one.name) or is_local(repository, one.name)
            if not known and not needs.bring(one.name):
                absent.setdefault(_shown(one.name), Spot(facts.path, one.line))
    if not needs.spots:
        return missing()
    if absent:
        names = sorted(absent)
        told = weak(f"imported, but not declared: {some(names)}", *first(absent[one] for one in names))
        packages = ", ".join(dict.fromkeys(map(package_of, names)))
        return replace(told, next_step=f"declare in {needs.spots[0].path}: {packages}")
    return found(f"every imported package is among the {len(needs.names)} that are declared", *first(needs.spots))


def _shown(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[:3] if parts[0] == "google" else parts[:1])


def description(repository: Repository) -> Evidence:
    """A README of some length, in the folder itself or where else GitHub looks for one."""
    named = [one for path, one in repository.pages.items() if _README.fullmatch(path)]
    pages = sorted(named, key=lambda one: one.path.count("/"))
    if not pages:
        return missing()
    page = pages[0]
    if page.words < LEAST_WORDS:
        return weak(f"{page.words} words in the README; that describes little", Spot(page.path))
    about = f" about “{page.title}”" if page.title else ""
    return found(f"{page.words} words{about}; whether it was revisited no file says", Spot(page.path, 1))


def diagram(repository: Repository) -> Evidence:
    """A picture of the architecture that a page shows, or a diagram drawn in a page."""
    drawn = [Spot(one.path, line) for one in repository.pages.values() for line in one.diagrams]
    if drawn:
        return found("drawn in a page", *first(drawn))
    broken = list[Spot]()
    for page in repository.pages.values():
        for line, target in page.images:
            if not _DIAGRAM.search(target) or "://" in target or "badge" in target:
                continue
            if _exists(repository, page.path, target):
                return found(f"{target.rpartition('/')[2]} is shown", Spot(page.path, line))
            broken.append(Spot(page.path, line))
    if broken:
        return weak("a page shows a picture that is not there", *first(broken))
    pictures = [
        path for path in repository.paths if _PICTURE.search(path) and re.search(r"(?i)architect|diagram", path)
    ]
    return weak("a picture that no page shows", Spot(pictures[0])) if pictures else missing()


def _exists(repository: Repository, page: str, target: str) -> bool:
    base = page.rpartition("/")[0]
    parts = list[str]()
    for part in f"{base}/{target}".split("/") if not target.startswith("/") else target.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/".join(parts) in repository.paths


def uploaded(repository: Repository) -> Evidence:
    """A remote that holds the current commit."""
    remotes = [one for one in repository.checkout.remotes() if "://" in one or "@" in one]
    if not remotes:
        return missing("no remote")
    found_host = re.search(r"(?:@|://)(?:[^/@]*@)?([\w.-]+\.\w+)", remotes[0])
    host = found_host[1] if found_host else "the remote"
    if not repository.checkout.is_pushed():
        return weak(f"what is checked out was on no branch of {host} when it was last asked", Spot(".git"))
    return found(f"what is checked out is on {host}", Spot(".git"))


def typed_and_documented(repository: Repository) -> Evidence:
    """Most public functions have types and docstrings."""
    functions = [
        (facts.path, one)
        for facts in repository.code
        for one in facts.functions
        if one.is_public and " cell " not in facts.path and not is_test(facts.path) and "overload" not in one.decorators
    ]
    if not functions:
        return missing("no public function")
    typed = sum(one.annotated for _, one in functions) / len(functions)
    told = sum(one.documented for _, one in functions) / len(functions)
    why = f"{typed:.0%} of the public functions ({len(functions)}) are typed and {told:.0%} have a docstring"
    if typed < 0.1 and told < 0.1:
        return missing(why)
    if typed >= LEAST_SHARE and told >= LEAST_SHARE:
        good = [Spot(path, one.line) for path, one in functions if one.annotated and one.documented]
        return found(why, *first(good)[:1])
    by_type = typed < LEAST_SHARE
    lacking = [Spot(path, one.line) for path, one in functions if not (one.annotated if by_type else one.documented)]
    lack = "types" if by_type else "docstring"
    return weak(f"{why}, where {LEAST_SHARE:.0%} of each is asked; the first without {lack}:", *first(lacking)[:1])


LEAST_SHARE = 0.75
