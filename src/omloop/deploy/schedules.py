"""When the watch looks, as cron has it."""


def schedule(minutes: int) -> str:
    """Every so many minutes: at a divisor of an hour, or of a day in hours, the next one below.

    >>> schedule(15), schedule(50), schedule(240), schedule(1440)
    ('*/15 * * * *', '*/30 * * * *', '0 */4 * * *', '0 0 * * *')
    """
    if minutes < 60:
        return f"*/{max(n for n in range(1, 31) if 60 % n == 0 and n <= max(1, minutes))} * * * *"
    hours = max(n for n in range(1, 25) if 24 % n == 0 and n <= minutes // 60)
    return "0 0 * * *" if hours == 24 else f"0 */{hours} * * *"


def runs_a_month(cron: str) -> float:
    """How often a schedule begins something in a month of 730 hours, whatever days it names.

    >>> runs_a_month("*/15 * * * *"), runs_a_month("0 */4 * * *"), runs_a_month("5,35 8-17 * * *")
    (2920.0, 182.5, 608.3333333333334)
    """
    minute, hour = cron.split()[:2]
    return len(_matching(minute, 60)) * len(_matching(hour, 24)) * 730 / 24


def _matching(field: str, most: int) -> set[int]:
    """Which values a field of cron means: numbers, ranges and steps, divided by commas."""
    found: set[int] = set()
    for part in field.split(","):
        values, _, step = part.partition("/")
        first, _, last = values.partition("-")
        begin = 0 if values == "*" else int(first)
        end = most - 1 if values == "*" or (step and not last) else int(last or first)
        found |= set(range(begin, end + 1, int(step or 1)))
    return found
