"""Numbers as a reader sees them: one rule for each kind, wherever omloop prints it."""

import math
import time


def number_text(value: float, size: float = 0.0) -> str:
    """A number with the decimals that suit this `size`, by default its own.

    From 1 on it has three digits. Down to 0.01 it has three decimals, so that shares and scores look alike. Below it
    has two digits. No number gets an exponent.

    >>> [number_text(value) for value in (0.8612, -0.0, 12.53, 52_340.2, 0.00042)]
    ['0.861', '0.000', '12.5', '52340', '0.00042']
    >>> number_text(13.984, 0.05), number_text(float("nan"))
    ('13.984', 'nan')
    """
    size = size or abs(value)
    power = math.floor(math.log10(size)) if 0 < size < math.inf else -1
    decimals = max(0, 2 - power) if power >= 0 else max(3, 1 - power)
    return f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0: no -0.000


def megabytes(count: float) -> str:
    """A number of bytes in megabytes of a million, to three digits.

    >>> megabytes(132_400), megabytes(1_234_567_890)
    ('0.132 MB', '1,235 MB')
    """
    return f"{_three_digits(count / 1e6)} MB"


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds, to three digits.

    >>> milliseconds(0.0012345), milliseconds(0.0987), milliseconds(1.2345)
    ('1.23 ms', '98.7 ms', '1,234 ms')
    """
    return f"{_three_digits(seconds * 1000)} ms"


def utc_text(seconds_since_1970: float) -> str:
    """A moment as people write it, in UTC.

    >>> utc_text(0.0)
    '1970-01-01 00:00:00'
    """
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds_since_1970))


def _three_digits(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
