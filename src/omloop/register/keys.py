"""Keys: the relative names that every store takes."""

from omloop.core import StoreError


def require_key(key: str) -> None:
    """Raise StoreError unless `key` is a relative name with slashes between its parts.

    >>> require_key("demo/history/00000001.json")
    >>> require_key("../demo")
    Traceback (most recent call last):
    ...
    omloop.StoreError: '../demo' is no key. Use a relative name such as 'demo/history/00000001.json'.
    """
    for part in key.split("/"):
        if part in ("", ".", "..") or set(part) & set("\\:\0") or is_staged(part):
            raise StoreError(f"{key!r} is no key. Use a relative name such as 'demo/history/00000001.json'.")


def is_staged(name: str) -> bool:
    """Whether `name` is what `omloop.core.write_new` calls a file that it has not finished."""
    return name.startswith(".") and name.endswith(".tmp")
