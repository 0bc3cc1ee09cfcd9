"""A file that somebody sends: what we take, how large, and what is known of it once it is stored. Pure."""

from dataclasses import dataclass

MAX_BYTES = 10_000_000


# What a phone or a scanner makes, told by its first bytes: a name or a browser's word proves nothing.
_SIGNATURES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


_BEFORE_PDF = 1024
"""Bytes in which readers look for the beginning of a PDF: mailers and scanners write some before it."""

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1")

EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def content_type(content: bytes) -> str | None:
    """What these bytes are, if it is something that we take."""
    told = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)
    if told is None and b"%PDF-" in content[:_BEFORE_PDF]:
        return "application/pdf"
    return told


def why_not(content: bytes) -> str | None:
    """Why these bytes are not taken, and what to do; None for what is."""
    if content_type(content) is not None:
        return None
    if not content:
        return "Ce fichier est vide\u00a0: il n’est pas arrivé entier sur votre appareil. Choisissez-le de nouveau."
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return (
            "Cette photo est au format HEIC, que le portail ne prend pas encore. Sur iPhone\u00a0: Réglages, "
            "Appareil photo, Formats, «\u00a0Le plus compatible\u00a0», puis reprenez la photo. "
            "Une capture d’écran de la photo convient aussi."
        )
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return (
            "Cette image est au format WebP, que le portail ne prend pas encore. Faites-en une capture d’écran, et "
            "envoyez la capture."
        )
    return "Ce fichier n’est ni un PDF, ni une photo JPEG ou PNG."


@dataclass(frozen=True)
class Paper:
    """A file that is stored already, and that a request may claim."""

    storage_key: str
    content_type: str
    size: int
    """Bytes, before encryption."""
