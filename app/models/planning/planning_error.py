"""Errors of the planning to settle: a child pointed present on a day on which it could not be there."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from app import clock, db
from app.models.accounts import Agent
from app.models.enrolments import Attendance, Enrolment, scope
from app.models.town import Activity
from app.models.town.activity import Opening
from app.models.town.calendar import Calendar, days_between

BACK = timedelta(days=60)
_ACTIVITIES = select(Activity)


@dataclass(frozen=True)
class PlanningError:
    enrolment: Enrolment
    day: date

    @property
    def why(self) -> str:
        if not self.enrolment.covers(self.day):
            return "pointé présent hors de son inscription"
        return "pointé présent un jour sans accueil"


def planning_errors(agent: Agent, *, most: int = 20) -> list[PlanningError]:
    """Those of the last 60 days, newest first, of the structures that the agent sees: three queries."""
    first, last = clock.today() - BACK, clock.today()
    calendar = Calendar.between(first, last)
    outside = or_(Attendance.day < Enrolment.first_day, Attendance.day > Enrolment.last_day)
    wanted = (
        select(Enrolment, Attendance.day)
        .join(Attendance, Attendance.enrolment_id == Enrolment.id)
        .where(Attendance.present, Attendance.day.between(first, last), scope.enrolments(agent))
        .where(or_(outside, *_closed_days(calendar, first, last)))
        .options(joinedload(Enrolment.child), joinedload(Enrolment.activity))
        .order_by(Attendance.day.desc(), Enrolment.id)
        .limit(most)
    )
    return [PlanningError(enrolment, day) for enrolment, day in db.session.execute(wanted)]


def _closed_days(calendar: Calendar, first: date, last: date) -> list[ColumnElement[bool]]:
    """For the activities that open alike, a condition: the day is one on which they do not."""
    alike: dict[Opening, list[int]] = defaultdict(list)
    for activity in db.session.scalars(_ACTIVITIES):
        alike[activity.opening].append(activity.id)
    days = list(days_between(first, last))
    return [
        and_(
            Enrolment.activity_id.in_(activity_ids),
            Attendance.day.in_([day for day in days if not opening.is_open(day, calendar)]),
        )
        for opening, activity_ids in alike.items()
    ]
