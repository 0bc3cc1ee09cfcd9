"""Files, in a folder, under random names: what a person called a file is a column, never a path."""

import secrets
from io import BufferedReader
from pathlib import Path

from flask import current_app


def save(content: bytes) -> str:
    """Keep these bytes; the answer is the key to open them with."""
    key = secrets.token_hex(16)
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
    return key


def open_file(key: str) -> BufferedReader:
    """Raises FileNotFoundError."""
    return _path(key).open("rb")


def clear() -> None:
    """Delete every file. Only for a demonstration."""
    for path in _folder().glob("*/*"):
        path.unlink()


def _path(key: str) -> Path:
    if not (len(key) == 32 and all(c in "0123456789abcdef" for c in key)):
        raise FileNotFoundError(key)
    return _folder() / key[:2] / key


def _folder() -> Path:
    folder: Path = current_app.config["PREAU"].uploads_dir
    return folder
