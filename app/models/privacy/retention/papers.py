"""Papers: what should be gone since it was checked, what is out of date, copies of one's data, drafts left alone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import String, and_, case, cast, delete, exists, func, or_, select, update

from app import db
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentKind, DocumentState
from app.models.durations import DRAFTS, EXPORTS, PAPERS, Duration, Keeping
from app.models.families import Adult, Family
from app.models.privacy.data_export import DataExport
from app.models.requests import Proof, Request, RequestLine
from app.models.requests.line_state import PENDING_STATES
from app.models.retention_rule import Rows, Rule, before_end_of, forget_files

_CHECKED = Keeping(PAPERS.what, Duration(), PAPERS.how_long, PAPERS.source)
"""At once: what was left when something went wrong."""
_NEVER_USED = (DocumentState.REFUSED, DocumentState.REPLACED)


def file_number(family_id: Any) -> Any:
    """« dossier n° 1001001818331 »."""
    number = select(Family.number).where(Family.id == family_id).scalar_subquery()
    return "dossier n° " + number


def _proofs(cutoff: date) -> Rows:
    waits = exists().where(RequestLine.request_id == Request.id, RequestLine.state.in_(PENDING_STATES))
    left = select(Request.id, "demande " + Request.code, Proof.given_at).join(Proof, Proof.request_id == Request.id)
    return left.where(~waits, Proof.given_at < before_end_of(cutoff))


def _erase_proofs(keys: Sequence[int], cutoff: date) -> None:
    gone = delete(Proof).where(Proof.request_id.in_(keys)).returning(Proof.storage_key)
    forget_files(db.session.scalars(gone).all())


def _document_files(cutoff: date) -> Rows:
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


def _erase_document_files(keys: Sequence[int], cutoff: date) -> None:
    forget_files(db.session.scalars(select(Document.storage_key).where(Document.id.in_(keys))).all())
    db.session.execute(update(Document).where(Document.id.in_(keys)).values(storage_key=None))


def _documents(cutoff: date) -> Rows:
    """Out of date, refused or replaced, since long."""
    expired = and_(Document.state == DocumentState.VALID, Document.valid_until <= cutoff)
    last = func.coalesce(Document.checked_at, Document.given_at)
    never_used = and_(Document.state.in_(_NEVER_USED), last < before_end_of(cutoff))
    day = case((Document.state == DocumentState.VALID, Document.valid_until))
    instant = case((Document.state.in_(_NEVER_USED), last))
    return select(Document.id, file_number(Document.family_id), day, instant).where(or_(expired, never_used))


def erase_documents(keys: Sequence[int], cutoff: date) -> None:
    gone = delete(Document).where(Document.id.in_(keys)).returning(Document.storage_key)
    forget_files(db.session.scalars(gone).all())


def _exports(cutoff: date) -> Rows:
    old = select(DataExport.id, file_number(Adult.family_id), DataExport.asked_at).join(Adult)
    return old.where(DataExport.asked_at < before_end_of(cutoff))


def _erase_exports(keys: Sequence[int], cutoff: date) -> None:
    gone = delete(DataExport).where(DataExport.id.in_(keys)).returning(DataExport.storage_key)
    forget_files(db.session.scalars(gone).all())


def _drafts(cutoff: date) -> Rows:
    about = "enfant n° " + cast(DuiDraft.child_id, String)
    old = select(DuiDraft.child_id, about, func.min(DuiDraft.updated_at))
    return old.where(DuiDraft.updated_at < before_end_of(cutoff)).group_by(DuiDraft.child_id)


def _erase_drafts(keys: Sequence[int], cutoff: date) -> None:
    old = delete(DuiDraft).where(DuiDraft.child_id.in_(keys), DuiDraft.updated_at < before_end_of(cutoff))
    db.session.execute(old)


RULES = (
    Rule("Copies des données", EXPORTS, _exports, _erase_exports),
    Rule("Justificatifs restés après la réponse", _CHECKED, _proofs, _erase_proofs, held=Request.id),
    Rule(
        "Fichiers de pièces restés après le contrôle",
        _CHECKED,
        _document_files,
        _erase_document_files,
        held=Document.id,
    ),
    Rule("Pièces périmées ou refusées", PAPERS, _documents, erase_documents, held=Document.id),
    Rule("Dossiers d’inscription commencés", DRAFTS, _drafts, _erase_drafts),
)
