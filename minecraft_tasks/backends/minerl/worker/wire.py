"""Messages between the two sides of a worker: a JSON header, then raw blobs such as frames.

A message is a big-endian uint32 length and that many bytes of JSON, whose ``blobs`` lists the
lengths of the byte strings that follow it. Both sides import this file; it needs nothing but the
standard library.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

LARGEST = 1 << 26
"""Bytes that no part of a message exceeds; more means that the two sides are out of step."""


class WireError(Exception):
    """The other side is gone, or what it sent is no message."""


def send(sock: socket.socket, header: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Sends one message.

    Raises:
        WireError: If the other side is gone.
    """
    text = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode()
    try:
        sock.sendall(b"".join([struct.pack("!I", len(text)), text, *blobs]))
    except OSError as error:
        raise WireError(f"the other side is gone: {error}") from error


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[bytes]]:
    """Waits for one message.

    Returns:
        The header, and its blobs.

    Raises:
        WireError: If the other side is gone, or sent something else than a message.
        TimeoutError: If the socket has a time limit that runs out.
    """
    (length,) = struct.unpack("!I", _exactly(sock, 4))
    try:
        header = json.loads(_exactly(sock, length))
        blobs = [_exactly(sock, size) for size in header.pop("blobs")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WireError(f"not a message: {error}") from error
    return header, blobs


def _exactly(sock: socket.socket, count: int) -> bytes:
    if not 0 <= count <= LARGEST:
        raise WireError(f"a part of {count} bytes was announced; {LARGEST} is the most")
    parts, left = [], count
    while left:
        try:
            part = sock.recv(min(left, 1 << 20))
        except TimeoutError:
            raise
        except OSError as error:
            raise WireError(f"the other side is gone: {error}") from error
        if not part:
            raise WireError("the other side closed the connection")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
