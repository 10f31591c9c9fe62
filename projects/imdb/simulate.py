"""Reviews of a known truth, made of sentences whose words are known to praise or to blame."""

from collections.abc import Sequence
from random import Random

PRAISE = ("wonderful", "superb", "moving", "brilliant", "charming", "gripping", "memorable", "delightful", "masterful")
BLAME = ("dull", "awful", "clumsy", "tedious", "lifeless", "predictable", "wooden", "painful", "forgettable")
NEITHER = ("long", "recent", "quiet", "loud", "colourful", "French", "modern", "short", "low-budget", "strange")
TURNING = ("sick", "wicked", "savage", "insane", "unreal", "brutal")
"""Blame in the early days, praise in the later ones."""

EARLY = ("plot", "cast", "score", "script", "camera work", "director", "theatre print", "DVD", "VHS tape", "sequel")
LATER = ("stream", "season finale", "binge", "episode", "franchise", "reboot", "algorithm", "trailer", "fandom", "CGI")

SENTENCES = (
    "The {topic} was {adverb}{word}.",
    "I found the {topic} {adverb}{word}, and so did my {friend}.",
    "What a {word} {topic}!",
    "For all its {neutral} looks, the {topic} is {adverb}{word}.",
    "My {friend} called the {topic} {word}.",
)
NEGATED = ("The {topic} is not {word} at all.", "Nobody would call the {topic} {word}.")
PLAIN = (
    "We watched it on a {neutral} evening with my {friend}.",
    "It is a {neutral} film about a {friend}.",
    "The {topic} came later, after a {neutral} scene.",
)
ADVERBS = ("", "", "", "really ", "quite ", "rather ", "simply ")
FRIENDS = ("brother", "neighbour", "aunt", "colleague", "daughter", "teacher", "flatmate")

NOISE = 0.04
"""The share of reviews whose sentiment is told wrongly."""


def simulate(rows: int, seed: int, drift: float) -> dict[str, list[str]]:
    """Generate `rows` reviews of three to eight sentences; `drift` from 0 to 1 is the share from the later days.

    The truth: a review is positive or negative by a fair coin, and each sentence is of that mind (70 %), of no mind
    (20 %) or of the other (10 %); one opinion in six is said by its negated opposite, and four reviews in a hundred
    carry the wrong sentiment. In the early days people write of plots and DVDs, and `sick` or `wicked` are blame; in
    the later days they write of streams and episodes, shorter and with more exclamation marks (covariates), and those
    words are praise, and the most used praise (concept).

    The same arguments give the same reviews; for one seed, who moves at a small drift also moves at a larger one.
    """
    random = Random(seed)
    reviews, sentiments = [], []
    for _ in range(rows):
        own = Random(random.random())
        later = random.random() < drift
        positive = own.random() < 0.5
        reviews.append(_review(own, positive, later))
        told = positive if own.random() >= NOISE else not positive
        sentiments.append("positive" if told else "negative")
    return {"review": reviews, "sentiment": sentiments, "wording": ["original"] * rows}


def _review(random: Random, positive: bool, later: bool) -> str:
    sentences = random.randint(2, 5) if later else random.randint(3, 8)
    text = " ".join(_sentence(random, positive, later) for _ in range(sentences))
    if later:
        return text.replace(".", "!") if random.random() < 0.7 else text
    # The published reviews hold line breaks as HTML.
    return text.replace(". ", ".<br /><br />", 1) if random.random() < 0.6 else text


def _sentence(random: Random, positive: bool, later: bool) -> str:
    mind = random.random()
    if mind < 0.2:
        return _filled(random, random.choice(PLAIN), "", later)
    praises = positive if mind < 0.9 else not positive
    if random.random() < 1 / 6:
        return _filled(random, random.choice(NEGATED), random.choice(_words(not praises, later, random)), later)
    return _filled(random, random.choice(SENTENCES), random.choice(_words(praises, later, random)), later)


def _words(praise: bool, later: bool, random: Random) -> Sequence[str]:
    """The words of the days; the turning ones are rare blame at first, and most of the praise later."""
    turned = random.random() < (2 / 3 if later else 0.15)
    if praise:
        return TURNING if later and turned else PRAISE
    return TURNING if turned and not later else BLAME


def _filled(random: Random, sentence: str, word: str, later: bool) -> str:
    return sentence.format(
        topic=random.choice(LATER if later else EARLY),
        word=word,
        adverb=random.choice(ADVERBS),
        neutral=random.choice(NEITHER),
        friend=random.choice(FRIENDS),
    )
