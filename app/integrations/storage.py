"""Files, in a folder, under random names: what a person called a file is a column, never a path."""

import secrets
from io import BufferedReader, BufferedWriter
from pathlib import Path

from flask import current_app


def save(content: bytes) -> str:
    """Keep these bytes; the answer is the key to open them with."""
    key = new_key()
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
    return key


def new_key() -> str:
    """The name of a file to come."""
    return secrets.token_hex(16)


def create(key: str) -> BufferedWriter:
    """Write this file, piece by piece; what an earlier try left of it is replaced."""
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


def open_file(key: str) -> BufferedReader:
    """Raises FileNotFoundError."""
    return _path(key).open("rb")


def delete(key: str) -> None:
    """Forget a file; one that is gone already is no error."""
    _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    if not (len(key) == 32 and all(c in "0123456789abcdef" for c in key)):
        raise FileNotFoundError(key)
    return _folder() / key[:2] / key


def _folder() -> Path:
    folder: Path = current_app.config["PREAU"].uploads_dir
    return folder
