"""« Ce qui sera effacé, et quand »: for one adult's household, in sentences, from app.models.durations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app import clock, db
from app.formats import NBSP, long_date
from app.models.billing import Invoice
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentState
from app.models.durations import (
    ACCOUNT,
    CHILD,
    DRAFTS,
    EXPORTS,
    HEALTH,
    HOUSEHOLD,
    JOURNAL,
    MONEY,
    PAPERS,
    REQUESTS,
    WARNING,
)
from app.models.families import Adult
from app.models.households.account_retention import ends_on
from app.models.households.child_retention import last_signs
from app.models.messages import Message, Thread
from app.models.requests import Request, RequestLine
from app.models.requests.reader import Whose
from app.models.retention_rule import since

SOON = "dès maintenant, au prochain passage du nettoyage"


@dataclass(frozen=True)
class Erasure:
    what: str
    when: str
    """A sentence, without its capital and its full stop."""


def of_adult(adult: Adult, today: date) -> list[Erasure]:
    whose = Whose(adult)
    return [
        *_children(whose, today),
        *_drafts(whose, today),
        *_papers(whose, today),
        _requests(whose, today),
        _messages(whose, today),
        Erasure("Vos coordonnées et vos ressources", f"gardées {HOUSEHOLD.how_long}"),
        _invoices(whose, today),
        Erasure("Le journal de ce qui est fait dans votre dossier", f"chaque ligne, {JOURNAL.span} après"),
        Erasure("Les copies de vos données", EXPORTS.how_long),
        _account(adult),
    ]


def _children(whose: Whose, today: date) -> Iterable[Erasure]:
    signs = last_signs([child.id for child in whose.children])
    for child in whose.children:
        seen = signs[child.id]
        kept = ((HEALTH, "Ce qui touche à la santé"), (CHILD, "Le dossier"))
        for keeping, what in kept if child.id in whose.entrusted else kept[1:]:
            left = long_date(keeping.span.over_on(today))
            if seen.enrolled:
                ends = f"si elle s’arrête cette année scolaire, effacé à partir du {left}"
                when = f"gardé tant que l’inscription dure\u202f; {ends}"
            elif seen.asked:
                ends = f"si elle l’a cette année scolaire, effacé à partir du {left}"
                when = f"gardé tant qu’une demande sur ce dossier attend sa réponse\u202f; {ends}"
            else:
                when = _from(since(keeping.span, *seen.used), today)
            yield Erasure(f"{what} de {child.first_name}", when)


def _drafts(whose: Whose, today: date) -> Iterable[Erasure]:
    mine = select(DuiDraft).where(DuiDraft.family_id.in_(whose.families), DuiDraft.child_id.in_(whose.entrusted))
    drafts = {draft.child_id: draft for draft in db.session.scalars(mine)}
    for child in whose.children:
        if child.id in drafts:
            when = f"{DRAFTS.how_long}, {_from(draft_erased_on(drafts[child.id]), today)}"
            yield Erasure(f"Le dossier d’inscription commencé pour {child.first_name}", when)


def draft_erased_on(draft: DuiDraft) -> date:
    """The first day on which the purge erases a draft, unless it is sent or changed before."""
    return DRAFTS.span.over_on(clock.local_day(draft.updated_at))


def _papers(whose: Whose, today: date) -> Iterable[Erasure]:
    told = Document.storage_key.is_not(None) | (Document.state == DocumentState.REFUSED)
    mine = select(Document).where(Document.family_id.in_(whose.families), told)
    mine = mine.where(Document.child_id.is_(None) | Document.child_id.in_(whose.entrusted)).order_by(Document.id)
    for document in db.session.scalars(mine):
        if document.state is DocumentState.RECEIVED:
            when = "le fichier, gardé ensuite seulement si l’équipe en a besoin, dès sa vérification"
            when = when if document.kind.keeps_file else "le fichier, dès sa vérification"
        elif document.state is DocumentState.REFUSED and document.checked_at is not None:
            reason = _from(since(PAPERS.span, document.checked_at), today)
            when = f"refusé, son fichier est effacé ; le motif du refus, {reason}"
        elif document.valid_until is not None:
            when = _from(PAPERS.span.over_on(document.valid_until), today)
        else:
            when = "avec le dossier"
        about = f" ({document.child.first_name})" if document.child else ""
        yield Erasure(f"{document.kind.name}{about}", when)


def _requests(whose: Whose, today: date) -> Erasure:
    lines = (RequestLine.asked_at, RequestLine.decided_at, RequestLine.day)
    used = (Request.submitted_at, *map(func.max, lines))
    mine = select(Request.code, *used).outerjoin(RequestLine).where(Request.family_id.in_(whose.families))
    oldest = _oldest(db.session.execute(mine.group_by(Request.id, Request.code, Request.submitted_at)), REQUESTS.span)
    return _one("Vos demandes", f"chacune, {REQUESTS.span} après sa réponse", oldest, today)


def _messages(whose: Whose, today: date) -> Erasure:
    mine = select(Thread.subject, func.max(Message.sent_at)).join(Message)
    mine = mine.where(Thread.family_id.in_(whose.families)).group_by(Thread.id, Thread.subject)
    oldest = _oldest(db.session.execute(mine), REQUESTS.span)
    return _one("Vos messages", f"chaque échange, {REQUESTS.span} après son dernier message", oldest, today)


def _invoices(whose: Whose, today: date) -> Erasure:
    mine = select(Invoice).where(Invoice.family_id.in_(whose.families)).order_by(Invoice.issued_on, Invoice.id)
    first = db.session.scalars(mine.limit(1)).first()
    oldest = (MONEY.span.over_on(first.issued_on), first.label) if first else None
    return _one("Vos factures et vos règlements", f"{MONEY.span} après, une fois soldés", oldest, today)


def _account(adult: Adult) -> Erasure:
    assert adult.account is not None
    return Erasure(
        "Votre compte",
        f"si vous ne revenez pas, à partir du {long_date(ends_on(adult.account))}, soit {ACCOUNT.span} après votre "
        f"dernière connexion ; un courriel vous prévient après {WARNING.span}",
    )


def _oldest(rows: Iterable[Any], span: Any) -> tuple[date, str] | None:
    """What goes first, and when."""
    found: list[tuple[date, str]] = [(since(span, *_known(row[1:])), row[0]) for row in rows]
    return min(found, default=None)


def _known(used: Iterable[date | datetime | None]) -> list[date | datetime]:
    return [one for one in used if one is not None]


def _one(what: str, rule: str, oldest: tuple[date, str] | None, today: date) -> Erasure:
    if oldest is None:
        return Erasure(what, f"{rule} ; il n’y en a pas encore")
    return Erasure(what, f"{rule} ; d’abord «{NBSP}{oldest[1]}{NBSP}», {_from(oldest[0], today)}")


def _from(day: date, today: date) -> str:
    return f"à partir du {long_date(day)}" if day > today else SOON
