"""`omloop data-version`."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from omloop.cli.data_difference import markdown_argument, show_difference
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress, show, table
from omloop.core import OmloopError
from omloop.loop.project.plan import Plan
from omloop.loop.records.data_stages import FILE, stages_of, write_stages
from omloop.loop.records.data_versions import data_path, data_repository, earlier_data

EXAMPLE = "omloop data-version add rides data.path=rides.csv --remote gs://my-bucket/data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """VERB, NAME, which data, and where to keep it."""
    parser.add_argument("verb", metavar="VERB", choices=tuple(VERBS), help=", ".join(VERBS))
    name_argument(parser)
    parser.add_argument(
        "words", metavar="PATH|KEY=VALUE", nargs="*", help="which data (default: the project's), and configuration"
    )
    parser.add_argument("--remote", metavar="ADDRESS", help="where to keep the data: a folder, gs://... or s3://...")
    parser.add_argument(
        "--since", metavar="REVISION", default="HEAD", help="diff: a commit, tag or branch of git (default: HEAD)"
    )
    markdown_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    overrides = [word for word in args.words if "=" in word]
    paths = [Path(word).expanduser() for word in args.words if "=" not in word]
    for path in paths:
        if not path.exists() and args.verb == "add":
            raise OmloopError(f"There is no file or folder {path}.")
    plan = Plan.of(args.project, overrides, workspace_of(args), by="data-version", tell=progress(args))
    return VERBS[args.verb](args, plan, paths)


def _add(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    chosen = paths or [data_path(plan)]
    repository = data_repository(chosen[0], begin=True)
    if args.remote:
        repository.set_remote(args.remote)
    added = [repository.add(path) for path in chosen]
    found = [
        {
            "path": str(one.path),
            "pointer": str(one.pointer),
            "digest": one.digest,
            "bytes": one.size,
            "files": one.files,
        }
        for one in added
    ]
    pointers = " ".join(_short(one.pointer) for one in added)
    show(
        args,
        {"added": found, "remote": repository.remote() or None},
        *(f"{_short(one.path)}: {one.size:,} bytes in {one.files:,} files, {one.digest}" for one in added),
        f"next       git add {pointers} {_short(repository.root / '.dvc')} && git commit",
        f"then       omloop data-version push {args.name}",
    )
    return 0


def _status(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    repository = data_repository((paths or [Path.cwd()])[0])
    changed = repository.changed()
    rows = [(one, changed.get(one.path, "as kept")) for one in repository.pointers()]
    found = {"remote": repository.remote() or None, "data": {str(one.path): state for one, state in rows}}
    lines = [[_short(one.path), f"{one.size:,}", f"{one.files:,}", state] for one, state in rows]
    show(args, found, table(["data", "bytes", "files", "state"], lines), f"remote     {found['remote'] or 'none'}")
    return 0


def _diff(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    with earlier_data(data_path(plan), args.since) as earlier:
        return show_difference(args, plan, earlier, named=f"{data_path(plan)} at {args.since}")


def _push(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    repository = data_repository((paths or [Path.cwd()])[0])
    if args.remote:
        repository.set_remote(args.remote)
    if not repository.remote():
        raise OmloopError("The data has no remote. Name one: --remote FOLDER, gs://BUCKET/PATH or s3://BUCKET/PATH.")
    sent = repository.push(paths)
    show(args, {"pushed": sent, "remote": repository.remote()}, f"{sent:,} files sent to {repository.remote()}")
    return 0


def _pull(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    repository = data_repository((paths or [Path.cwd()])[0])
    fetched = repository.pull(paths)
    show(args, {"fetched": fetched, "remote": repository.remote()}, f"{fetched:,} files fetched")
    return 0


def _checkout(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    repository = data_repository((paths or [Path.cwd()])[0])
    changed = repository.checkout(paths)
    told = [f"laid out   {_short(path)}" for path in changed] or ["nothing changed"]
    show(args, {"changed": [str(path) for path in changed]}, *told)
    return 0


def _stages(args: argparse.Namespace, plan: Plan, paths: list[Path]) -> int:
    given = {"--workspace": args.workspace, "--projects": args.projects}
    options = [word for name, value in given.items() if value for word in (name, str(value))]
    stages = stages_of(plan, args.project, [word for word in args.words if "=" in word], options)
    if args.json:
        show(args, {"stages": stages})
        return 0
    data_repository(Path.cwd(), begin=True)
    write_stages(Path.cwd() / FILE, stages)
    show(args, {}, *(f"{name:<30} {stage['cmd']}" for name, stage in stages.items()), "next       dvc repro")
    return 0


def _short(path: Path) -> str:
    """A path from here where it lies below, else whole."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


VERBS: Mapping[str, Callable[[argparse.Namespace, Plan, list[Path]], int]] = {
    "add": _add,
    "status": _status,
    "diff": _diff,
    "push": _push,
    "pull": _pull,
    "checkout": _checkout,
    "stages": _stages,
}
