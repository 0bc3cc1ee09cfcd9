"""What a thief reads who has the database file, and not the keys."""

from pathlib import Path

from app import db


def database(folder: Path) -> bytes:
    """Every byte of the SQLite database of this data folder: the file, what its log has not handed to it yet."""
    db.session.rollback()
    return b"".join(path.read_bytes() for path in sorted(folder.glob("preau.db*")))


def betrays(stolen: bytes, secret: str) -> bool:
    """Whether this text stands in it, in small letters or capitals, with or without its blanks."""
    bare = "".join(secret.split())
    spelt = {secret, bare, " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))}
    seen = stolen.lower()
    encodings = ("utf-8", "utf-16-le")
    escaped = {one.encode("unicode_escape") for one in spelt}  # as JSON writes letters with accents
    found = {one.lower().encode(encoding) for one in spelt for encoding in encodings} | escaped
    return any(one in seen for one in found)
