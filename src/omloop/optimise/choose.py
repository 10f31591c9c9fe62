"""Which variants of a model are worth offering, and which of them is served: by what was measured, within a budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from omloop.bundle import MODEL, Cost, Variant
from omloop.core import ConfigError, ExportError, megabytes, milliseconds

FASTER, SMALLER = 1.2, 1.5
"""How many times faster, or smaller and no slower, a variant must be to be worth anything."""


@dataclass(frozen=True)
class Budget:
    """The budget of a variant: the loss of score, the time and the size.

    `max_drop` is of the gate's metric in its own unit; the others are the milliseconds of one row at p99, and the
    megabytes of the file. 0 of the last two means no limit. Raises ConfigError for what makes no sense.
    """

    max_drop: float = 0.005
    p99_ms: float = 0.0
    size_mb: float = 0.0

    def __post_init__(self) -> None:
        for name in ("max_drop", "p99_ms", "size_mb"):
            if not getattr(self, name) >= 0:
                raise ConfigError(f"optimise.budget.{name}={getattr(self, name)} is no limit; give 0 or more.")


@dataclass(frozen=True)
class Choice:
    """Which variant is `served`, and why each of the others is `refused`, by its name."""

    served: str
    refused: Mapping[str, str] = field(default_factory=dict)


def choose(variants: Mapping[str, Variant], budget: Budget) -> Choice:
    """Choose the fastest variant that pays and keeps within the budget; `variants` hold the model as packaged.

    Of variants that are about as fast, it prefers the model as packaged, then the first that needs only the base
    install's engine. It refuses a variant that does not pay, and one that loses more than `max_drop`. One that is only
    too slow or too large for the budget does not serve by default, but you may choose it. Raises ExportError when no
    variant, nor the model itself, keeps within the budget.
    """
    refused = {
        name: why for name, form in variants.items() if name != MODEL and (why := _why_not(form, variants, budget))
    }
    offered = {name: form for name, form in variants.items() if name not in refused}
    fitting = {name: form for name, form in offered.items() if not _over(form, budget)}
    if not fitting:
        nearest = min(offered, key=lambda name: _cost(offered[name]).p99_ms)
        raise ExportError(
            f"No variant of the model keeps within the budget; the fastest, '{nearest}', does not: "
            f"{_over(offered[nearest], budget)}. Allow more in optimise.budget, choose a smaller model, or register "
            "the plain one with optimise.unmet=plain."
        )
    best = max(_cost(form).faster for form in fitting.values())
    near = [name for name, form in fitting.items() if _cost(form).faster * FASTER >= best]
    return Choice(min(near, key=lambda name: (name != MODEL, fitting[name].engine != "onnxruntime")), refused)


def pays(cost: Cost, model: Cost) -> bool:
    """Whether a variant is faster than the model as packaged, for one row or for many, or smaller and no slower."""
    smaller = model.size >= SMALLER * cost.size and cost.faster * FASTER >= 1
    return max(cost.faster, cost.batch_faster) >= FASTER or smaller


def _why_not(form: Variant, variants: Mapping[str, Variant], budget: Budget) -> str:
    drop = form.drop.value if form.drop else 0.0
    if not drop <= budget.max_drop:
        return f"it loses {drop:.3g}, more than {budget.max_drop:g}"
    return "" if pays(_cost(form), _cost(variants[MODEL])) else "it is neither faster nor smaller"


def _over(form: Variant, budget: Budget) -> str:
    """What of the budget a variant exceeds, in words; nothing where it fits."""
    cost = _cost(form)
    found = {
        f"{milliseconds(cost.p99_ms / 1000)} at p99, not {budget.p99_ms:g}": 0 < budget.p99_ms < cost.p99_ms,
        f"{megabytes(cost.size)}, not {budget.size_mb:g}": 0 < 1e6 * budget.size_mb < cost.size,
    }
    return ", ".join(words for words, exceeded in found.items() if exceeded)


def _cost(form: Variant) -> Cost:
    if form.cost is None:
        raise ExportError("A variant was not measured, so nothing can be chosen by its cost. Measure it first.")
    return form.cost
