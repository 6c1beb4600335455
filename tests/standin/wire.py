"""Messages of the protocol: a big-endian length of four bytes, then as many bytes.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import socket
import struct

LENGTH = struct.Struct("!i")
"""Of a message, and of every whole number that is one."""

STEP = struct.Struct("!dbb")
"""Reward, done, sent."""


def whole(number: int) -> bytes:
    """A message that is one number."""
    return LENGTH.pack(number)


def send(sock: socket.socket, message: bytes) -> None:
    """One message with its length."""
    sock.sendall(LENGTH.pack(len(message)) + message)


def receive(sock: socket.socket) -> bytes | None:
    """The next message, or None where the other side has closed between two of them.

    Raises:
        ConnectionError: If the other side has closed within a message, or the length is none.
    """
    header = _exactly(sock, LENGTH.size)
    if not header:
        return None
    (length,) = LENGTH.unpack(header)
    if length < 0:
        raise ConnectionError(f"a message cannot be {length} bytes long")
    body = _exactly(sock, length)
    if len(body) < length:
        raise ConnectionError("closed within a message")
    return body


def _exactly(sock: socket.socket, count: int) -> bytes:
    """That many bytes, or none if there are none any more.

    Raises:
        ConnectionError: If there are some, but not enough.
    """
    parts = bytearray()
    while len(parts) < count:
        part = sock.recv(count - len(parts))
        if not part:
            if parts:
                raise ConnectionError("closed within a message")
            break
        parts += part
    return bytes(parts)
