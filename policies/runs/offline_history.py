"""Rows in the files that Weights & Biases keeps on this machine.

A ``.wandb`` file is a log of records in the format of LevelDB: a header of 7 bytes, then blocks of
32 KiB, which hold chunks with a checksum, a length and a kind
(https://github.com/google/leveldb/blob/main/doc/log_format.md). Each record is a message of
wandb's protocol. wandb has no public reader of these files.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HEADER, _BLOCK = 7, 32 * 1024
_CHUNK = struct.Struct("<IHB")
_FULL, _LAST = 1, 4
"""Kinds of chunks that end a record."""


def logged_rows(folder: Path, page: str) -> list[dict[str, Any]]:
    """Rows of the history of a page, of all its sessions in the order in which they began.

    Args:
        folder: ``wandb`` in the run directory.
        page: Id of the page.
    """
    # A second session of the same second has a number after the id.
    paths = sorted(folder.glob(f"*run-*-{page}*/run-{page}.wandb"), key=_began)
    return [row for path in paths for row in history(path)]


def history(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of one file, up to where its writer was killed."""
    for record in messages(path):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            yield {
                item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items
            }


def is_ended(path: Path) -> bool:
    """Whether the session that writes a file has written all of it."""
    return path.exists() and any(
        message.WhichOneof("record_type") == "exit" for message in messages(path)
    )


def messages(path: Path) -> Iterator[Any]:
    """Messages ``wandb.proto.wandb_internal_pb2.Record`` of one file, likewise."""
    from google.protobuf.message import DecodeError
    from wandb.proto.wandb_internal_pb2 import Record  # pyright: ignore[reportAttributeAccessIssue]

    for content in _records(path.read_bytes()):
        record = Record()
        try:
            record.ParseFromString(content)
        except DecodeError:
            return
        yield record


def _records(data: bytes) -> Iterator[bytes]:
    at, parts = _HEADER, b""
    while at + _CHUNK.size <= len(data):
        left = _BLOCK - at % _BLOCK
        if left < _CHUNK.size:
            at += left
            continue
        _, length, kind = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        chunk = data[at : at + length]
        if len(chunk) < length or not kind:
            return
        at += length
        parts += chunk
        if kind in (_FULL, _LAST):
            yield parts
            parts = b""


def _began(path: Path) -> str:
    """Time at which a session began, from its directory's name."""
    return path.parent.name.split("run-", 1)[1]
