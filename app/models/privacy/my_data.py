"""« Mes données »: all that the portal knows of one adult's household, as they may know it, and its files."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app import db
from app.models.enrolments import Attendance, Booking, Enrolment
from app.models.families import Adult, Family
from app.models.journal import journal
from app.models.journal.journal import Entry
from app.models.journal.words import LABELS
from app.models.personal_data import Part, PersonalData
from app.models.privacy.packages import FROM_THE_GROUND
from app.models.privacy.words import Names, label_of, names_for, said, said_of
from app.models.requests import RequestLine
from app.models.requests.reader import Whose

PARTS = sorted(
    ((package, part) for package in FROM_THE_GROUND for part in package.parts), key=lambda one: one[1].chapter
)
"""In the order in which they are told, each with the package that knows its words."""
IN_WORDS = {"event": "Journal"}
"""The table that is told in words of its own, and its title."""
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
        names = names_for(whose)
        data: dict[str, Any] = {}
        files: list[File] = []
        for package, part in PARTS:
            rows = _rows(part, whose)
            data[part.title] = [_told(package, part, row, names, whose) for row in rows]
            files += [File(filename, row.storage_key) for row in rows if (filename := _filename(part, row))]
        data[OTHER_HOUSEHOLD] = _other_household(whose)
        data[IN_WORDS["event"]] = _journal(whose)
        return cls(data, files, reach)


def _rows(part: Part, whose: Whose) -> list[Any]:
    theirs = select(part.of).where(part.rows(whose)).order_by(*part.of.__table__.primary_key.columns)
    return list(filter(part.tells, db.session.scalars(theirs.options(*part.loads)).all()))


def _told(package: PersonalData, part: Part, row: Any, names: Names, whose: Whose) -> dict[str, Any]:
    if part.instead is not None:
        return {label: said(value) for label, value in part.instead(row, whose).items()}
    told = {
        label_of(package, column.key): said_of(package, column.key, getattr(row, column.key), names)
        for column in part.of.__table__.columns
        if column.key not in part.hidden
    }
    filename = _filename(part, row)
    return told | part.adds(row) | ({"Fichier": filename} if filename else {})


def _filename(part: Part, row: Any) -> str | None:
    """In the archive; None for a row that has no file, or none any more."""
    return f"fichiers/{part.filename(row)}" if part.filename and row.storage_key is not None else None


def _other_household(whose: Whose) -> list[dict[str, Any]]:
    """As the planning shows them: child, activity, who pays, and the state of each day."""
    children = [child.id for child in whose.children]
    others = _enrolments(Enrolment.child_id.in_(children) & Enrolment.family_id.not_in(whose.families))
    days: dict[int, dict[str, str]] = {one.id: {} for one in others}
    for booked in db.session.scalars(select(Booking).where(Booking.enrolment_id.in_(days)).order_by(Booking.day)):
        days[booked.enrolment_id][booked.day.isoformat()] = said(booked.state)
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
        "Le": said(entry.at),
        "Quoi": entry.what,
        "Par": entry.who if entry.identifiant in ours else "la mairie" if entry.who else "le portail",
        "Sur": entry.about,
        "Détail": {name: [was, now] for name, was, now in changes if name != "Traitée par"},
    }
    return told | ({"Depuis l’adresse": entry.address} if own and entry.identifiant == own else {})


def as_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode()
