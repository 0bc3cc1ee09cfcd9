"""What a parent may ask a child to be enrolled in, and the asking of it.

What an agent could only refuse (enrolled already, closed that day, not of that age) is refused at once.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock, db
from app.models.changes import change
from app.models.durations import school_year_end
from app.models.enrolments import Enrolment
from app.models.enrolments.terms import Terms
from app.models.families import Child
from app.models.families.author import Author
from app.models.families.sections.child import ENROLMENT
from app.models.planning.enrolling import preview
from app.models.planning.terms_change import Creation
from app.models.refusal import RefusedError
from app.models.requests import Request
from app.models.town import Activity
from app.models.town.calendar import known_until


def offered(child: Child, family_id: int) -> dict[str, list[Activity]]:
    """By structure, the activities that suit the child's age at some time until the end of next school year.

    Not those in which this household has it enrolled without a last day.
    """
    lasting = select(Enrolment.activity_id).where(
        Enrolment.child_id == child.id, Enrolment.family_id == family_id, Enrolment.last_day.is_(None)
    )
    wanted = select(Activity).where(Activity.id.not_in(lasting)).options(joinedload(Activity.structure))
    today = clock.today()
    ages = range(child.age_on(today), child.age_on(known_until(today)) + 1)
    found: dict[str, list[Activity]] = {}
    for one in sorted(db.session.scalars(wanted), key=lambda one: (one.structure.name, one.position, one.name)):
        if any((one.min_age or 0) <= age <= (one.max_age or age) for age in ages):
            found.setdefault(one.structure.name, []).append(one)
    return found


def draft(child: Child, activity: Activity, author: Author, terms: Terms) -> Enrolment:
    """The enrolment as it is asked for, not stored. Without a last day, it lasts for the school year."""
    return Enrolment(
        child=child,
        activity=activity,
        family=author.adult.family,
        first_day=terms.first_day,
        last_day=terms.last_day or school_year_end(terms.first_day),
        even_weeks=terms.even_weeks,
        odd_weeks=terms.odd_weeks,
    )


def ask(wanted: Enrolment, note: str, *, by: Author, submission: str) -> Request:
    """Ask for this enrolment; sent twice, it is one request. Inside a transaction. Raises RefusedError."""
    sent = Request.already_sent(submission, by.adult.family_id)
    if sent is not None:
        return sent
    if wanted.first_day < clock.today():
        raise RefusedError("Le premier jour est passé\u00a0: choisissez aujourd’hui, ou plus tard.")
    plan = preview(wanted, Creation())
    if plan.age_warning:
        raise RefusedError(plan.age_warning)
    return change.ask_for(ENROLMENT, _record(wanted, note), by=by, submission=submission, child_id=wanted.child.id)


def _record(wanted: Enrolment, note: str) -> dict[str, Any]:
    """What `creation` reads, and what people do."""
    assert wanted.last_day is not None
    return {
        "activity_id": str(wanted.activity.id),
        "activity": wanted.activity.name,
        "structure": wanted.activity.structure.name,
        "first_day": wanted.first_day.isoformat(),
        "last_day": wanted.last_day.isoformat(),
        "even_weeks": str(wanted.even_weeks),
        "odd_weeks": str(wanted.odd_weeks),
        "usual": wanted.usual or "à la demande",
        "note": note,
    }
