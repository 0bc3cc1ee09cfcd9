"""Documents that families give, and those that are asked of them."""

from app.models.documents.document import Document, DocumentState
from app.models.documents.kind import DocumentKind, DocumentSubject

__all__ = [
    "Document",
    "DocumentKind",
    "DocumentState",
    "DocumentSubject",
]
