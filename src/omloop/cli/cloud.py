"""`omloop deploy plan`, `apply` and `down`: a delivery's files, and Google Cloud."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from omloop.cli.console import style_line
from omloop.cli.named import workspace_of
from omloop.cli.show import progress, show, table
from omloop.core import OmloopError
from omloop.deploy.google import prices_date
from omloop.loop.deploy.google import cloud_delivery

if TYPE_CHECKING:
    from omloop.cli.tables import Cell
    from omloop.deploy.google import Change, Done, Monthly
    from omloop.loop.deploy.google import CloudDelivery, CloudPlan

DIFFERS = 3
STYLES = {"create": "green", "change": "yellow", "remove": "red"}
MOST_FIELDS = 3
WORTH_TELLING = 1.0
"""USD a month: the output names each item that costs at least this much."""


def run_on_cloud(args: argparse.Namespace) -> int:
    """Do what the target says. Raises OmloopError for an option that does not belong to the target."""
    if args.target != "plan" and args.mode != "write":
        only = f"To only look: omloop deploy plan {args.name} --check"
        raise OmloopError(f"'{args.target}' changes Google Cloud, and takes no --{args.mode}. {only}")
    return CLOUD[args.target](args, cloud_delivery(args.name, workspace_of(args), args.root))


def run_plan(args: argparse.Namespace, delivery: CloudDelivery) -> int:
    """Show what `apply` would do."""
    plan = delivery.plan()
    show(args, _as_json(plan, delivery), *_lines(plan, delivery))
    return DIFFERS if args.mode == "check" and plan.differs else 0


def run_apply(args: argparse.Namespace, delivery: CloudDelivery) -> int:
    """Do it; what waits for an image or a secret is an error that says how to make one."""
    plan = delivery.plan()
    if plan.must_ask:
        _agree(args, _lines(plan, delivery), "Do this?")
    done = _carried_out(args, delivery, plan)
    lines = [f"Done: {len(done)} changes." if done else "Nothing is to be done.", *_left(done)]
    address = delivery.address()
    lines += [f"server    {address}"] if address else []
    show(args, {**_as_json(plan, delivery), "done": _done(done), "server": address}, *lines)
    if plan.waiting:
        needs = ", ".join(one.what for one in plan.needs)
        how = f"How to make them: omloop deploy plan {args.name}; then apply again."
        raise OmloopError(f"{len(plan.waiting)} changes wait, as there is no {needs}. {how}")
    return 0


def run_down(args: argparse.Namespace, delivery: CloudDelivery) -> int:
    """Remove everything, and with --verify list what remains; exit with 3 if something of omloop's remains."""
    plan = delivery.removal()
    if plan.differs:
        _agree(args, _lines(plan, delivery), "Remove all of this?")
    done = _carried_out(args, delivery, plan)
    lines = [f"Done: {len(done)} changes." if done else "Nothing is there.", *_left(done)]
    left = delivery.removal().changes if args.verify else ()
    if args.verify:
        lines += [f"left     {one.resource}" for one in left] or ["Nothing of it is left but APIs, which stay on."]
    show(args, {"done": _done(done), "left": [str(one.resource) for one in left]}, *lines)
    return DIFFERS if left else 0


def _carried_out(args: argparse.Namespace, delivery: CloudDelivery, plan: CloudPlan) -> Sequence[Done]:
    tell = progress(args, always=True)
    try:
        return delivery.apply(plan, tell)
    except KeyboardInterrupt:
        tell("what was told above stands, and Google may still do the last of it; the same command goes on from there")
        raise


CLOUD: dict[str, Callable[[argparse.Namespace, CloudDelivery], int]] = {
    "plan": run_plan,
    "apply": run_apply,
    "down": run_down,
}
"""The actions on Google Cloud that a delivery's files allow."""


def _agree(args: argparse.Namespace, lines: Sequence[object], question: str) -> None:
    """Return where a person agrees; raises OmloopError where nobody does, or nobody is there."""
    if args.yes:
        return
    if args.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        told = "removes what omloop made" if args.target == "down" else "costs more than the cap, or removes something"
        raise OmloopError(f"This {told}, and nobody is here to agree to that. Look at it, then give --yes.")
    show(args, None, *lines)
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise OmloopError("Nothing was done.")


def _lines(plan: CloudPlan, delivery: CloudDelivery) -> list[object]:
    """A plan for people."""
    changes = [*plan.changes, *plan.waiting]
    rows = [_row(one, plan) for one in changes if one.action != "same"]
    same = sum(one.action == "same" for one in changes)
    told: list[object] = [table(["", "kind", "name", ""], rows)] if rows else []
    told.append(f"same      {same} of {len(changes)}")
    if plan.cost.most:
        told.append(f"cost      {_usd(plan.cost)} USD a month{_doubt(plan)}, by prices of {prices_date()}")
        told += [f"          {_usd(cost)} {one}" for one, cost in delivery.costs() if cost.most >= WORTH_TELLING]
    told += [f"stale     {path}: omloop deploy google {delivery.service.project}" for path in delivery.stale]
    told += [style_line(("missing   ", "yellow"), f"{one.what}: {one.next_step}") for one in plan.needs]
    return told


def _usd(cost: Monthly) -> str:
    return f"{cost.least:.2f} to {cost.most:.2f}"


def _doubt(plan: CloudPlan) -> str:
    return f", more than the cap of {plan.cap:g}" if plan.cost.most > plan.cap else ""


def _row(one: Change, plan: CloudPlan) -> list[Cell]:
    why = ", ".join(one.fields[:MOST_FIELDS]) + (", ..." if len(one.fields) > MOST_FIELDS else "")
    if one.action == "keep":
        why = "it was there before, and stays as it is"
    if one in plan.waiting:
        why = "once what is missing is there"
    return [(one.action, STYLES.get(one.action, "")), one.resource.kind, one.resource.name, why]


def _left(done: Sequence[Done]) -> list[str]:
    return [f"kept      {one.change.resource}: {one.left}" for one in done if one.left]


def _as_json(plan: CloudPlan, delivery: CloudDelivery) -> dict[str, object]:
    return {
        "changes": [
            {"action": one.action, "kind": one.resource.kind, "name": one.resource.name, "fields": list(one.fields)}
            for one in (*plan.changes, *plan.waiting)
        ],
        "usd_a_month": {"least": round(plan.cost.least, 2), "most": round(plan.cost.most, 2)},
        "missing": [one.what for one in plan.needs],
        "stale": list(delivery.stale),
    }


def _done(done: Sequence[Done]) -> list[dict[str, str]]:
    return [{"action": one.change.action, "what": str(one.change.resource), "left": one.left} for one in done]
