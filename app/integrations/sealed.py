"""A long file, encrypted piece by piece: neither written nor read as a whole in memory.

Each piece is sealed with its place and whether it is the last, so that none can be taken out, moved or cut off.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from app import crypto
from app.crypto import UnreadableSecretError

PIECE = 1_000_000
_HEAD = struct.Struct(">Q?")
_LENGTH = struct.Struct(">I")


class SealedWriter:
    """A file to write to, from its beginning to its end; `close()` ends it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._waiting, self._place = file, bytearray(), 0
        self.size = 0
        """Bytes, before encryption."""

    def write(self, content: bytes) -> int:
        self._waiting += content
        self.size += len(content)
        while len(self._waiting) > PIECE:  # one is kept: the last says so
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def flush(self) -> None:
        """What a piece does not fill waits for more."""

    def close(self) -> None:
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, content: bytes, *, last: bool) -> None:
        sealed = crypto.seal(_HEAD.pack(self._place, last) + content)
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._place += 1


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """What was written. Raises UnreadableSecretError for a file that is not whole, or that no key opens."""
    place, last = 0, False
    while not last:
        length = file.read(_LENGTH.size)
        if len(length) < _LENGTH.size:
            raise UnreadableSecretError("the file is cut off")
        opened = crypto.unseal(file.read(_LENGTH.unpack(length)[0]))
        found, last = _HEAD.unpack_from(opened)
        if found != place:
            raise UnreadableSecretError("the file's pieces are not in order")
        yield opened[_HEAD.size :]
        place += 1
