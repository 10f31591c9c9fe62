"""One of some classes as an answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import ConfigError, DataError, InputError, NumberArray, UnknownNameError, did_you_mean, some
from omloop.kinds.json_body import quote_value

CALIBRATED = "The probability of the label, calibrated: of answers that say 0.8, about 80 % are right."
AS_GIVEN = "The probability of the label as the model gives it; the model card says whether that held in the test."
SHARE = "share"
"""The threshold that gives every class its share of the training part."""


class Classes(msgspec.Struct, frozen=True):
    """One of some named classes, with a probability each.

    >>> Classes("mood", ("sad", "happy")).answer(np.array([[0.25, 0.75]]))
    [{'label': 'happy', 'probabilities': {'sad': 0.25, 'happy': 0.75}}]

    `flags` names sets of classes; an answer says of each whether the predicted class is in it. Raises ConfigError for a
    flag of a class that there is not, or of a name that an answer uses already.

    >>> Classes("mood", ("sad", "happy"), flags={"sunny": ("happy",)}).answer(np.array([[0.25, 0.75]]))
    [{'label': 'happy', 'probabilities': {'sad': 0.25, 'happy': 0.75}, 'sunny': True}]

    `meanings` says in a few plain words what a class is, for people to whom its name says nothing. No answer holds
    them; whoever shows one does. Raises ConfigError for one of a class that there is not, and for one of no words.

    The most probable class is answered, unless a `threshold` says otherwise. A number, above 0 and below 1, is that of
    the second of two classes: it is answered when its probability reaches the threshold. A mapping gives classes a
    threshold each. A class that has one is answered when its probability reaches it, of several the one with the
    largest multiple of its threshold; else the most probable of the others is. If every class has one, the largest
    multiple is the answer, reached or not. `threshold="share"` gives every class its share of the training part, which
    is best for balanced accuracy if the probabilities are right (A. Menon et al., "On the statistical consistency of
    algorithms for binary classification under class imbalance", ICML 2013). Raises ConfigError for a threshold of a
    class that there is not, for one that is no such number, and for those of both of two classes.

    >>> Classes("mood", ("sad", "happy"), threshold=0.9).answer(np.array([[0.25, 0.75]]))
    [{'label': 'sad', 'probabilities': {'sad': 0.25, 'happy': 0.75}}]

    Packaging says how probabilities were calibrated: `temperature`, `isotonic`, or `none` where they were only checked.
    An answer then says its `confidence` too, the probability of the class that is answered.

    >>> Classes("mood", ("sad", "happy"), calibration="temperature").answer(np.array([[0.25, 0.75]]))
    [{'label': 'happy', 'confidence': 0.75, 'probabilities': {'sad': 0.25, 'happy': 0.75}}]
    """

    name: str
    classes: tuple[str, ...]
    flags: dict[str, tuple[str, ...]] = {}
    threshold: float | dict[str, float] | Literal["share"] | None = None
    meanings: dict[str, str] = {}
    calibration: str = ""

    def __post_init__(self) -> None:
        for what, words in (("classes", self.classes), *self.flags.items()):
            if isinstance(words, str):
                raise ConfigError(
                    f"'{what}' of '{self.name}' is one text, each letter of which would be a class. Write ({words!r},)."
                )
        for flag, members in self.flags.items():
            if flag in ("label", "probabilities", "") or (flag == "confidence" and self.calibration):
                raise ConfigError(f"A flag cannot be called '{flag}': an answer says something else by that name.")
            for member in members:
                self._require_class(member, f"The flag '{flag}'")
        for name, meaning in self.meanings.items():
            self._require_class(name, f"A meaning of '{self.name}'")
            if not isinstance(meaning, str) or not meaning.strip():
                raise ConfigError(f"The meaning of '{name}' is {meaning!r:.40}. Say in a few words what it is.")
        if self.threshold is not None and self.threshold != SHARE:
            self._check_threshold(self.threshold)

    def _require_class(self, name: str, what: str) -> None:
        if name not in self.classes:
            near = did_you_mean(name, self.classes) or f" There are: {some(self.classes)}."
            raise ConfigError(f"{what} is of '{name}', which is not a class.{near}")

    def _check_threshold(self, threshold: float | str | dict[str, float]) -> None:
        if isinstance(threshold, str):
            raise ConfigError(
                f"The threshold of '{self.name}' is {threshold!r:.40}. Give a number, a mapping of classes to numbers, "
                f"or {SHARE!r}."
            )
        if not isinstance(threshold, dict) and len(self.classes) != 2:
            raise ConfigError(
                f"A threshold alone is that of the second of two classes, and '{self.name}' has {len(self.classes)}. "
                f"Say of which it is, such as threshold={{{self.classes[-1]!r}: {threshold!r:.20}}}."
            )
        for name, value in self.thresholds.items():
            self._require_class(name, f"A threshold of '{self.name}'")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
                raise ConfigError(f"The threshold of '{name}' is {value!r:.40}. Give a number above 0 and below 1.")
        if len(self.thresholds) == len(self.classes) == 2:
            raise ConfigError(f"Both classes of '{self.name}' have a threshold. Leave out that of the usual class.")

    def select(self, names: Sequence[str]) -> Self:
        """The same output with only the classes `names`, in its own order; no names keep all classes.

        A flag keeps its remaining classes, and goes if none remain; a meaning goes with its class. Raises
        UnknownNameError for another name, ConfigError for a single class.

        >>> Classes("mood", ("sad", "calm", "happy")).select(["happy", "sad"]).classes
        ('sad', 'happy')
        """
        for name in names:
            if name not in self.classes:
                raise UnknownNameError("class", name, self.classes)
        kept = tuple(name for name in self.classes if name in names)
        if len(kept) == 1:
            raise ConfigError(f"'{kept[0]}' alone leaves nothing to tell apart. Name two classes at least, or none.")
        members = {flag: tuple(name for name in of if name in kept) for flag, of in self.flags.items()}
        flags = {flag: of for flag, of in members.items() if of}
        meanings = {name: words for name, words in self.meanings.items() if name in kept}
        threshold = self.threshold
        if isinstance(threshold, dict):
            threshold = {name: value for name, value in threshold.items() if name in kept} or None
            if threshold and len(threshold) == len(kept) == 2:  # their multiples meet where the second has this share
                threshold = threshold[kept[1]] / (threshold[kept[0]] + threshold[kept[1]])
        changes = {"classes": kept, "flags": flags, "threshold": threshold, "meanings": meanings}
        return msgspec.structs.replace(self, **changes) if names else self

    @property
    def thresholds(self) -> dict[str, float]:
        """The threshold of each class that has one; none before `with_shares` if they are shares."""
        if self.threshold is None or isinstance(self.threshold, str):
            return {}
        return self.threshold if isinstance(self.threshold, dict) else {self.classes[1]: self.threshold}

    @property
    def positive(self) -> int | None:
        """The index of the positive class of two: the one with the threshold, or the second."""
        if len(self.classes) != 2:
            return None
        return self.classes.index(next(iter(self.thresholds), self.classes[1]))

    def with_threshold(self, threshold: float) -> Self:
        """The same classes with a threshold for the positive one; raises ConfigError unless there are two classes.

        >>> Classes("mood", ("sad", "happy")).with_threshold(0.9).thresholds
        {'happy': 0.9}
        """
        if self.positive is None:
            raise ConfigError(f"'{self.name}' has {len(self.classes)} classes. Only of two has one the threshold.")
        return msgspec.structs.replace(self, threshold={self.classes[self.positive]: threshold})

    def with_shares(self, targets: NumberArray) -> Self:
        """The same classes; where thresholds are shares, with those of the training part's `targets`.

        A class without a target counts as one with one.

        >>> mole = Classes("mole", ("nevus", "keratosis", "melanoma"), threshold="share")
        >>> mole.with_shares(np.array([0, 0, 0, 0, 0, 1, 1, 2])).thresholds
        {'nevus': 0.625, 'keratosis': 0.25, 'melanoma': 0.125}
        """
        if self.threshold != SHARE:
            return self
        counts = np.maximum(np.bincount(targets, minlength=len(self.classes)), 1)
        shares = dict(zip(self.classes, (counts / counts.sum()).tolist(), strict=True))
        # Of two classes the second is the positive one, and its share alone says the same.
        threshold = shares[self.classes[1]] if len(shares) == 2 else shares
        return msgspec.structs.replace(self, threshold=threshold)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Accuracy, balanced accuracy, macro-averaged F1, log loss; for two classes also the two areas."""
        areas = ("roc_auc", "pr_auc") if len(self.classes) == 2 else ()
        return ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", *areas)

    @property
    def plots(self) -> tuple[str, ...]:
        """The confusion matrix, the scores of each class, calibration, and the curves of both areas."""
        return ("confusion", "per_class", "calibration", "roc", "precision_recall")

    @property
    def graph_output(self) -> str:
        """The packaged graph's output, of shape (n, classes)."""
        return "probabilities"

    def encode(self, values: Sequence[object] | NDArray[np.generic]) -> NDArray[np.int64]:
        """Turn class names into indices; raises DataError that names the first unknown one."""
        code = {name: index for index, name in enumerate(self.classes)}
        numbers = self._by_number
        names = [value if isinstance(value, str) and value in code else self._spelt(value, numbers) for value in values]
        for row, name in enumerate(names):
            if values[row] is None:
                raise DataError(f"column '{self.name}', record {row + 1}: a value is missing; remove the record.")
            if name not in code:
                near = did_you_mean(name, self.classes) or f" There are: {some(self.classes)}."
                raise DataError(f"column '{self.name}', record {row + 1}: '{name:.40}' is not a class.{near}")
        return np.array([code[name] for name in names], np.int64)

    def parse(self, label: object) -> str:
        """Check one label: a class name, or the truth value or number that one spells."""
        if (
            isinstance(label, str | bool | int | float)
            and (name := self._spelt(label, self._by_number)) in self.classes
        ):
            return name
        raise InputError(
            f"{quote_value(label)} is not a class; send one of {some(self.classes, near=str(label))}", "label"
        )

    @property
    def _by_number(self) -> dict[float, str]:
        """The classes by the numbers that they spell; none unless each spells another."""
        try:
            found = {float(name): name for name in self.classes}
        except ValueError:
            return {}
        return found if len(found) == len(self.classes) else {}

    def _spelt(self, value: object, by_number: Mapping[float, str]) -> str:
        """The class that a value stands for: 3.0 is `3` and true is `True`; else the value as a text."""
        value = value.item() if isinstance(value, np.generic) else value
        text = str(value)
        if text in self.classes:
            return text
        if isinstance(value, bool):
            return next((name for name in self.classes if name.lower() == text.lower()), text)
        try:
            return by_number.get(float(text), text) if by_number else text
        except ValueError:
            return text

    def read_label(self, text: str) -> object:
        """The text itself."""
        return text

    def decide(self, outputs: NumberArray) -> NDArray[np.int64]:
        """The index of the answered class for each row: the most probable, or as the thresholds say.

        >>> ill = Classes("state", ("well", "ill"), threshold=0.25)
        >>> ill.decide(np.array([[0.8, 0.2], [0.75, 0.25], [0.1, 0.9]])).tolist()
        [0, 1, 1]
        """
        if not self.thresholds:
            return np.asarray(outputs.argmax(axis=1))
        limits = np.array([self.thresholds.get(name, np.inf) for name in self.classes])
        limited = np.isfinite(limits)
        reached = (outputs >= limits) | limited.all()
        usual = np.where(limited, -1.0, outputs).argmax(axis=1)
        first = np.where(reached, outputs / limits, -1.0).argmax(axis=1)
        return np.asarray(np.where(reached.any(axis=1), first, usual), np.int64)

    def answer(self, outputs: NumberArray) -> list[dict[str, Any]]:
        """One `{"label": name, "probabilities": {name: share}}` a row, with true or false for each flag.

        If the version calibrated or checked its probabilities, `confidence` is that of the label.
        """
        places = self.decide(outputs).tolist()
        rows, names, sure = outputs.tolist(), self.classes, bool(self.calibration)
        return [
            {
                "label": names[place],
                **({"confidence": row[place]} if sure else {}),
                "probabilities": dict(zip(names, row, strict=True)),
                **{flag: names[place] in members for flag, members in self.flags.items()},
            }
            for place, row in zip(places, rows, strict=True)
        ]

    def tabulate(self, outputs: NumberArray) -> dict[str, NDArray[Any]]:
        """The same by column: `label`, `probabilities.` of each class, and each flag.

        >>> {name: column.tolist() for name, column in Classes("mood", ("sad", "ok")).tabulate(np.eye(2)).items()}
        {'label': ['sad', 'ok'], 'probabilities.sad': [1.0, 0.0], 'probabilities.ok': [0.0, 1.0]}
        """
        places, found = self.decide(outputs), np.asarray(outputs, np.float64)
        shares = {f"probabilities.{name}": found[:, place] for place, name in enumerate(self.classes)}
        flags = {
            flag: np.array([name in members for name in self.classes])[places] for flag, members in self.flags.items()
        }
        sure = {"confidence": self._sure(found, places)} if self.calibration else {}
        return {"label": np.array(self.classes, object)[places], **sure, **shares, **flags}

    def with_interval(self, level: float, half: float) -> Self:
        """Raises ConfigError: a class lies between no two others."""
        raise ConfigError(f"'{self.name}' has classes, and only a number has an interval.")

    def ends(self, outputs: NumberArray) -> NDArray[np.float64]:
        """None; shape (n, 0)."""
        return np.empty((len(outputs), 0))

    def with_calibration(self, method: str) -> Self:
        """The same classes with the confidence of each answer, unless a flag already has that name."""
        return self if "confidence" in self.flags else msgspec.structs.replace(self, calibration=method)

    def gather(self, answers: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
        """Turn answers back into outputs; the inverse of `answer`."""
        rows = [[answer["probabilities"][name] for name in self.classes] for answer in answers]
        return np.array(rows, np.float64).reshape(-1, len(self.classes))

    def decisions(self, answers: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
        """The class indices of the answered labels; -1 for a label that is none of the classes.

        >>> Classes("mood", ("sad", "happy")).decisions([{"label": "happy"}, {"label": "calm"}]).tolist()
        [1, -1]
        """
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places.get(answer["label"], -1) for answer in answers], np.int64)

    def probabilities(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The outputs themselves; shape (n, classes)."""
        return np.asarray(outputs, np.float64)

    def agree(self, one: NumberArray, other: NumberArray) -> NDArray[np.bool_]:
        """Whether it is the same class."""
        return np.asarray(one == other)

    @property
    def error(self) -> str:
        """The name for the mean of `errors`."""
        return "error rate"

    def errors(self, truth: NumberArray, outputs: NumberArray) -> NDArray[np.float64]:
        """1 for a wrong class, else 0."""
        return np.asarray(self.decide(outputs) != truth, np.float64)

    def hints(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The probability of the answered class."""
        return self._sure(outputs, self.decide(outputs))

    def _sure(self, outputs: NumberArray, answers: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(outputs[np.arange(len(outputs)), answers])

    def worst(self, truth: NumberArray, outputs: NumberArray, most: int) -> list[tuple[int, str]]:
        """The wrong answers of the highest probability, with the truth and the answer.

        >>> Classes("mood", ("sad", "happy")).worst(np.array([0, 1]), np.array([[0.25, 0.75], [0.5, 0.5]]), 1)
        [(0, 'true sad, answered happy (75 %)')]
        """
        answers = self.decide(outputs)
        sure = self._sure(outputs, answers)
        wrong = np.flatnonzero(answers != truth)
        rows = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
        names = self.classes
        return [(int(r), f"true {names[truth[r]]}, answered {names[answers[r]]} ({100 * sure[r]:.0f} %)") for r in rows]

    def observe(self, outputs: NumberArray) -> dict[str, NumberArray]:
        """The answered class's index, as `prediction`, and its probability, as `confidence`."""
        answers = self.decide(outputs)
        return {"prediction": answers, "confidence": self._sure(outputs, answers)}

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """The columns `prediction`, one of the classes, and `confidence`, a number."""
        return {"prediction": self.classes, "confidence": ()}

    def schema(self) -> dict[str, Any]:
        """JSON schema of one answer."""
        share = {"type": "number", "minimum": 0, "maximum": 1}
        properties: dict[str, object] = {
            "label": {"enum": list(self.classes), **self._explained()},
            **({"confidence": {**share, "description": self._confidence}} if self.calibration else {}),
            "probabilities": {
                "type": "object",
                "description": "Of each class; not there with proba=false.",
                "properties": dict.fromkeys(self.classes, share),
                "required": list(self.classes),
                "additionalProperties": False,
            },
        }
        for flag, members in self.flags.items():
            described = f"Whether the label is {' or '.join(members)}."
            properties[flag] = {"type": "boolean", "description": described}
        return {"type": "object", "properties": properties, "required": list(properties)}

    def _explained(self) -> dict[str, object]:
        """The meanings in a schema: as a sentence, and by class, in the word of Redocly's that other pages read too."""
        if not self.meanings:
            return {}
        told = "; ".join(f"{name}: {words}" for name, words in self.meanings.items())
        return {"description": f"What they mean: {told}.", "x-enumDescriptions": dict(self.meanings)}

    @property
    def _confidence(self) -> str:
        """What an answer's confidence means."""
        return AS_GIVEN if self.calibration == "none" else CALIBRATED

    def describe(self) -> dict[str, object]:
        """The output as a JSON value, for a manifest."""
        described: dict[str, object] = msgspec.json.decode(msgspec.json.encode(self))
        for name, absent in (("threshold", None), ("meanings", {}), ("calibration", "")):
            if getattr(self, name) == absent:
                del described[name]  # as bundles say that are older than it
        return {"kind": "classes"} | described

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Self:
        """The output that `describe` described."""
        return msgspec.convert({key: value for key, value in described.items() if key != "kind"}, cls)
