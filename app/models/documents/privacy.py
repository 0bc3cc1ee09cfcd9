"""Documents: the file goes once checked, unless the team needs it; the row, some time after it is out of date."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, case, func, or_, select, update

from app import db
from app.models.documents import Piece, PieceKind, PieceState
from app.models.durations import AT_ONCE, PAPERS
from app.models.families import Adult
from app.models.families.privacy import file_number, names_of
from app.models.jobs import Job, erase
from app.models.personal_data import OF_THE_TOWN, Chapter, Number, Part, PersonalData, number
from app.models.retention_rule import Rows, Rule, Turn, before_end_of

_NEVER_USED = (PieceState.REFUSED, PieceState.REPLACED)


def _files(cutoff: date) -> Rows:
    """Of pieces that were checked or replaced, and whose file nobody needs."""
    last = func.coalesce(Piece.checked_at, Piece.given_at)
    left = select(Piece.id, file_number(Piece.family_id), last).join(PieceKind).where(Piece.storage_key.is_not(None))
    useless = or_(
        and_(Piece.state == PieceState.VALID, PieceKind.keeps_file.is_(False)), Piece.state.in_(_NEVER_USED)
    )
    return left.where(useless, last < before_end_of(cutoff))


def _forget_files(keys: Sequence[int], cutoff: date) -> None:
    for key in db.session.scalars(select(Piece.storage_key).where(Piece.id.in_(keys))):
        if key is not None:
            Job.forget_file(key)
    db.session.execute(update(Piece).where(Piece.id.in_(keys)).values(storage_key=None))


def _pieces(cutoff: date) -> Rows:
    """Out of date, refused or replaced, since long."""
    expired = and_(Piece.state == PieceState.VALID, Piece.valid_until <= cutoff)
    last = func.coalesce(Piece.checked_at, Piece.given_at)
    never_used = and_(Piece.state.in_(_NEVER_USED), last < before_end_of(cutoff))
    day = case((Piece.state == PieceState.VALID, Piece.valid_until))
    instant = case((Piece.state.in_(_NEVER_USED), last))
    return select(Piece.id, file_number(Piece.family_id), day, instant).where(or_(expired, never_used))


DATA = PersonalData(
    parts=(
        Part(
            Chapter.DOCUMENTS,
            "Pièces",
            Piece,
            lambda whose: (
                Piece.family_id.in_(whose.families) & (Piece.child_id.is_(None) | Piece.child_id.in_(whose.entrusted))
            ),
            frozenset(("id", "submission", "storage_key", "checked_by")),
            filename=lambda piece: piece.filename,
        ),
    ),
    not_told={"piece_kind": OF_THE_TOWN},
    columns={
        "checked_at": "Contrôlé le",
        "content_type": "Type de fichier",
        "given_at": "Donné le",
        "reason": "Motif du refus",
        "size": "Taille en octets",
        "state": "État",
        "valid_until": "Valable jusqu’au",
    },
    numbers={
        "given_by": Number(
            "Donné par",
            lambda whose: names_of(Adult.id.in_(select(Piece.given_by).where(Piece.family_id.in_(whose.families)))),
        ),
        "kind_id": number("Document", PieceKind.id, PieceKind.name),
    },
    codes={
        PieceState: {
            PieceState.RECEIVED: "Reçue",
            PieceState.VALID: "Validée",
            PieceState.REFUSED: "Refusée",
            PieceState.REPLACED: "Remplacée",
        }
    },
    rules=(
        Rule(
            "Fichiers de pièces restés après le contrôle", AT_ONCE, Turn.FILES, _files, _forget_files, held=Piece.id
        ),
        Rule("Pièces périmées ou refusées", PAPERS, Turn.FILES, _pieces, erase.by(Piece.id), held=Piece.id),
    ),
    not_purged={"piece_kind": "what the town set up"},
)
