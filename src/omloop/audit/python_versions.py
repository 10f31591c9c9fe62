"""Versions of Python that a project says it runs on."""

import re

_CLAUSE = re.compile(r"(>=|<=|==|~=|!=|>|<|\^)\s*(\d+)(?:\.(\d+|\*))?")


def allows(specifier: str, version: str) -> bool:
    """Whether `requires-python` lets a version such as `3.12` in; True for a text that it does not understand.

    >>> allows(">=3.13", "3.12"), allows(">=3.11,<3.13", "3.12"), allows("~=3.11", "3.12"), allows("==3.12.*", "3.11")
    (False, True, True, False)
    """
    asked = re.match(r"(\d+)\.(\d+)", version)
    if not asked or "||" in specifier:
        return True
    pair = (int(asked[1]), int(asked[2]))
    return all(
        _holds(op, (int(major), int(minor) if minor.isdigit() else 0), pair, minor)
        for op, major, minor in _CLAUSE.findall(specifier)
    )


def _holds(op: str, bound: tuple[int, int], pair: tuple[int, int], minor: str) -> bool:
    if op in ("~=", "^"):
        return pair >= bound and pair[0] == bound[0]
    if op == "==":
        return pair == bound if minor.isdigit() else pair[0] == bound[0]
    if op == "<":
        return pair < bound
    return {">=": pair >= bound, "<=": pair <= bound, ">": pair >= bound}.get(op, True)
