"""Files, in a folder, under random names: what a person called a file is a column, never a path."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BufferedReader, BufferedWriter
from pathlib import Path

from flask import current_app

_KEY = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".part"


def save(content: bytes) -> str:
    """Keep these bytes; the answer is the key to open them with."""
    key = new_key()
    with create(key) as file:
        file.write(content)
    return key


def new_key() -> str:
    """The name of a file to come."""
    return secrets.token_hex(16)


@contextmanager
def create(key: str) -> Iterator[BufferedWriter]:
    """Write this file, piece by piece. Once the block ends it is on the disk, whole, and a row may name it; when it
    raises, an earlier one stands as it was."""
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(_UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent):  # their entries, too
        _sync(folder)


class MissingFileError(FileNotFoundError):
    """A row names this file, and it is not there: one of both was restored from an older copy."""


def open_file(key: str) -> BufferedReader:
    """Raises MissingFileError."""
    try:
        return _path(key).open("rb")
    except FileNotFoundError as missing:
        raise MissingFileError(key) from missing


def is_there(key: str) -> bool:
    return _path(key).is_file()


def delete(key: str) -> None:
    """Forget a file; one that is gone already is no error."""
    _path(key).unlink(missing_ok=True)


def older_than(age: timedelta) -> Iterator[str]:
    """The keys of the files that nobody wrote to for so long. What a killed process left unfinished is deleted."""
    before = time.time() - age.total_seconds()
    for path in _folder().glob("??/*"):
        if path.stat().st_mtime > before:
            continue
        if path.suffix == _UNFINISHED:
            path.unlink(missing_ok=True)
        elif _KEY.fullmatch(path.name):
            yield path.name


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _path(key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise FileNotFoundError(key)
    return _folder() / key[:2] / key


def _folder() -> Path:
    folder: Path = current_app.config["PREAU"].uploads_dir
    return folder
