"""Studies of Optuna. A journal file or a database remembers every trial, so that any process can continue.

Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", KDD 2019.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState

from omloop.core import ConfigError, OmloopError, StoreError, without_secrets
from omloop.sweep.journal import Journal
from omloop.sweep.space import MOST_CHOICES, Choices, Parameter, Range, Space
from omloop.sweep.study import RETRIES, SearchRules, SweepTrial

if TYPE_CHECKING:
    from optuna.importance import BaseImportanceEvaluator

_STATES: Mapping[TrialState, Any] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}
_ABOUT = "omloop"
GRACE = 3
"""Steps before which the median prunes nothing: a low learning rate begins slowly."""


class Proposal:
    """A proposed trial: the words by key that configure it. `report` takes a step and says whether to go on.

    `attempt` counts the attempts at these settings from 1; `origin` is the number of the first attempt.
    """

    def __init__(self, trial: optuna.Trial, words: Mapping[str, str]) -> None:
        self.trial, self.words = trial, words
        self.number: int = trial.number
        self.attempt: int = trial.user_attrs.get("attempt", 1)
        self.origin: int = trial.user_attrs.get("origin", trial.number)
        self.pruned = False

    def report(self, step: int, value: float) -> bool:
        """Tell the score at a step, in the sense of the study's metric; False where the trial is not worth going on."""
        self.pruned = False
        if math.isfinite(value):
            self.trial.report(value, step)
            self.pruned = self.trial.should_prune()
        return not self.pruned

    def note(self, **facts: object) -> None:
        """Keep facts with the trial, as JSON values."""
        for name, value in facts.items():
            self.trial.set_user_attr(name, value)


class OptunaStudy:
    """The trials of one sweep, in a journal file or in a database that several machines share."""

    def __init__(self, study: optuna.Study, space: Space, rules: SearchRules) -> None:
        self._study, self._space, self._rules = study, space, rules

    @classmethod
    def open(
        cls, address: str, name: str, space: Space, rules: SearchRules, about: Mapping[str, object]
    ) -> OptunaStudy:
        """The study called `name` at an address, a path or a database's URL; a new study if there is none.

        `about` tells what its trials have in common. Raises ConfigError if a study of that name has another space,
        other rules or another `about`. Raises StoreError for an unreadable address.
        """
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        wanted = json.loads(json.dumps({**about, **_described(space, rules)}))
        with _as_store_error(address):
            study = optuna.create_study(
                study_name=name,
                storage=_storage(address),
                sampler=_Sampler(space, rules),
                pruner=_pruner(rules),
                direction="maximize" if rules.higher_is_better else "minimize",
                load_if_exists=True,
            )
            found = study.user_attrs.get(_ABOUT)
            if found is None:
                study.set_user_attr(_ABOUT, wanted)
            elif found != wanted:
                other = ", ".join(sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key)))
                raise ConfigError(
                    f"The sweep '{name}' was begun with another {other}. Go on with the same, or begin a new one: "
                    "--name NAME."
                )
        return cls(study, space, rules)

    def ask(self) -> Proposal:
        """The next trial; a trial that waits for another attempt comes first."""
        with _as_store_error(self._study.study_name):
            trial = self._study.ask()
            words: dict[str, str] = {}
            for key, parameter in self._space.ordered():
                if self._space.applies(key, words):
                    words[key] = _suggest(trial, key, parameter)
            return Proposal(trial, words)

    def tell(self, proposal: Proposal, value: float | None, *, reason: str = "") -> None:
        """End a trial with its score; None for a failed or pruned trial, which the proposal tells apart.

        If somebody took the trial for dead meanwhile, it stays so.
        """
        state = TrialState.COMPLETE
        if value is None or not math.isfinite(value):
            value, state = None, TrialState.PRUNED if proposal.pruned and not reason else TrialState.FAIL
            reason = reason or ("" if proposal.pruned else "its score is no finite number")
        if reason:
            proposal.note(reason=without_secrets(reason))
        with _as_store_error(self._study.study_name):
            self._study.tell(proposal.trial, value, state=state, skip_if_finished=True)

    def tell_again(self, proposal: Proposal) -> bool:
        """End a trial like an earlier trial with the same words, and say whether there is one.

        The trial would only repeat the earlier one. With few values a search asks for the same again and again.
        """
        earlier = (one for one in self.trials() if one.over and one.number != proposal.number)
        same = next((one for one in earlier if one.words == dict(proposal.words)), None)
        if same is None:
            return False
        proposal.pruned = same.state == "pruned"
        proposal.note(run=same.run)
        self.tell(proposal, same.value, reason=same.reason)
        return True

    def put_back(self, proposal: Proposal) -> None:
        """Queue an interrupted trial again: nothing speaks against its settings."""
        self._end_killed(proposal.number, {"attempt": proposal.attempt, "origin": proposal.origin})

    def release(self, is_gone: Callable[[Mapping[str, Any]], bool]) -> None:
        """Queue trials again that dead processes left running, `RETRIES` times each.

        `is_gone` gets the notes that the trial's process made of itself.
        """
        with _as_store_error(self._study.study_name):
            for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                noted = trial.user_attrs
                attempt = noted.get("attempt", 1)
                if not is_gone(noted):
                    continue
                if attempt <= RETRIES:
                    self._end_killed(
                        trial.number, {"attempt": attempt + 1, "origin": noted.get("origin", trial.number)}
                    )
                else:
                    self._note(trial.number, "reason", f"its process was killed each of the {attempt} times")
                    self._study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)

    def agree(self, key: str, value: str) -> str:
        """The value of a key that all trials share: the first one agreed on, else `value`."""
        with _as_store_error(self._study.study_name):
            known = self._study.user_attrs.get(key)
            if known is None:
                self._study.set_user_attr(key, value)
            return str(known or value)

    def _end_killed(self, number: int, again: Mapping[str, int]) -> None:
        trial = self._study.get_trials(deepcopy=False)[number]
        self._note(number, "killed", True)
        self._study.tell(number, state=TrialState.FAIL, skip_if_finished=True)
        self._study.enqueue_trial(dict(trial.params), user_attrs=dict(again))

    def _note(self, number: int, name: str, value: object) -> None:
        trial = self._study.get_trials(deepcopy=False)[number]
        self._study._storage.set_trial_user_attr(trial._trial_id, name, value)

    def trials(self) -> tuple[SweepTrial, ...]:
        """Every trial so far, the oldest first."""
        with _as_store_error(self._study.study_name):
            return tuple(map(self._seen, self._study.get_trials(deepcopy=False)))

    @property
    def most(self) -> int | None:
        """How many trials there can be; None where the method never ends."""
        return (
            math.prod(len(values) for values in _grid(self._space).values()) if self._rules.method == "grid" else None
        )

    def importance(self) -> dict[str, float]:
        """What each parameter is worth: its share of the score's variance, the largest first.

        Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014.
        Empty while there are too few `done` trials. It leaves out a parameter of one model alone.
        """
        from optuna.importance import get_param_importances

        try:
            return dict(get_param_importances(self._study, evaluator=self.evaluator))
        except (ValueError, RuntimeError):  # fewer than two trials, or all alike
            return {}

    @property
    def evaluator(self) -> BaseImportanceEvaluator:
        """Who says what a parameter is worth."""
        from optuna.importance import FanovaImportanceEvaluator

        return FanovaImportanceEvaluator(seed=self._rules.seed)

    @property
    def study(self) -> optuna.Study:
        """Optuna's own study, for its plots."""
        return self._study

    def _seen(self, trial: FrozenTrial) -> SweepTrial:
        killed = trial.user_attrs.get("killed", False)
        words = {
            key: parameter.word(trial.params[key]) if isinstance(parameter, Range) else str(trial.params[key])
            for key, parameter in self._space.ordered()
            if key in trial.params
        }
        return SweepTrial(
            number=trial.number,
            words=words,
            state="killed" if killed else _STATES[trial.state],
            value=trial.value if trial.state == TrialState.COMPLETE else None,
            seconds=trial.duration.total_seconds() if trial.duration else None,
            run=str(trial.user_attrs.get("run", "")),
            reason=str(trial.user_attrs.get("reason", "")),
        )


class _Sampler(BaseSampler):  # type: ignore[misc]
    """Draws each trial by its number, so that the number of processes and of their kills does not matter.

    Optuna's own samplers draw by the count of their calls: a process that continues would try the first trials again.
    """

    def __init__(self, space: Space, rules: SearchRules) -> None:
        self._space, self._rules = space, rules
        self._grid = GridSampler(_grid(space), seed=rules.seed) if rules.method == "grid" else None
        self._inner = self._seeded(0)

    def _seeded(self, number: int) -> BaseSampler:
        seed = (self._rules.seed * 1_000_003 + number) % 2**32
        if self._grid is not None:
            return self._grid
        return RandomSampler(seed=seed) if self._rules.method == "random" else TPESampler(seed=seed)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        self._inner = self._seeded(trial.number)
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return dict(self._inner.infer_relative_search_space(study, trial))

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return dict(self._inner.sample_relative(study, trial, search_space))

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self._inner.sample_independent(study, trial, param_name, param_distribution)


def _suggest(trial: optuna.Trial, key: str, parameter: Parameter) -> str:
    """The word that a trial gets for one parameter."""
    if isinstance(parameter, Choices):
        return str(trial.suggest_categorical(key, parameter.values))
    low, high, step = parameter.low, parameter.high, parameter.step
    if parameter.whole:
        drawn: float = trial.suggest_int(key, int(low), int(high), step=int(step) or 1, log=parameter.log)
    else:
        drawn = trial.suggest_float(key, low, high, step=step or None, log=parameter.log)
    return parameter.word(drawn)


def _pruner(rules: SearchRules) -> optuna.pruners.BasePruner:
    if rules.prune == "hyperband":
        return optuna.pruners.HyperbandPruner()
    return optuna.pruners.MedianPruner(n_warmup_steps=GRACE) if rules.prune == "median" else optuna.pruners.NopPruner()


def _grid(space: Space) -> dict[str, list[Any]]:
    """Every value of each parameter; raises ConfigError for a range that has no end of them."""
    found: dict[str, list[Any]] = {}
    for key, parameter in space.parameters.items():
        if isinstance(parameter, Choices):
            found[key] = list(parameter.values)
            continue
        step = parameter.step or (1 if parameter.whole and not parameter.log else 0)
        count = math.floor((parameter.high - parameter.low) / step + 1e-9) + 1 if step else math.inf
        if count > MOST_CHOICES:
            told = f"A grid needs single values of {key}: a list such as {key}=0.001,0.01,0.1, or a range with a step."
            raise ConfigError(f"{told} Or search with --method tpe or random.", key=key)
        values = itertools.islice(itertools.count(parameter.low, step), int(count))
        found[key] = [int(value) if parameter.whole else float(f"{value:.12g}") for value in values]
    if space.only:
        raise ConfigError(f"A grid knows no parameters of one model: {', '.join(space.only)}. Take --method tpe.")
    return found


def _storage(address: str) -> BaseStorage:
    if "://" in address:
        scheme, _, rest = address.partition("://")
        scheme = "postgresql+psycopg" if scheme in ("postgres", "postgresql") else scheme
        return RDBStorage(f"{scheme}://{rest}")
    return JournalStorage(Journal(Path(address)))


def _described(space: Space, rules: SearchRules) -> dict[str, object]:
    parameters = {key: repr(one) for key, one in space.parameters.items()}
    return {"parameters": parameters, "shared": list(space.shared), "method": rules.method, "seed": rules.seed}


@contextlib.contextmanager
def _as_store_error(address: str) -> Iterator[None]:
    """Turn what a storage raises, whatever it is, into a StoreError of one line."""
    try:
        yield
    except OmloopError:
        raise
    except Exception as error:  # of SQLAlchemy, of a driver, of Optuna reading what is no study
        reason = without_secrets(str(error).strip().partition("\n")[0]) or type(error).__name__
        where = without_secrets(address)
        raise StoreError(f"The study at {where} cannot be used: {reason}. Check the address and its rights.") from error
