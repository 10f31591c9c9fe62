"""`omloop key`."""

import argparse
from collections.abc import Callable, Mapping

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.core import OmloopError
from omloop.loop.serving.guarding import key_source
from omloop.loop.serving.keys import list_keys, new_key, revoke_key
from omloop.serve.access.keys import ApiKey
from omloop.serve.access.roles import ROLES

EXAMPLE = 'omloop key new --role predict --name "the shop"'


def arguments(parser: argparse.ArgumentParser) -> None:
    """VERB, and which key."""
    parser.add_argument("verb", metavar="VERB", choices=tuple(VERBS), help=", ".join(VERBS))
    parser.add_argument("key", metavar="KEY", nargs="?", default="", help="revoke: the key's id or name")
    parser.add_argument(
        "--role",
        metavar="ROLE",
        action="append",
        default=[],
        choices=ROLES,
        help=f"new: what its holder may do: {', '.join(ROLES)}; repeat for more roles",
    )
    parser.add_argument("--name", metavar="TEXT", default="", help="new: a name for its holder")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    return VERBS[args.verb](args)


def _new(args: argparse.Namespace) -> int:
    workspace = workspace_of(args)
    source = key_source(workspace.settings, workspace.root)
    made = new_key(workspace, args.role, args.name)
    line = made.key.line().decode().rstrip()
    kept = f"Its hash is in {source.name}" if source.path else f"Add this line to {source.name}: {line}"
    told = {"key": made.secret, **_facts(made.key), "where": source.name, "line": line}
    show(args, told, made.secret, "", f"Keep it now: it is not shown again. {kept}.")
    return 0


def _list(args: argparse.Namespace) -> int:
    found = list_keys(workspace_of(args))
    if not found.keys:
        show(args, [], f"There is no key in {found.where}. Make one with: omloop key new --role predict")
        return 0
    rows = [[key.id, key.name, ", ".join(key.roles), key.made] for key in found.keys]
    show(args, [_facts(key) for key in found.keys], table(["id", "name", "roles", "made"], rows))
    return 0


def _revoke(args: argparse.Namespace) -> int:
    if not args.key:
        raise OmloopError("Which key? Name one: omloop key revoke KEY. See: omloop key list")
    revoke_key(workspace_of(args), args.key)
    show(args, {"revoked": args.key}, f"{args.key} is revoked; running servers know it within a second.")
    return 0


def _facts(key: ApiKey) -> dict[str, object]:
    return {"id": key.id, "name": key.name, "roles": list(key.roles), "made": key.made}


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {"new": _new, "list": _list, "revoke": _revoke}
