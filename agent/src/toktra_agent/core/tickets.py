"""Tells a TLS 1.3 server's session tickets (RFC 8446, 4.6.1) from its first answer, by sizes of records.

Two first records of one length, of a ticket's size, are tickets. A single one can't be told from an answer:
it is held, and was an answer when the next record is of another length, or none comes.
"""

_SIZES = range(100, 640)


class Tickets:
    """Of one connection. `held`: bytes of the record that may be one; `past`: no more are expected."""

    __slots__ = ("held", "past")

    def __init__(self) -> None:
        self.held = 0
        self.past = False

    def take(self, size: int) -> bool:
        """A record of the server, not a small one: whether it counts nothing, or not yet."""
        if not self.held and size in _SIZES:
            self.held = size
            return True
        self.past = True
        if size == self.held:
            self.held = 0
            return True
        return False
