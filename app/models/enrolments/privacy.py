"""Enrolments and what stands on their days: they go with the child."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import db
from app.models.enrolments import Attendance, Booking, BookingState, Enrolment, Leave
from app.models.personal_data import Chapter, Number, Part, PersonalData


def _enrolled(title: str, of: type[Any], *hidden: str) -> Part:
    return Part(Chapter.ENROLMENTS, title, of, lambda whose: of.enrolment_id.in_(whose.enrolments), frozenset(hidden))


def _names(families: list[int]) -> dict[int, str]:
    """« LEA, Garderie matin »."""
    paid = select(Enrolment).where(Enrolment.family_id.in_(families))
    both = paid.options(joinedload(Enrolment.child), joinedload(Enrolment.activity))
    return {one.id: f"{one.child.first_name}, {one.activity.name}" for one in db.session.scalars(both)}


DATA = PersonalData(
    parts=(
        Part(
            Chapter.ENROLMENTS,
            "Inscriptions",
            Enrolment,
            lambda whose: Enrolment.family_id.in_(whose.families),
            frozenset(("id", "even_weeks", "odd_weeks")),
            adds=lambda enrolment: {"Jours habituels": enrolment.usual or "à la demande"},
        ),
        _enrolled("Congés", Leave, "id"),
        _enrolled("Réservations et absences", Booking, "id", "child_id", "activity_id", "exclusive_group"),
        _enrolled("Pointage", Attendance),
    ),
    columns={
        "day": "Jour",
        "first_day": "Premier jour",
        "last_day": "Dernier jour",
        "present": "Présent",
        "state": "État",
    },
    numbers={"enrolment_id": Number("Inscription", lambda whose: _names(whose.families))},
    codes={
        BookingState: {
            BookingState.BOOKED: "Réservé",
            BookingState.ABSENT_EXCUSED: "Absent excusé",
            BookingState.ABSENT_BILLED: "Absent facturé",
            BookingState.CANCELLED_BY_TOWN: "Annulé par la commune",
        }
    },
)
