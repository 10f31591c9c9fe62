"""How child processes ended."""

import signal
import threading


def heed_children() -> None:
    """Let this process learn how its children end, where something set it to ignore that.

    A parent that ignores SIGCHLD passes that on, and Ray sets it. Then every child would seem to have ended with 0:
    `subprocess` takes a child that nobody can wait for as one that did well. A handler of Python's own stays. It does
    nothing outside the main thread, where Python cannot set handlers, and on Windows.
    """
    if not hasattr(signal, "SIGCHLD") or threading.current_thread() is not threading.main_thread():
        return
    handler = signal.getsignal(signal.SIGCHLD)  # as Python knows it; a library may have changed it behind its back
    signal.signal(signal.SIGCHLD, handler if callable(handler) else signal.SIG_DFL)
