"""How long a training may still take, from its reports epoch by epoch."""


def time_left(seconds: float, done: int, left: int) -> str:
    """Words for `left` epochs that take as long each as the `done` ones, which took `seconds`; none for none.

    An epoch without progress may end a training earlier, so it is at most that long.

    >>> time_left(60.0, done=3, left=37)
    'at most 13 min left'
    >>> time_left(60.0, done=3, left=2), time_left(9000.0, done=3, left=7), time_left(60.0, done=3, left=0)
    ('at most 40 s left', 'at most 5 h 50 min left', '')
    """
    if left <= 0 or done <= 0:
        return ""
    ahead = seconds / done * left
    if ahead < 100:
        return f"at most {max(1, round(ahead))} s left"
    minutes = -(-ahead // 60)
    hours, rest = divmod(int(minutes), 60)
    return f"at most {hours} h {rest} min left" if hours else f"at most {rest} min left"
