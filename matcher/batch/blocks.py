"""A file that grows by blocks and survives being cut off anywhere.

A block counts once its line stands in the journal beside the file: where it ends, and its checksum. Data reach the disk before
their line does. What a killed process left beyond the last good line is cut off when the file is opened again.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from zlib import crc32

_CHUNK = 1 << 20


class BlockFile:
    """`blocks`: how many count; `size`: where the last of them ends, in bytes."""

    def __init__(self, path: Path) -> None:
        """Raises BlockingIOError where another process has it open, OSError."""
        self.path = path
        journal = path.with_name(path.name + ".blocks")
        self._data = path.open("ab")
        self._journal = journal.open("ab")
        try:
            fcntl.flock(self._data, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise BlockingIOError(error.errno, "another process is writing it", str(path)) from None
        self.blocks, self.size, kept = _recover(path, journal)
        self._data.truncate(self.size)
        self._journal.truncate(kept)

    def append(self, block: bytes | memoryview) -> None:
        """Write a block; when this returns, it counts."""
        self._data.write(block)
        _sync(self._data)
        self.size += len(block)
        self.blocks += 1
        self._journal.write(b"%d %08x\n" % (self.size, crc32(block)))
        _sync(self._journal)

    def close(self) -> None:
        self._data.close()
        self._journal.close()

    def __enter__(self) -> BlockFile:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def _recover(path: Path, journal: Path) -> tuple[int, int, int]:
    """(blocks that count, where the last ends, where its line ends in the journal)."""
    blocks = end = kept = 0
    with path.open("rb") as data:
        for line in journal.read_bytes().splitlines(keepends=True):
            claimed = _read_line(line)
            if claimed is None or claimed[0] < end or _checksum(data, claimed[0] - end) != claimed[1]:
                break
            blocks, end, kept = blocks + 1, claimed[0], kept + len(line)
    return blocks, end, kept


def _read_line(line: bytes) -> tuple[int, int] | None:
    words = line.split()
    if not line.endswith(b"\n") or len(words) != 2:
        return None
    try:
        return int(words[0]), int(words[1], 16)
    except ValueError:
        return None


def _checksum(data: BinaryIO, length: int) -> int | None:
    """Of the next `length` bytes; None where the file ends before."""
    checksum = 0
    while length:
        chunk = data.read(min(length, _CHUNK))
        if not chunk:
            return None
        checksum = crc32(chunk, checksum)
        length -= len(chunk)
    return checksum


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
