"""What helps an agent answer a line that would change a file: what the file says now, who else asks, what would be
made. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app import db
from app.models.changes import apply_change, change, create_asked
from app.models.documents import checklist
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families import Adult, Child, Family, adding_child, barred, spelling
from app.models.families.barred import Barred
from app.models.families.sections.catalogue import of_kind
from app.models.families.sections.child import NEW_CHILD
from app.models.families.sections.values import Sheet
from app.models.planning.enrolling import preview
from app.models.planning.enrolment_plan import EnrolmentPlan
from app.models.planning.terms_change import Creation
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.line_state import OPEN_STATES, PENDING_STATES


@dataclass(frozen=True)
class Made:
    """The enrolment that an accepted line made, as it is now."""

    enrolment: Enrolment
    booked: int
    """Days."""
    plan: EnrolmentPlan
    """Among others, the usual days that could not be booked."""


@dataclass(frozen=True)
class Known:
    """The child that is asked for, in this very file already: accepting changes nothing of it."""

    child: Child
    differs: tuple[tuple[str, str, str], ...]
    """What the request says otherwise: the field, what the file says, what the request does."""


@dataclass(frozen=True)
class Weighed:
    """One line."""

    why_not: str = ""
    """Why it cannot be accepted as things stand."""
    rivals: tuple[RequestLine, ...] = ()
    """Other requests that wait about the same field: the other household's."""
    alike: tuple[tuple[Child, list[Adult]], ...] = ()
    """Children of the same name, born on the same day, of other families, with their adults."""
    near: tuple[tuple[Child, list[Adult]], ...] = ()
    """Children born on the same day who may be this one under another name, with their adults."""
    known: Known | None = None
    twins: tuple[RequestLine, ...] = ()
    """Other requests of this family, which wait too, to add a child of this first name: perhaps one corrected."""
    entrusts: tuple[Adult, ...] | None = None
    """The adults who would get authority over the child that accepting adds; None where it adds none."""
    barred: tuple[Barred, ...] = ()
    """Who must not come for the child, says a judgment, and whom this would let come."""
    opens: Adult | None = None
    """Whose account the address asked for would open."""
    plan: EnrolmentPlan | None = None
    """What accepting the enrolment would book."""
    made: Made | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether it cannot be accepted before something else is done."""
        return bool(self.why_not or self.alike)


NOTHING = Weighed()


def weigh(lines: Sequence[RequestLine]) -> dict[int, Weighed]:
    """By the id of the line, for lines of one request; of those about days there is nothing to tell."""
    told = [line for line in lines if line.field is not None]
    pending = [line for line in told if line.state in PENDING_STATES]
    rivals, found = _rivals(pending), {line.id: NOTHING for line in lines}
    sheets: dict[RequestKind, Sheet] = {}
    lost = _without_authority(pending)
    for line in told:
        if line.id in lost:
            found[line.id] = Weighed(lost[line.id])
        elif line.kind is RequestKind.ENROLMENT:
            found[line.id] = _enrolment(line)
        elif line not in pending:
            continue
        elif line.kind is RequestKind.NEW_CHILD:
            found[line.id] = _child(line)
        else:
            asked_too = tuple(rivals.get((line.kind, line.field or ""), ()))
            opens = apply_change.opened_owner(line)
            found[line.id] = Weighed(_changed(line, sheets), asked_too, barred=_barred(line), opens=opens)
    return found


def waiting_about(child_id: int) -> list[RequestLine]:
    """The changes of a child's file that wait for an answer, whichever household asks."""
    lines = (
        select(RequestLine)
        .join(RequestLine.request)
        .where(Request.child_id == child_id, RequestLine.field.is_not(None), RequestLine.state.in_(OPEN_STATES))
        .options(contains_eager(RequestLine.request).options(joinedload(Request.sender), joinedload(Request.child)))
        .order_by(RequestLine.id)
    )
    return list(db.session.scalars(lines))


def _rivals(pending: Sequence[RequestLine]) -> dict[tuple[RequestKind, str], list[RequestLine]]:
    """By field. Within a household a field waits once: the family amends what it asked."""
    asked = next((line.request for line in pending), None)
    found: dict[tuple[RequestKind, str], list[RequestLine]] = {}
    if asked is not None and asked.child_id is not None:
        for line in waiting_about(asked.child_id):
            if line.request_id != asked.id and line.kind is not RequestKind.ENROLMENT:
                found.setdefault((line.kind, line.field or ""), []).append(line)
    return found


def _without_authority(pending: Sequence[RequestLine]) -> dict[int, str]:
    """By line, of those asked by who has no authority over the child any more; each adult is looked up once."""
    known: dict[int, str] = {}
    for line in pending:
        if line.author.adult.id not in known:
            known[line.author.adult.id] = apply_change.lost_authority(line)
    found = {line.id: known[line.author.adult.id] for line in pending}
    return {line_id: why for line_id, why in found.items() if why}


def _changed(line: RequestLine, sheets: dict[RequestKind, Sheet]) -> str:
    """Why the file is not any more what the family saw."""
    if line.confirms:
        return ""  # it is the paper that is to be read
    section = of_kind(line.kind)
    asked = line.request
    sheet = sheets.setdefault(line.kind, Sheet(section, asked.family_id, asked.child_id))
    if section.makes is not None and line.field == section.makes.name:
        return "Ce dossier a maintenant deux adultes." if sheet.exists else ""
    if not sheet.exists:
        return "Cette personne n’est plus dans le dossier."
    now = sheet.text(line.asked_field)
    if not line.is_overtaken_by(now):
        return ""
    said = " ; ".join(line.asked_field.shown(now)) or "vide"
    return f"Le dossier a changé depuis cette demande : il dit maintenant « {said} »."


def _barred(line: RequestLine) -> tuple[Barred, ...]:
    """Whom accepting it would let come though a judgment says no, however the name is spelt."""
    wanted = line.asked_field.value(line.after or "") if line.after else None
    if line.kind is RequestKind.CONTACTS and line.request.child_id is not None:
        return barred.of_children([row["name"] for row in wanted or ()], [line.request.child_id])
    if line.field == "conjoint" and wanted:
        return barred.in_household(f"{wanted['first_name']} {wanted['last_name']}", line.request.family_id)
    return ()


def _child(line: RequestLine) -> Weighed:
    field = line.asked_field
    record: dict[str, Any] = field.value(line.after or "")
    values = {one.name: one.value(record.get(one.name, "")) for one in field.columns}
    asked, twins = line.request, _twins(line, record)
    known = adding_child.same(values)
    here = adding_child.living_in(asked.family_id, known)
    if here is not None:
        return Weighed(known=Known(here, _differing(line, here, record)), twins=twins)
    if known:
        return Weighed(alike=tuple(adding_child.with_adults(known)), twins=twins)
    near = tuple(adding_child.with_adults(adding_child.near(values)))
    entrusted = tuple(one for one in asked.family.adults if one.id == asked.submitted_by)
    return Weighed(entrusts=entrusted, twins=twins, near=near)


def _twins(line: RequestLine, record: dict[str, str]) -> tuple[RequestLine, ...]:
    asked = [
        (one, one.asked_field.value(one.after or "")) for one in change.asked_for(NEW_CHILD, line.request.family_id)
    ]
    name = spelling.words(record.get("first_name", ""))
    others = [(one, spelling.words(said.get("first_name", ""))) for one, said in asked if one.id != line.id]
    return tuple(one for one, other in others if other == name)


def _differing(line: RequestLine, child: Child, record: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Of what the request says, however it is spelt."""
    said = ((one, one.text(getattr(child, one.name)), record.get(one.name, "")) for one in line.asked_field.columns)
    return tuple(
        (one.label, "".join(one.shown(now)), "".join(one.shown(wanted)))
        for one, now, wanted in said
        if wanted and spelling.words(wanted) != spelling.words(now)
    )


def _enrolment(line: RequestLine) -> Weighed:
    try:
        draft = create_asked.draft(line)
        if line.state is LineState.ACCEPTED:
            return Weighed(made=_made(draft))
        if line.state in PENDING_STATES:
            plan = preview(draft, Creation())
            return Weighed(_lacking(draft), plan=plan)
    except RefusedError as closed:
        return Weighed(why_not=str(closed))
    return NOTHING


def _lacking(draft: Enrolment) -> str:
    """The documents without which nobody is enrolled."""
    try:
        checklist.require_for_enrolment(draft.child, draft.family.id)
    except RefusedError as lacking:
        return str(lacking)
    return ""


def _made(draft: Enrolment) -> Made | None:
    """None once it was given another child, activity or household."""
    households = Family.with_merged(draft.family.merged_into or draft.family.id)
    mine = select(Enrolment).where(
        Enrolment.child_id == draft.child.id,
        Enrolment.activity_id == draft.activity.id,
        Enrolment.family_id.in_(households),
    )
    found = db.session.scalars(mine.order_by(Enrolment.id.desc()).limit(1)).first()
    if found is None:
        return None
    booked = select(func.count()).where(Booking.enrolment_id == found.id, Booking.state == BookingState.BOOKED)
    return Made(found, db.session.scalar(booked) or 0, EnrolmentPlan.as_it_stands(found))
