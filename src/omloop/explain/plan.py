"""How to find Shapley values within so many rows of the model: by all coalitions, or by random orders."""

from dataclasses import dataclass

from omloop.core import OmloopError

EXACT_PIECES = 10
"""Up to so many pieces all coalitions are asked: 1,024 of them. Each piece more would double that."""
FEWEST = 10
"""Stand-ins that an expected answer takes at least: fewer say more of themselves than of the data."""
ROUNDS = 20
"""Orders that are drawn at most for each piece. By then standard errors are far below what anybody reads."""


@dataclass(frozen=True)
class Plan:
    """Whether to ask all coalitions, how many stand-ins each meets, and how many random orders to draw at most."""

    exact: bool
    background: int
    most_orders: int


def plan_of(pieces: int, background: int, rows: int) -> Plan:
    """The best within `rows` rows of the model: exact values first, then stand-ins, then orders.

    Each order goes there and back, so it takes two rows for each piece and stand-in. The first and the last two pieces
    of all orders count once. Raises OmloopError where `rows` do not even allow two orders with few stand-ins.

    >>> plan_of(6, 100, 100_000)
    Plan(exact=True, background=100, most_orders=1)
    >>> plan_of(30, 100, 100_000)
    Plan(exact=False, background=100, most_orders=17)
    """
    fewest = min(background, FEWEST)
    if pieces <= EXACT_PIECES and (fits := min(background, rows // 2**pieces)) >= fewest:
        return Plan(True, fits, 1)
    if pieces < 4:
        raise _too_many(pieces, rows)
    once, each = 2 * pieces + 1, 2 * (pieces - 3)
    fits = min(background, rows // (once + 2 * each))
    if fits < fewest:
        raise _too_many(pieces, rows)
    return Plan(False, fits, min(ROUNDS * pieces, (rows // fits - once) // each))


def _too_many(pieces: int, rows: int) -> OmloopError:
    return OmloopError(
        f"An answer that hangs on {pieces:,} pieces cannot be explained within {rows:,} rows of the model, all that "
        "one may ask here. `omloop explain` asks more than a server does; of thousands of columns the model card says "
        "which matter."
    )
