"""`omloop profile`."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.cli.durations import seconds
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.overrides import plan_of
from omloop.cli.show import show, table
from omloop.core import ConfigError, write_whole

if TYPE_CHECKING:
    from omloop.report import Profile

EXAMPLE = "omloop profile student_performance train model=mlp"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, what to profile, and the training's configuration."""
    name_argument(parser)
    parser.add_argument("what", choices=("train", "predict", "serve"), help="what to profile")
    parser.add_argument(
        "overrides", metavar="KEY=VALUE", nargs="*", help="configuration of a training, such as model=mlp"
    )
    parser.add_argument("--rows", type=int, default=64, metavar="N", help="rows in a prediction (default: 64)")
    parser.add_argument(
        "--rate", type=float, default=50.0, metavar="R", help="requests a second to a server (default: 50)"
    )
    parser.add_argument("--for", type=seconds, default=5.0, dest="lasts", metavar="TIME", help="how long (default: 5s)")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the page here (default: profiles/NAME-WHAT.html)"
    )


def run(args: argparse.Namespace) -> int:
    """Look, and write the page."""
    from omloop.report import profile_page

    if args.overrides and args.what != "train":
        raise ConfigError(f"'{args.overrides[0]}' configures a training; {args.what} takes the champion as it is.")
    profile = _profile(args)
    path = args.out or workspace_of(args).root / "profiles" / f"{args.name}-{args.what}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, profile_page(profile).encode())
    costs = [[name, str(calls), f"{took * 1e3:.2f}"] for name, calls, took in profile.operators[:5]]
    stages = [[name, f"{took:.2f}"] for name, took in profile.stages.items()]
    lines = [
        table(["where the time goes", "s"], stages),
        *([table(["operator", "calls", "ms"], costs)] if costs else []),
    ]
    show(args, {**asdict(profile), "page": str(path)}, *lines, f"page: {path}")
    return 0


def _profile(args: argparse.Namespace) -> "Profile":
    from omloop.loop.bench.profile import profile_predict, profile_serve, profile_train

    if args.what == "train":
        plan = plan_of(args)
        return profile_train(plan)[1]
    workspace = workspace_of(args, **({"port": 0} if args.what == "serve" else {}))
    if args.what == "predict":
        return profile_predict(args.name, workspace, rows=args.rows, seconds=args.lasts)
    return profile_serve(args.name, workspace, rate=args.rate, seconds=args.lasts)
