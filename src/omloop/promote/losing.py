"""Whether one model keeps losing to another, looked at as often as one likes."""

import math

SHARES = (0.52, 0.55, 0.6, 0.7, 0.8, 0.9, 0.98)
"""What share of the comparisons a worse model may lose: each is one bet, the best one for that share.

They lie closer near a half, where a bet for another share gains least."""


def chance_of_losses(lost: int, won: int) -> float:
    """The chance that a model which is no worse has lost so often by now, or at any look before; at most 1.

    Only comparisons count that one of the two won. If a model loses at most half of them on average, whatever came
    before, betting on its losses gains nothing on average. The wealth of each bet, and their mean, is a
    supermartingale. It reaches 1 / a with a chance of at most a (Ville 1939; Ramdas, Grünwald, Vovk and Shafer,
    Game-Theoretic Statistics and Safe Anytime-Valid Inference, Statistical Science 38, 2023). So one may stop at the
    first look with a chance below a level. A model that is no worse then stops with at most that chance over all looks.
    The order does not matter.

    >>> [round(chance_of_losses(lost, won), 4) for lost, won in ((0, 0), (10, 10), (10, 0), (70, 30))]
    [1.0, 1.0, 0.0052, 0.0016]
    """
    bets = [lost * math.log(2 * share) + won * math.log(2 * (1 - share)) for share in SHARES]
    largest = max(bets)
    wealth = largest + math.log(sum(math.exp(bet - largest) for bet in bets) / len(bets))
    return math.exp(min(0.0, -wealth))
