"""`omloop optimise`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING

from omloop.cli.console import style_line
from omloop.cli.fail_on import exit_code, fail_on_argument
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import plain, progress, show, table
from omloop.core import megabytes
from omloop.loop import find_project

if TYPE_CHECKING:
    from omloop.bundle import Cost, Variant
    from omloop.loop.turn.packaged import Menu
    from omloop.loop.version.optimise import OptimiseResult

EXAMPLE = "omloop optimise skin_lesion optimise.budget.max_drop=0.005 optimise.budget.p99_ms=20"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, VERSION, and the configuration."""
    name_argument(parser)
    parser.add_argument("version", metavar="VERSION", nargs="?", help="the version (default: the champion)")
    parser.add_argument(
        "overrides", metavar="KEY=VALUE", nargs="*", help="configuration, such as optimise.variants=[int8,fused]"
    )
    fail_on_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Make the variants of a version, measure them, and register a version that serves the best."""
    from omloop.loop.version.optimise import optimise_version

    version, overrides = args.version, args.overrides
    if version and "=" in version:
        version, overrides = None, [version, *overrides]
    workspace = workspace_of(args)
    project = find_project(args.project, workspace.settings)
    made = optimise_version(project, overrides, workspace, version=version, tell=progress(args))
    show(args, as_json(made), *as_lines(args.name, made))
    return exit_code(args, made.decision, in_charge=made.champion == made.version)


def as_lines(name: str, made: OptimiseResult) -> list[object]:
    """The variants, for people."""
    menu = made.menu
    return [
        style_line((name, "bold"), f" {made.parent}: scores on {menu.rows} test rows; all took {menu.seconds:.0f} s"),
        *menu_tables(menu, made.metric),
        style_line("version   ", (made.version, "bold"), f" serves {PurePath(menu.served).stem}"),
        f"gate      {made.decision.reason}",
        f"champion  {made.champion or 'none'}",
        *made.notes,
        f"run       {made.run}: plots/menu.png",
    ]


def menu_tables(menu: Menu, metric: str) -> list[object]:
    """The score and cost of each variant, which variants omloop does not offer, and why."""
    batch = next(form.cost.batch for form in menu.variants.values() if form.cost)
    forms = menu.variants.items()
    what = ["form", metric, "loses", "agrees", "MB", "memory", ""]
    speed = ["form", "p50 ms", "p99 ms", "faster", f"p50 of {batch}", f"p99 of {batch}", "faster", "rows/s"]
    refused = [[form, why] for form, why in menu.refused.items()]
    return [
        table(what, [_what(form, found, metric, menu) for form, found in forms]),
        table(speed, [_speed(form, found) for form, found in forms]),
        "faster: than the model in the same turns, the median; one thread; rows/s: of one core, in batches",
        *([table(["not offered", "because"], refused)] if refused else []),
        *([f"note      {menu.note}"] if menu.note else []),
    ]


def as_json(made: OptimiseResult) -> dict[str, object]:
    """The same as JSON."""
    return {
        "version": made.version,
        "parent": made.parent,
        "run": made.run,
        "metric": made.metric,
        **menu_json(made.menu),
        "verdict": made.decision.verdict,
        "reason": made.decision.reason,
        "champion": made.champion,
    }


def menu_json(menu: Menu) -> dict[str, object]:
    """A menu as JSON."""
    return {
        "served": menu.served,
        "rows": menu.rows,
        "seconds": round(menu.seconds, 2),
        "forms": {
            form: {
                "engine": found.engine,
                "precision": found.precision,
                "metrics": plain(found.metrics),
                "drop": found.drop and asdict(found.drop),
                "agreement": found.parity.agreement,
                "cost": found.cost and asdict(found.cost),
            }
            for form, found in menu.variants.items()
        },
        "refused": dict(menu.refused),
        "note": menu.note or None,
    }


def _what(name: str, form: Variant, metric: str, menu: Menu) -> list[str]:
    cost, mark = _cost(form), "served" if name == menu.served else "" if name in menu.refused else "offered"
    return [
        PurePath(name).stem,
        str(form.metrics[metric]),
        str(form.drop) if form.drop else "-",
        f"{form.parity.agreement:.1%}",
        f"{cost.size / 1e6:.3g}",
        megabytes(cost.memory) if cost.memory else "-",
        mark,
    ]


def _speed(name: str, form: Variant) -> list[str]:
    cost = _cost(form)
    times = [f"{number:.3g}" for number in (cost.p50_ms, cost.p99_ms, cost.batch_p50_ms, cost.batch_p99_ms)]
    faster = [f"{number:.2f}x" for number in (cost.faster, cost.batch_faster)]
    return [PurePath(name).stem, *times[:2], faster[0], *times[2:], faster[1], f"{cost.rows_a_second:,.0f}"]


def _cost(form: Variant) -> Cost:
    assert form.cost is not None  # noqa: S101  whatever is on a menu was measured
    return form.cost
