"""What an agent does with an enrolment: enrol, change, end, record a leave. Each is new terms, checked, then settled.

`preview` shows and writes nothing; `settle` does the same and says what came of it.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.formats import DAYS, long_date, short_date
from app.models.accounts.clerk import Clerk
from app.models.enrolments import Enrolment, Leave
from app.models.enrolments.terms import Terms
from app.models.families import Child
from app.models.places import door, places
from app.models.planning.enrolment_plan import EnrolmentPlan, current_terms
from app.models.planning.planned_day import Fate
from app.models.planning.terms_change import Creation, TermsChange
from app.models.refusal import RefusedError
from app.models.town.calendar import Calendar, Span, known_until, not_known_after

A_YEAR = timedelta(days=366)
_LOOK_AGAIN = "Rien n’est enregistré. Vérifiez, et regardez de nouveau ce qui va se passer."


def preview(enrolment: Enrolment, change: TermsChange, *, over_capacity: bool = False) -> EnrolmentPlan:
    """What a change would do. The enrolment may be a draft, not stored. Raises RefusedError."""
    before = current_terms(enrolment)
    terms = change.applied_to(before)
    _check(enrolment, before if enrolment.id else None, terms)
    return EnrolmentPlan.of(enrolment, before, terms, whole=change.is_whole, over_capacity=over_capacity)


def settle(
    enrolment: Enrolment, change: TermsChange, *, by: Clerk, seen: str = "", over_capacity: bool = False
) -> EnrolmentPlan:
    """Change an enrolment, its days included; a draft is stored. Inside a transaction.

    Tells what was done: a day whose place went meanwhile is among the impossible ones. `seen` is the stamp of the
    terms that stood when the agent looked. Raises RefusedError, and then nothing may be committed.
    """
    db.session.execute(select(Child.id).where(Child.id == enrolment.child.id).with_for_update(key_share=True))
    if isinstance(change, Creation):
        before = terms = _stored(enrolment)
    else:
        before, terms = _changed(enrolment, change, seen)
    plan = EnrolmentPlan.of(enrolment, before, terms, whole=change.is_whole, over_capacity=over_capacity)
    places.lock(enrolment, plan.touched)  # and look again: nobody changes these days any more
    plan = EnrolmentPlan.of(enrolment, before, terms, whole=change.is_whole, over_capacity=over_capacity)
    _write(enrolment, before, terms)
    try:
        plan = _apply(plan, over_capacity=over_capacity)
    except IntegrityError as error:
        raise RefusedError(f"Une réservation vient d’être faite pour cet enfant. {_LOOK_AGAIN}") from error
    if isinstance(change, Creation) or not plan.changes_nothing:
        _note(change, plan, by)
    return plan


def _stored(draft: Enrolment) -> Terms:
    """The terms of a draft, which is stored."""
    _check(draft, None, draft.terms)
    db.session.add(draft)
    try:
        db.session.flush()
    except IntegrityError as error:  # the household was removed from the child meanwhile
        raise RefusedError(f"Ce foyer n’est plus celui de l’enfant. {_LOOK_AGAIN}") from error
    return draft.terms


def _changed(enrolment: Enrolment, change: TermsChange, seen: str) -> tuple[Terms, Terms]:
    """The terms that stand, and those that are asked for."""
    db.session.refresh(enrolment, ["first_day", "last_day", "even_weeks", "odd_weeks"])
    before = current_terms(enrolment)
    terms = change.applied_to(before)
    if before.stamp != seen and before != terms:
        raise RefusedError(f"Cette inscription vient d’être changée par quelqu’un d’autre. {_LOOK_AGAIN}")
    _check(enrolment, before, terms)
    return before, terms


def _note(change: TermsChange, plan: EnrolmentPlan, by: Clerk) -> None:
    """The line of the journal: the terms before and after, how many days, and whether places were granted."""
    one = plan.enrolment
    after = {"child": one.child.first_name, "activity": one.activity.name, **_said(plan.terms)}
    after |= {str(fate): plan.count(fate) for fate in (Fate.BOOK, Fate.RELEASE, Fate.IMPOSSIBLE)}
    if plan.grants_places:
        after["override"] = ["capacity"]
    was = None if isinstance(change, Creation) else _said(plan.before)
    by.note(change.event, one, family_id=one.family_id, before=was, after=after)


def _apply(plan: EnrolmentPlan, *, over_capacity: bool) -> EnrolmentPlan:
    """Release, book, and tell what could not be. An agent decides: deadlines do not hold."""
    released, booked = plan.of_fate(Fate.RELEASE), plan.of_fate(Fate.BOOK)
    if released:
        door.cancel(plan.enrolment, *released)
    if not booked:
        return plan
    calendar = Calendar.between(booked[0], booked[-1])
    refused = door.book_days(
        plan.enrolment,
        booked,
        calendar,
        submitted_at=clock.local_now(),
        override=door.Override(deadline=True, capacity=over_capacity),
    )
    return plan.without({day: str(why) for day, why in refused.items()})


def _write(enrolment: Enrolment, before: Terms, terms: Terms) -> None:
    enrolment.first_day, enrolment.last_day = terms.first_day, terms.last_day
    enrolment.even_weeks, enrolment.odd_weeks = terms.even_weeks, terms.odd_weeks
    for leave in Leave.of_enrolment(enrolment.id):
        if Span(leave.first_day, leave.last_day, "") not in terms.leaves:
            db.session.delete(leave)
    for new in set(terms.leaves) - set(before.leaves):
        db.session.add(Leave(enrolment_id=enrolment.id, first_day=new.first, last_day=new.last))
    db.session.flush()


def _said(terms: Terms) -> dict[str, Any]:
    """Terms as the journal keeps them."""
    return {
        "first_day": terms.first_day.isoformat(),
        "last_day": terms.last_day.isoformat() if terms.last_day else None,
        "usual_week": terms.usual,
        "leaves": [f"du {short_date(leave.first)} au {short_date(leave.last)}" for leave in terms.leaves],
    }


def _check(enrolment: Enrolment, before: Terms | None, terms: Terms) -> None:
    """Raises RefusedError for terms that cannot be; what stood already (`before`) is not judged again."""
    why_not = (
        _wrong_days(before, terms)
        or _wrong_week(enrolment, before, terms)
        or _wrong_leave(before, terms)
        or _enrolled_already(enrolment, before, terms)
    )
    if why_not:
        raise RefusedError(why_not)


def _wrong_days(before: Terms | None, terms: Terms) -> str | None:
    today = clock.today()
    yesterday, limit = today - timedelta(days=1), known_until(today)
    if terms.last_day and terms.last_day < terms.first_day:
        return "Le dernier jour est avant le premier."
    if max(terms.first_day, terms.last_day or terms.first_day) > limit:
        return not_known_after(limit)
    if before is None and terms.first_day < today - A_YEAR:
        return "Ce premier jour est passé depuis plus d’un an."
    if before and terms.first_day != before.first_day and min(terms.first_day, before.first_day) < today:
        return "Les jours passés ne changent pas : le premier jour ne peut pas être un jour passé."
    if terms.last_day and terms.last_day < yesterday and (before is None or terms.last_day != before.last_day):
        return f"Les jours passés ne changent pas : choisissez un dernier jour à partir du {long_date(yesterday)}."
    return None


def _wrong_week(enrolment: Enrolment, before: Terms | None, terms: Terms) -> str | None:
    kept = before.even_weeks | before.odd_weeks if before else 0
    shut = (terms.even_weeks | terms.odd_weeks) & ~enrolment.activity.weekdays & ~kept
    names = ", ".join(f"le {name}" for weekday, name in enumerate(DAYS) if shut >> weekday & 1)
    return f"{enrolment.activity.name} n’accueille pas d’enfants {names}." if shut else None


def _wrong_leave(before: Terms | None, terms: Terms) -> str | None:
    noted = before.leaves if before else ()
    for new in sorted(set(terms.leaves) - set(noted), key=lambda leave: leave.first):
        if new.last < new.first:
            return "Le dernier jour du congé est avant le premier."
        met = next((one for one in noted if one.first <= new.last and new.first <= one.last), None)
        if met is not None and met not in terms.leaves:  # it is made shorter
            continue
        if met is not None:
            return f"Un congé est déjà noté du {long_date(met.first)} au {long_date(met.last)}."
        if new.first < clock.today():
            return "Les jours passés ne changent pas : un congé commence aujourd’hui, ou plus tard."
        if new.last - new.first > A_YEAR:
            return "Un congé dure un an au plus. Pour plus longtemps, terminez l’inscription."
        if (terms.last_day and new.first > terms.last_day) or new.last < terms.first_day:
            return "L’inscription ne couvre aucun de ces jours."
    return None


def _enrolled_already(enrolment: Enrolment, before: Terms | None, terms: Terms) -> str | None:
    """The same inscription twice would ask for each day twice."""
    if (
        before
        and before.covers(terms.first_day)
        and (before.last_day is None or before.covers(terms.last_day or date.max))
    ):
        return None
    same = select(Enrolment).where(
        Enrolment.child_id == enrolment.child.id,
        Enrolment.activity_id == enrolment.activity.id,
        Enrolment.family_id == enrolment.family.id,
        Enrolment.lasting(terms.first_day),
    )
    if terms.last_day:
        same = same.where(Enrolment.first_day <= terms.last_day)
    if enrolment.id:
        same = same.where(Enrolment.id != enrolment.id)
    found = db.session.scalars(same.limit(1)).first()
    if found is None:
        return None
    until = f"au {short_date(found.last_day)}" if found.last_day else "sans dernier jour"
    who, what = enrolment.child.first_name, enrolment.activity.name
    return f"{who} est déjà inscrit(e) à {what} par ce foyer, à partir du {short_date(found.first_day)}, {until}."
