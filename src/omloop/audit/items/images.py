"""Items about images: Dockerfiles, and whether a fresh clone can build them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from omloop.audit.commands import any_of, in_workflows
from omloop.audit.dockerfile_start import started
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import first, run_spots
from omloop.audit.modules import has_module
from omloop.audit.options import build_file
from omloop.audit.python_versions import allows
from omloop.audit.repository import Repository

BUILDS = any_of(
    r"\bdocker (?:buildx )?build\b",
    r"\bdocker[- ]compose\b.*\bbuild\b",
    r"\bpodman build\b",
    r"\bgcloud builds submit\b",
    r"\bbuildah\b",
    r"\bkaniko\b",
)


def dockerfiles(repository: Repository) -> Evidence:
    """Dockerfiles that copy what is there, on a Python that the project runs on."""
    if not repository.dockerfiles:
        return missing()
    wrong = [*_ends_with_blank(repository), *_absent(repository), *_unbuildable(repository)]
    if wrong := [*wrong, *_other_python(repository), *_not_there(repository)]:
        return weak(_reasons(wrong), *first(spot for _, spot in wrong))
    spots = [Spot(one.path, one.instructions[0][0]) for one in repository.dockerfiles.values()]
    return found(f"{len(spots)} {'images' if len(spots) > 1 else 'image'}, whose files are all there", *first(spots))


def _ends_with_blank(repository: Repository) -> Iterator[tuple[str, Spot]]:
    for path in repository.dockerfiles:
        if path != path.rstrip():
            plain = path.rstrip()
            yield f"its name ends with a blank, so `-f {plain}` does not find it", Spot(path)


def _reasons(wrong: list[tuple[str, Spot]]) -> str:
    """The only reason, or the first two, each with its place, and how many more there are."""
    told = [f"{why} ({spot})" if len(wrong) > 1 else why for why, spot in wrong]
    return "; ".join(told[:2]) + (f"; and {len(told) - 2} more" if len(told) > 2 else "")


def _absent(repository: Repository) -> Iterator[tuple[str, Spot]]:
    """What images copy that no commit holds; a folder may be above the Dockerfile or be its own."""
    asked = [(one, line, source) for one in repository.dockerfiles.values() for line, source in one.copies()]
    absent = [(one, line, source) for one, line, source in asked if not _is_there(repository, one.path, source)]
    ignored = repository.checkout.ignored({_plain(source) for _, _, source in absent})
    for docker, line, source in absent:
        why = "which git ignores: a fresh clone lacks it" if _plain(source) in ignored else "which is not there"
        yield f"it copies {source}, {why}", Spot(docker.path, line)


def _plain(source: str) -> str:
    return source.removeprefix("./").strip("/") or "."


def _is_there(repository: Repository, path: str, source: str) -> bool:
    plain, folder = _plain(source), path.rpartition("/")[0]
    parts = plain.split("/")
    if plain == "." or ".." in parts or parts[0] == ".git":  # a checkout always has .git
        return True
    for wanted in (plain, f"{folder}/{plain}" if folder else plain):
        if wanted in repository.folders or wanted in repository.paths:
            return True
        if any(char in wanted for char in "*?[") and any(
            fnmatch.fnmatch(one, wanted) for one in (*repository.paths, *repository.folders)
        ):
            return True
    return False


def _unbuildable(repository: Repository) -> Iterator[tuple[str, Spot]]:
    for one in repository.dockerfiles.values():
        for line, source in one.targetless():
            yield f"it copies {source} and does not say where to, so nothing can build it", Spot(one.path, line)


def _not_there(repository: Repository) -> Iterator[tuple[str, Spot]]:
    """The repository's own files and modules that images start, where no file is called so."""
    own = {folder.rpartition("/")[2] for folder in repository.folders}
    for one in repository.dockerfiles.values():
        if not (begun := started(one)):
            continue
        line, name = begun
        if name.endswith(".py"):
            absent = not any(f"/{path}".endswith(f"/{name}") for path in repository.paths)
        else:
            absent = name.partition(".")[0] in own and not has_module(repository, name)
        if absent:
            yield f"it starts {name}, which is not there", Spot(one.path, line)


def _other_python(repository: Repository) -> Iterator[tuple[str, Spot]]:
    asked = repository.dependencies.python
    for one in repository.dockerfiles.values():
        named = one.python()
        if named and asked and not allows(asked, named[1]):
            yield f"it has Python {named[1]}, and the project asks for {asked}", Spot(one.path, named[0])


def automatic_builds(repository: Repository) -> Evidence:
    """A workflow that builds images by itself."""
    unread = {path for path, _ in repository.unread}
    hits = in_workflows(repository, BUILDS)
    broken = [(build_file(hit.text), hit.spot) for _, hit in hits if build_file(hit.text) in unread]
    built = [(workflow, hit.spot) for workflow, hit in hits if build_file(hit.text) not in unread]
    for workflow in repository.workflows.values():
        uses = [one.line for one in workflow.steps if "build-push-action" in one.uses or "docker/bake" in one.uses]
        built += [(workflow, Spot(workflow.path, line)) for line in uses[:1]]
    automatic = [spot for workflow, spot in built if workflow.is_automatic()]
    if automatic:
        return found("a workflow builds images", *first(automatic))
    if broken:
        return weak(f"a workflow builds by {broken[0][0]}, which cannot be read", *first(spot for _, spot in broken))
    if built:
        return weak("a workflow builds images when somebody starts it", *first(spot for _, spot in built))
    cloud = [
        Spot(path, 1)
        for path in repository.paths
        if path.rpartition("/")[2].startswith("cloudbuild") and path in repository.yaml
    ]
    if cloud:
        return weak("files of Cloud Build; what starts them is not in files", *first(cloud))
    by_hand = run_spots(repository, BUILDS)
    return weak("images are built by hand", *first(by_hand)) if by_hand else missing()
