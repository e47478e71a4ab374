"""What a reading process may take: memory and time, by the limits of the system."""

from __future__ import annotations

import contextlib


def limit(memory: int, seconds: int) -> None:
    """Hold this process to so many bytes and seconds of the processor, where the system knows how."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        # A limit that is lower already cannot be raised again, and some systems refuse one on memory.
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, hard if kind == resource.RLIMIT_AS else bound))


def make_room(size: int) -> None:
    """Let this process map a file of so many bytes beside what it may hold: a mapped file is read, not held."""
    try:
        import resource
    except ImportError:
        return
    now, hard = resource.getrlimit(resource.RLIMIT_AS)
    if now == resource.RLIM_INFINITY:
        return
    wider = now + size if hard == resource.RLIM_INFINITY else min(now + size, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (wider, hard))
