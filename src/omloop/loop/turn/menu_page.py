"""The page about a model's variants: the score and cost of each, and those not on offer."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from omloop.core import megabytes
from omloop.report import ResultPage, ResultTable, result_page

if TYPE_CHECKING:
    from omloop.bundle import Variant
    from omloop.loop.turn.packaged import Menu


def menu_page(menu: Menu, metric: str) -> str:
    """The page of a menu, by the metric that chooses among its variants."""
    served = PurePath(menu.served).stem
    head = ["variant", metric, "loses", "agrees", "p50 ms", "p99 ms", "faster", "rows a second", "MB", "memory"]
    rows = [[PurePath(name).stem, *_row(found, metric)] for name, found in menu.variants.items()]
    refused = [[name, why] for name, why in menu.refused.items()]
    tables = [ResultTable("The variants", head, rows)]
    if refused:
        tables.append(ResultTable("Not offered", ["variant", "because"], refused))
    page = ResultPage(
        title=f"Variants of the model: {served} is served",
        about=f"Scored on {menu.rows:,} test rows. Times are of one row and one thread; 'faster' is than the model in "
        f"the same turns, the median. {menu.note}",
        tables=tables,
    )
    return result_page(page)


def _row(found: Variant, metric: str) -> list[str]:
    score = str(found.metrics[metric]) if metric in found.metrics else ""
    told = [score, str(found.drop) if found.drop else "", f"{found.parity.agreement:.1%}"]
    cost = found.cost
    if cost is None:
        return [*told, *[""] * 6]
    speed = [f"{cost.p50_ms:.3g}", f"{cost.p99_ms:.3g}", f"{cost.faster:.2f}", f"{cost.rows_a_second:,.0f}"]
    return [*told, *speed, f"{cost.size / 1e6:.3g}", megabytes(cost.memory) if cost.memory else ""]
