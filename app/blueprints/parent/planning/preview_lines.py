"""The days that a preview shows, and what comes back of them: which are ticked, and what it told of each.

A field `ligne` is a day to ask, « enrolment:day »; `vu` is one that was shown, with what was told of it,
« enrolment:day:outcome »; `sans` is one that was unticked before the days were said in another way.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from flask import abort, request

from app.converters import YEARS, row_id
from app.csrf import Form
from app.models.enrolments import Enrolment
from app.models.places.places import EnrolmentDay
from app.models.planning.days_plan import DayOutcome


def named(enrolments: Sequence[Enrolment], *fields: str) -> list[EnrolmentDay]:
    """The days that the address or the form names in these fields; one of another family does not exist."""
    mine = {one.id: one for one in enrolments}
    found: list[EnrolmentDay] = []
    for said in (said for field in fields for said in request.values.getlist(field)):
        number, _, day = said.partition(":")
        try:
            found.append((mine[row_id(number)], day_or_404(day.partition(":")[0])))
        except (ValueError, KeyError):
            abort(404)
    return list(dict.fromkeys(found))


def unticked() -> set[str]:
    """The days, « enrolment:day », that were offered and left aside."""
    return set(request.form.getlist("sans")) | _offered() - set(request.form.getlist("ligne"))


def told() -> dict[tuple[int, date], DayOutcome]:
    """What the preview told of each day, by enrolment; what makes no sense was told by none of ours."""
    found = {}
    for said in request.form.getlist("vu"):
        with suppress(ValueError):
            number, day, outcome = said.split(":")
            found[row_id(number), date.fromisoformat(day)] = DayOutcome(outcome)
    return found


def some_ticked(form: Form) -> bool:
    """Whether anything is left to send of what was offered; else the form says so."""
    offered = _offered()
    if offered and not offered & set(request.form.getlist("ligne")):
        form.refuse("Cochez au moins un jour.")
        return False
    return True


def day_or_404(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if day.year not in YEARS:
        abort(404)
    return day


def _offered() -> set[str]:
    told = (said.rpartition(":") for said in request.form.getlist("vu"))
    return {line for line, _, outcome in told if outcome != DayOutcome.IMPOSSIBLE}
