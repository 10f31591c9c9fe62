"""Who is asking."""

import getpass


def user_name() -> str:
    """Who is asking, for the history; a container's user may have no name.

    >>> bool(user_name())
    True
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody without a name"
