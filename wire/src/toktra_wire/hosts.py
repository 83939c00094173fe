"""Patterns of hosts: how the server's list, a device's and an extension's cover are matched, in one way."""

from collections.abc import Callable


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a host falls under the pattern; its one `*` stands for one or more characters."""
    head, star, tail = pattern.partition("*")
    if not star:
        return lambda host: host == pattern
    shortest = len(head) + len(tail) + 1
    return lambda host: len(host) >= shortest and host.startswith(head) and host.endswith(tail)
