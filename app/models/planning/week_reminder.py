"""A mail the day before a deadline, when nothing is booked of a week that usually is. Adults may do without it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, select

from app import clock, db
from app.formats import moment
from app.models.enrolments import Enrolment
from app.models.families import Adult, Family
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.planning import usual_week

FROM_HOUR = 8
"""Local: nobody is woken for it."""
_CHUNK = 50


def choose(*, wanted: bool, by: Author) -> None:
    """Whether this adult is reminded from now on; the journal keeps the change."""
    adult = by.adult
    was, adult.wants_reminders = adult.wants_reminders, wanted
    if was != wanted:
        by.note(
            "reminders_chosen",
            adult,
            family_id=adult.family_id,
            before={"wants_reminders": was},
            after={"wants_reminders": wanted},
        )


def begin(day: date, *, after: int = 0) -> None:
    """Ask the worker to look at the families that come after this number, for the deadlines of this day; once."""
    Job.enqueue("remind", {"after": after, "day": day.isoformat()}, key=f"remind-{day}-{after}")


def candidates(after: int) -> Sequence[int]:
    """The next families, by number, that pay an enrolment and have somebody to remind."""
    enrolled = exists().where(
        Enrolment.family_id == Family.id,
        Enrolment.lasting(clock.today()),
    )
    wants = exists().where(Adult.family_id == Family.id, Adult.wants_reminders, Adult.takes_news())
    wanted = select(Family.id).where(Family.id > after, Family.merged_into.is_(None), enrolled, wants)
    return db.session.scalars(wanted.order_by(Family.id).limit(_CHUNK)).all()


def remind(family_id: int, day: date) -> None:
    """Mail the adults who want it when empty weeks close on this day: one mail, and one only, for these weeks."""
    weeks = usual_week.closing_on(family_id, day)
    if not weeks:
        return
    adults = select(Adult).where(Adult.family_id == family_id, Adult.wants_reminders, Adult.takes_news())
    for adult in db.session.scalars(adults):
        Job.post_mail(
            adult.email,
            "week_reminder",
            key=f"week-{weeks[0].monday}-{weeks[-1].monday}-{adult.id}",
            weeks=[{"monday": week.monday.isoformat(), "label": week.label} for week in weeks],
            until=moment(min(week.closes_at for week in weeks)),
        )
