"""A port that stays a test's own, although nothing listens on it yet."""

from __future__ import annotations

import socket


def reserved() -> tuple[socket.socket, int]:
    """A bound socket and its port, which the system gives to no process that asks for any.

    A server that names the port itself may listen on it all the same, once or again and again:
    both sockets allow addresses to be reused, and this one never listens.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]
