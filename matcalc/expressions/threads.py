"""Locks for what threads share."""

from __future__ import annotations

import os
from threading import RLock


def shared_lock() -> RLock:
    """A lock that a thread may take again while it holds it, and that a forked process finds free.

    At a fork the lock is waited for, so that the child, which has no other thread, finds what it guards whole.
    """
    made = RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=made.acquire, after_in_parent=made.release, after_in_child=made.release)
    return made
