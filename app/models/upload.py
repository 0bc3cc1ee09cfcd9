"""A file that somebody sends: what we take, how large, and what is known of it once it is stored. Pure."""

from dataclasses import dataclass

MAX_BYTES = 10_000_000


# What a phone or a scanner makes, told by its first bytes: a name or a browser's word proves nothing.
_SIGNATURES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


_BEFORE_PDF = 1024
"""Bytes in which readers look for the beginning of a PDF: mailers and scanners write some before it."""

EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def content_type(content: bytes) -> str | None:
    """What these bytes are, if it is something that we take."""
    told = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)
    if told is None and b"%PDF-" in content[:_BEFORE_PDF]:
        return "application/pdf"
    return told


@dataclass(frozen=True)
class Paper:
    """A file that is stored already, and that a request may claim."""

    storage_key: str
    content_type: str
    size: int
    """Bytes, before encryption."""
