"""What a family asks to be made, when an agent accepts: a conjoint, a child, an enrolment. Inside a transaction."""

from datetime import date
from typing import Any

from app import db
from app.formats import short_date
from app.models.accounts.clerk import Clerk
from app.models.documents import checklist
from app.models.enrolments import Enrolment
from app.models.families import Child, adding_child, opening_file
from app.models.families.sections.child import born
from app.models.planning.enrolling import settle
from app.models.planning.terms_change import Creation
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine
from app.models.town import Activity


def make(line: RequestLine, *, by: Clerk) -> None:
    """Make what this line asks for. Raises RefusedError, and then nothing may be committed."""
    record = line.asked_field.value(line.after or "")
    makers = {
        RequestKind.CONJOINT: _conjoint,
        RequestKind.NEW_CHILD: _child,
        RequestKind.ENROLMENT: _enrolment,
    }
    makers[line.kind](line, record, by)


def _conjoint(line: RequestLine, record: dict[str, str], by: Clerk) -> None:
    opening_file.add_adult(line.request.family_id, _values(line, record), by=by)


def _child(line: RequestLine, record: dict[str, str], by: Clerk) -> None:
    """With authority for who asks, and no other: the rest is for an agent to say, from a paper. A child that an agent
    attached to the household meanwhile is that child, as it is.
    """
    family_id, values = line.request.family_id, _values(line, record)
    with_authority = {line.request.submitted_by}
    known = adding_child.same(values)
    here = adding_child.living_in(family_id, known)
    if here is None and known:
        raise RefusedError(
            f"{values['first_name']}, {born(values['sex'])} le {short_date(values['birth_date'])}, est déjà dans le "
            "dossier d’une autre famille. Si c’est le même enfant, rattachez-le d’abord à ce foyer, depuis le "
            "dossier de la famille, puis acceptez."
        )
    child = here or adding_child.add_child(family_id, values, with_authority=with_authority, others=None, by=by)
    line.request.child_id = child.id
    db.session.flush()


def _enrolment(line: RequestLine, record: dict[str, str], by: Clerk) -> None:
    """Its days are booked through the door; those that cannot be are told in the journal and on its page."""
    wanted = draft(line)
    checklist.require_for_enrolment(wanted.child, line.request.family_id)
    settle(wanted, Creation(), by=by)


def draft(line: RequestLine) -> Enrolment:
    """The enrolment that this line asks for, not stored. Raises RefusedError for what is not there any more."""
    record = line.asked_field.value(line.after or "")
    activity = db.session.get(Activity, int(record["activity_id"]))
    child = db.session.get(Child, line.request.child_id)
    if activity is None or child is None:
        raise RefusedError("Cette prestation n’existe plus.")
    last = record.get("last_day")
    return Enrolment(
        child=child,
        activity=activity,
        family=line.request.family,
        first_day=date.fromisoformat(record["first_day"]),
        last_day=date.fromisoformat(last) if last else None,
        even_weeks=int(record["even_weeks"]),
        odd_weeks=int(record["odd_weeks"]),
    )


def _values(line: RequestLine, record: dict[str, str]) -> dict[str, Any]:
    """What each column keeps."""
    return {one.name: one.value(record.get(one.name, "")) for one in line.asked_field.columns}
