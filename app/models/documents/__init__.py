"""Documents that families give, and those that are asked of them."""

from app.models.documents.document import Piece, PieceState
from app.models.documents.kind import PieceKind, PieceSubject

__all__ = [
    "Piece",
    "PieceKind",
    "PieceState",
    "PieceSubject",
]
