"""The files of papers that families give: encrypted before they are stored, and never served as a page."""

from sqlalchemy import exists, or_, select

from app import crypto, db
from app.integrations import storage
from app.models.documents import Document
from app.models.requests import Proof
from app.models.upload import Paper, content_type


def keep(content: bytes) -> Paper:
    """Store a file whose kind was checked."""
    kind = content_type(content)
    assert kind is not None
    return Paper(storage.save(crypto.seal(content)), kind, len(content))


def forget_unless_claimed(paper: Paper) -> None:
    """Delete a file that nothing took: refused, or sent a second time."""
    claimed = [exists().where(of.storage_key == paper.storage_key) for of in (Proof, Document)]
    if not db.session.scalar(select(or_(*claimed))):
        storage.delete(paper.storage_key)


def is_missing(given: Proof | Document) -> bool:
    """Whether the file that this row names is not there."""
    return given.storage_key is not None and not storage.is_there(given.storage_key)


def read(given: Proof | Document) -> bytes:
    """Raises MissingFileError, once it was checked and deleted too."""
    with storage.open_file(given.storage_key or "") as file:
        return crypto.unseal(file.read())
