"""« Mes données »: all that the portal knows of one adult's household, as they may know it, and its files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app import db
from app.models.billing import Invoice
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentKind
from app.models.enrolments import Attendance, Booking, Enrolment
from app.models.families import Adult, Family
from app.models.families.sections.catalogue import OF_CHILD, named
from app.models.journal import journal
from app.models.journal.journal import Entry
from app.models.journal.words import LABELS
from app.models.messages import Thread
from app.models.privacy.parts import OTHERWISE, PARTS, Part
from app.models.privacy.words import COLUMNS, said
from app.models.requests import Proof, Request, RequestLine
from app.models.requests.reader import Whose
from app.models.town import Activity, Structure
from app.models.upload import EXTENSIONS

OTHER_HOUSEHOLD = "Inscriptions payées par l’autre foyer"
_OF_TWO_HOUSEHOLDS = {LABELS[kind] for kind in ("family_split", "family_merged")}


@dataclass(frozen=True)
class File:
    name: str
    """In the archive."""
    storage_key: str


@dataclass(frozen=True)
class MyData:
    data: dict[str, Any]
    files: list[File]
    reach: frozenset[str]
    """Of whom it speaks."""

    @classmethod
    def of(cls, adult: Adult) -> "MyData":
        whose = Whose(adult)
        reach = whose.reach  # before all the rest: what is taken away meanwhile is found out later
        names = _Names(whose)
        data = {part.title: [_told(part, row, names, whose) for row in _rows(part, whose)] for part in PARTS}
        data[OTHER_HOUSEHOLD] = _other_household(whose)
        data[OTHERWISE["event"]] = _journal(whose)
        return cls(data, _files(whose), reach)


class _Names:
    """The words for the numbers that rows hold: « Léa DUPONT » for a child."""

    def __init__(self, whose: Whose) -> None:
        every = db.session.execute
        self.enrolments = {one.id: one for one in _enrolments(Enrolment.family_id.in_(whose.families))}
        self.words: dict[str, dict[int, str]] = {
            "family_id": _dict(every(select(Family.id, Family.number).where(Family.id.in_(whose.families)))),
            "child_id": {child.id: f"{child.first_name} {child.last_name}" for child in whose.children},
            "enrolment_id": {
                key: f"{one.child.first_name}, {one.activity.name}" for key, one in self.enrolments.items()
            },
            "request_id": _dict(every(select(Request.id, Request.code).where(Request.family_id.in_(whose.families)))),
            "thread_id": _dict(every(select(Thread.id, Thread.subject).where(Thread.family_id.in_(whose.families)))),
            "invoice_id": {
                one.id: one.label
                for one in db.session.scalars(select(Invoice).where(Invoice.family_id.in_(whose.families)))
            },
            "activity_id": _dict(every(select(Activity.id, Activity.name))),
            "structure_id": _dict(every(select(Structure.id, Structure.name))),
            "kind_id": _dict(every(select(DocumentKind.id, DocumentKind.name))),
        }
        senders = select(Request.submitted_by).where(Request.family_id.in_(whose.families))
        givers = select(Document.given_by).where(Document.family_id.in_(whose.families))
        mine = Adult.family_id.in_(whose.families) | Adult.id.in_(senders) | Adult.id.in_(givers)
        people = {one.id: one.full_name for one in db.session.scalars(select(Adult).where(mine))}
        self.words |= dict.fromkeys(("adult_id", "given_by", "submitted_by"), people)

    def said(self, column: str, value: Any) -> Any:
        return self.words[column].get(value) if column in self.words else said(column, value)


def _rows(part: Part, whose: Whose) -> Iterable[Any]:
    wanted = select(part.of).where(part.rows(whose)).order_by(*part.of.__table__.primary_key.columns)
    if part.of is RequestLine:
        enrolment = joinedload(RequestLine.enrolment)
        wanted = wanted.options(
            joinedload(RequestLine.request).joinedload(Request.child),
            enrolment.joinedload(Enrolment.child),
            enrolment.joinedload(Enrolment.activity),
        )
    return filter(part.tells, db.session.scalars(wanted).all())


def _told(part: Part, row: Any, names: _Names, whose: Whose) -> dict[str, Any]:
    if isinstance(row, RequestLine):
        return _line(row, whose)
    told = {
        COLUMNS[column.key]: names.said(column.key, getattr(row, column.key))
        for column in part.of.__table__.columns
        if column.key not in part.hidden
    }
    if isinstance(row, DuiDraft):
        told[COLUMNS["answers"]] = _answers(row.answers)
    if isinstance(row, Enrolment):
        told["Jours habituels"] = row.usual or "à la demande"
    if isinstance(row, Document | Proof) and row.storage_key is not None:
        told["Fichier"] = _file_name(row)
    return told


def _answers(answers: Any) -> dict[str, dict[str, list[str]]]:
    """By section, then by field, as people read them."""
    told = {}
    for slug, step in answers.items():
        section = named(slug, OF_CHILD)
        if section is not None:
            wanted = step.get("wanted", {}).items()
            told[section.title] = {
                section.field(name).label: section.field(name).shown(text) for name, text in wanted
            }
    return told


def _line(line: RequestLine, whose: Whose) -> dict[str, Any]:
    reads = whose.reads(line)
    told: dict[str, Any] = {
        "Demande": line.request.code,
        "Type": line.kind.label,
        "Demandée par": line.author.adult.full_name,
        "Demandée le": said("submitted_at", line.asked_at or line.request.submitted_at),
        "Sur": line.what,
        "État": line.verdict,
        "Hors délai": line.late,
        "Motif": line.motif if reads else None,
        "Motif.refus": line.decision_reason if reads else None,
        "Répondu le": said("decided_at", line.decided_at),
    }
    return told | ({"Ancienne valeur": line.was, "Valeur demandée": line.wanted} if line.field else {})


def _other_household(whose: Whose) -> list[dict[str, Any]]:
    """As the planning shows them: child, activity, who pays, and the state of each day."""
    children = [child.id for child in whose.children]
    others = _enrolments(Enrolment.child_id.in_(children) & Enrolment.family_id.not_in(whose.families))
    days: dict[int, dict[str, str]] = {one.id: {} for one in others}
    for booked in db.session.scalars(select(Booking).where(Booking.enrolment_id.in_(days)).order_by(Booking.day)):
        days[booked.enrolment_id][booked.day.isoformat()] = said("state", booked.state)
    for pointed in db.session.scalars(select(Attendance).where(Attendance.enrolment_id.in_(days))):
        days[pointed.enrolment_id][pointed.day.isoformat()] = "Présent" if pointed.present else "Absent"
    return [
        {
            "Enfant": one.child.first_name,
            "Prestation": one.activity.name,
            "Responsable": one.responsible,
            "Jours": days[one.id],
        }
        for one in others
    ]


def _enrolments(which: Any) -> list[Enrolment]:
    wanted = select(Enrolment).where(which).order_by(Enrolment.id)
    family = joinedload(Enrolment.family).selectinload(Family.adults)
    return list(
        db.session.scalars(wanted.options(joinedload(Enrolment.child), joinedload(Enrolment.activity), family))
    )


def _journal(whose: Whose) -> list[dict[str, Any]]:
    """In words. Of agents, that it was the town hall; of a child whose file this adult may not know, nothing."""
    account = whose.adult.account
    people = select(Adult).where(Adult.family_id.in_(whose.families)).options(selectinload(Adult.account))
    ours = {one.account.identifiant for one in db.session.scalars(people) if one.account}
    kinds = None if whose.knows_all else ("family", "adult", "account")
    told = _told_of(whose)
    return [
        _entry(one, ours, account.identifiant if account else "", told)
        for one in journal.about(whose.families, account.id if account else None, kinds)
    ]


def _told_of(whose: Whose) -> dict[str | None, set[int | None]]:
    """By table, of whom and of what the journal's details are told: those who left the household, and what was asked
    of them, are of another one.
    """
    people = select(Adult.id).where(Adult.family_id.in_(whose.families))
    lines = select(RequestLine.id).where(RequestLine.request_id.in_(whose.requests))
    return {"adult": set(db.session.scalars(people)), "request_line": set(db.session.scalars(lines))}


def _entry(entry: Entry, ours: set[str], own: str, told_of: dict[str | None, set[int | None]]) -> dict[str, Any]:
    table, number = entry.subject
    elsewhere = table in told_of and number not in told_of[table]
    changes = [] if elsewhere or entry.what in _OF_TWO_HOUSEHOLDS else entry.changes
    told = {
        "Le": said("at", entry.at),
        "Quoi": entry.what,
        "Par": entry.who if entry.identifiant in ours else "la mairie" if entry.who else "le portail",
        "Sur": entry.about,
        "Détail": {name: [was, now] for name, was, now in changes if name != "Traitée par"},
    }
    return told | ({"Depuis l’adresse": entry.address} if own and entry.identifiant == own else {})


def _files(whose: Whose) -> list[File]:
    kept = (part for part in PARTS if part.of in (Document, Proof))
    rows = [row for part in kept for row in _rows(part, whose)]
    return [File(_file_name(row), row.storage_key) for row in rows if row.storage_key is not None]


def _file_name(row: Document | Proof) -> str:
    if isinstance(row, Proof):
        return f"fichiers/justificatif-{row.request_id}.{EXTENSIONS[row.content_type]}"
    return f"fichiers/{row.filename}"


def _dict(rows: Any) -> dict[int, str]:
    return dict(rows.all())


def as_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode()
