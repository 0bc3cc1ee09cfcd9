"""Documents: the file goes once checked, unless the team needs it; the row, some time after it is out of date."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, case, func, or_, select, update

from app import db
from app.models.documents import Document, DocumentKind, DocumentState
from app.models.durations import AT_ONCE, PAPERS
from app.models.families import Adult
from app.models.families.privacy import file_number, names_of
from app.models.jobs import Job, erase
from app.models.personal_data import OF_THE_TOWN, Chapter, Number, Part, PersonalData, number
from app.models.retention_rule import Rows, Rule, Turn, before_end_of

_NEVER_USED = (DocumentState.REFUSED, DocumentState.REPLACED)


def _files(cutoff: date) -> Rows:
    """Of documents that were checked or replaced, and whose file nobody needs."""
    last = func.coalesce(Document.checked_at, Document.given_at)
    left = (
        select(Document.id, file_number(Document.family_id), last)
        .join(DocumentKind)
        .where(Document.storage_key.is_not(None))
    )
    useless = or_(
        and_(Document.state == DocumentState.VALID, DocumentKind.keeps_file.is_(False)),
        Document.state.in_(_NEVER_USED),
    )
    return left.where(useless, last < before_end_of(cutoff))


def _forget_files(keys: Sequence[int], cutoff: date) -> None:
    for key in db.session.scalars(select(Document.storage_key).where(Document.id.in_(keys))):
        if key is not None:
            Job.forget_file(key)
    db.session.execute(update(Document).where(Document.id.in_(keys)).values(storage_key=None))


def _documents(cutoff: date) -> Rows:
    """Out of date, refused or replaced, since long."""
    expired = and_(Document.state == DocumentState.VALID, Document.valid_until <= cutoff)
    last = func.coalesce(Document.checked_at, Document.given_at)
    never_used = and_(Document.state.in_(_NEVER_USED), last < before_end_of(cutoff))
    day = case((Document.state == DocumentState.VALID, Document.valid_until))
    instant = case((Document.state.in_(_NEVER_USED), last))
    return select(Document.id, file_number(Document.family_id), day, instant).where(or_(expired, never_used))


DATA = PersonalData(
    parts=(
        Part(
            Chapter.DOCUMENTS,
            "Pièces",
            Document,
            lambda whose: (
                Document.family_id.in_(whose.families)
                & (Document.child_id.is_(None) | Document.child_id.in_(whose.entrusted))
            ),
            frozenset(("id", "submission", "storage_key", "checked_by")),
            filename=lambda document: document.filename,
        ),
    ),
    not_told={"document_kind": OF_THE_TOWN},
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
            lambda whose: names_of(
                Adult.id.in_(select(Document.given_by).where(Document.family_id.in_(whose.families)))
            ),
        ),
        "kind_id": number("Document", DocumentKind.id, DocumentKind.name),
    },
    codes={
        DocumentState: {
            DocumentState.RECEIVED: "Reçue",
            DocumentState.VALID: "Validée",
            DocumentState.REFUSED: "Refusée",
            DocumentState.REPLACED: "Remplacée",
        }
    },
    rules=(
        Rule(
            "Fichiers de pièces restés après le contrôle",
            AT_ONCE,
            Turn.FILES,
            _files,
            _forget_files,
            locks=Document.id,
        ),
        Rule("Pièces périmées ou refusées", PAPERS, Turn.FILES, _documents, erase.by(Document.id), locks=Document.id),
    ),
    not_purged={"document_kind": "what the town set up"},
)
