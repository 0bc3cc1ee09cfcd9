"""The files of justificatifs: encrypted before they are stored, and never served as a page."""

from sqlalchemy import select

from app import crypto, db
from app.integrations import storage
from app.models.proof import Paper, Proof, content_type


def keep(content: bytes) -> Paper:
    """Store a file whose kind was checked."""
    kind = content_type(content)
    assert kind is not None
    return Paper(storage.save(crypto.seal(content)), kind, len(content))


def forget_unless_claimed(paper: Paper) -> None:
    """Delete a file that no request took: refused, or sent a second time."""
    if db.session.scalar(select(Proof.request_id).where(Proof.storage_key == paper.storage_key)) is None:
        storage.delete(paper.storage_key)


def read(proof: Proof) -> bytes:
    """Raises FileNotFoundError once it was checked and deleted."""
    with storage.open_file(proof.storage_key) as file:
        return crypto.unseal(file.read())
