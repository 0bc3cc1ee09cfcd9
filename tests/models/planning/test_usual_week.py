"""What a family usually books, and the weeks to come that it left empty: proposed on the home page, and by mail."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine

from app import clock, db, tasks
from app.integrations import mail
from app.models.enrolments import Enrolment, Leave
from app.models.families import Child
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.places import door
from app.models.planning import usual_week, week_reminder
from app.models.planning.many_days import Asking
from app.models.request_kind import RequestKind
from app.models.town import Approval, DeadlineKind
from app.models.town.activity import weekday_bits
from app.models.town.deadline import DeadlineRule
from app.worker import Worker
from tests.builders import activity, dupont, durand, enrolment
from tests.models.places.test_waiting_list import later

EVERY_HOUR = tasks.PERIODIC["reminders"]
ALL_WEEK = 0b11111
MONDAY = date(2015, 5, 11)
WEEK = timedelta(weeks=1)


pytestmark = pytest.mark.usefixtures("inside")


def usual(days=ALL_WEEK, child=None, **how) -> int:
    """An enrolment of the stranger's household, which has nothing else; its days are usual every week."""
    with db.transaction():
        one = activity(f"Prestation {how}", **how)
        return enrolment(one, durand().family, child, even_weeks=days, odd_weeks=days).id


def empty() -> list[date]:
    return [week.monday for week in usual_week.empty_weeks(durand().family_id)]


def ask(number: int, *days: date) -> None:
    with db.transaction() as writing:
        wanted = [(writing.get_one(Enrolment, number), day) for day in days]
        Asking(RequestKind.BOOKING, wanted, Author(durand()), f"{number} {days}").send()


def mails_of(day: date) -> list[dict]:
    """What the reminders of this day, sent the day before, are made of."""
    with db.transaction():
        week_reminder.remind(durand().family_id, day)
    db.session.rollback()
    return [job.payload for job in db.session.query(Job) if job.payload.get("template") == "week_reminder"]


def test_every_week_left_empty_is_found():
    number = usual()
    assert empty() == [date(2015, 5, 4) + WEEK * n for n in range(5)]
    ask(number, MONDAY)
    assert empty() == [date(2015, 5, 4) + WEEK * n for n in (0, 2, 3, 4)]


def two_children() -> tuple[int, int]:
    """The usual week of a child, and of a brother who goes elsewhere."""
    with db.transaction():
        lea, tom = (
            Child(last_name="DURAND", first_name=name, birth_date=date(2008, 9, 1)) for name in ("Léa", "Tom")
        )
        db.session.add_all([lea, tom])
        db.session.flush()
        return tuple(
            enrolment(activity(where), durand().family, child, even_weeks=ALL_WEEK, odd_weeks=ALL_WEEK).id
            for where, child in ((f"Cantine {lea.id}", lea), (f"Club {tom.id}", tom))
        )


def proposed(monday: date) -> list[str]:
    return next((week.children for week in usual_week.empty_weeks(durand().family_id) if week.monday == monday), [])


def test_what_is_said_of_a_child_does_not_hide_the_empty_week_of_its_brother():
    lea, tom = two_children()
    assert proposed(MONDAY) == ["Léa", "Tom"]
    ask(lea, MONDAY)
    assert proposed(MONDAY) == ["Tom"]
    wanted = usual_week.wanted_in(durand().family_id, MONDAY)
    assert {one.id for one, _ in wanted} == {tom}
    ask(tom, MONDAY)
    assert proposed(MONDAY) == []


def test_an_absence_or_a_line_that_waits_is_a_word_about_the_week_of_that_child_alone():
    lea, tom = two_children()
    ask(lea, MONDAY)
    with db.transaction() as writing:
        row = writing.get_one(Enrolment, lea)
        Asking(RequestKind.ABSENCE, [(row, MONDAY)], Author(durand()), "absent", reason="Malade").send()
    assert proposed(MONDAY) == ["Tom"]
    with db.transaction() as writing:
        writing.get_one(Enrolment, tom).activity.approval = Approval.MANUAL
    ask(tom, MONDAY + WEEK)
    assert proposed(MONDAY + WEEK) == ["Léa"]


def test_the_link_of_a_week_that_is_booked_in_part_for_everybody_still_shows_it():
    lea, tom = two_children()
    ask(lea, MONDAY)
    ask(tom, MONDAY)
    wanted = usual_week.wanted_in(durand().family_id, MONDAY)
    assert len(wanted) == 10


def test_a_child_on_leave_is_not_proposed():
    lea, _ = two_children()
    with db.transaction() as writing:
        writing.add(Leave(enrolment_id=lea, first_day=MONDAY, last_day=MONDAY + WEEK))
    assert proposed(MONDAY) == ["Tom"]


def test_the_queries_do_not_grow_with_the_children_nor_with_the_weeks(count_queries):
    counts = []
    for count in (5, 1):
        two_children()
        usual(booking_rule=DeadlineRule(DeadlineKind.MONTH, count, time(12)))
        with count_queries() as queries:
            assert empty()
        with count_queries() as ahead:
            usual_week.closing_on(durand().family_id, clock.today())
        counts += [len(queries), len(ahead)]
    assert counts[:2] == counts[2:]
    assert max(counts) <= 8


def test_a_week_is_reminded_although_another_one_before_it_is_empty_too():
    """Three days before: on Thursday 7 May, Friday closes the Monday that follows; this week is empty as well."""
    usual(booking_rule=DeadlineRule(DeadlineKind.DAYS, 3, time(23, 59)))
    with later(days=3):
        assert clock.today() == date(2015, 5, 7)
        (told,) = mails_of(date(2015, 5, 8))
    assert [week["monday"] for week in told["context"]["weeks"]] == ["2015-05-11"]


@pytest.mark.parametrize(("hours", "sent"), [((0, 7), 0), ((8,), 1), ((23,), 1), ((7, 8, 9, 10), 1)])
def test_a_worker_reminds_from_eight_on_and_once(app, monkeypatch, hours, sent):
    usual(booking_rule=DeadlineRule(DeadlineKind.DAYS, 3, time(23, 59)))
    monkeypatch.setitem(tasks.PERIODIC, "reminders", EVERY_HOUR)
    with later(days=3):
        for hour in hours:
            with time_machine.travel(datetime(2027, 6, 1, hour, 5, tzinfo=clock.PARIS)):
                Worker(app).run_all()
    db.session.rollback()
    assert db.session.query(Job).filter_by(kind="mail").count() == sent


def test_a_reminder_gives_the_hour_of_the_deadline(app):
    usual(booking_rule=DeadlineRule(DeadlineKind.DAYS, 3, time(23, 59)))
    (told,) = mails_of(date(2015, 5, 8))
    with app.test_request_context():
        text = mail.compose(told).get_body("plain").get_content()
    assert "vendredi 8 mai 2015 à 23\u00a0h\u00a059" in text


def test_weeks_that_close_on_the_same_day_make_one_mail():
    usual(booking_rule=DeadlineRule(DeadlineKind.MONTH, 25, time(12)))
    with later(days=20):
        assert clock.today() == date(2015, 5, 24)
        (told,) = mails_of(date(2015, 5, 25))
    june = [date(2015, 6, 1) + WEEK * n for n in range(5)]
    assert [week["monday"] for week in told["context"]["weeks"]] == [str(monday) for monday in june]


def test_weeks_that_close_up_to_two_months_before_are_reminded():
    usual(booking_rule=DeadlineRule(DeadlineKind.MONTH, 10, time(12)))
    assert max(empty()) == date(2015, 6, 1)
    (told,) = mails_of(date(2015, 5, 10))
    june = [date(2015, 6, 1) + WEEK * n for n in range(5)]
    assert [week["monday"] for week in told["context"]["weeks"]] == [str(monday) for monday in june]


def test_a_week_emptied_after_its_first_deadline_is_reminded_of_the_next_one():
    number = usual(weekday_bits(0, 2))
    ask(number, MONDAY)
    with later(days=7), db.transaction() as writing:
        assert clock.today() == MONDAY  # its own deadline is over
        door.cancel(writing.get_one(Enrolment, number), MONDAY)
    with later(days=7):
        (told,) = mails_of(MONDAY + timedelta(days=1))
    assert [week["monday"] for week in told["context"]["weeks"]] == [str(MONDAY)]
    assert "mardi 12 mai 2015" in told["context"]["until"]


def test_a_week_reminded_already_does_not_hide_the_next_one():
    usual(weekday_bits(0, 3))
    usual(booking_rule=DeadlineRule(DeadlineKind.WEEK, 1, time(12), weekday=2))
    with later(days=-2):
        assert len(mails_of(date(2015, 5, 3))) == 1
    with later(days=1):
        *_, told = mails_of(date(2015, 5, 6))
    assert [week["monday"] for week in told["context"]["weeks"]] == ["2015-05-04", "2015-05-11"]


def test_a_reminder_that_comes_days_late_finds_nothing():
    usual()
    assert mails_of(date(2015, 4, 1)) == []


def test_a_day_on_which_nobody_comes_is_no_deadline():
    """Whit Monday, 25 May: that week closes on the eve of Tuesday."""
    usual()
    weeks = {week.monday: week.closes_at for week in usual_week.empty_weeks(durand().family_id)}
    assert clock.local_day(weeks[date(2015, 5, 25)]) == date(2015, 5, 25)
    assert clock.local_day(weeks[date(2015, 5, 18)]) == date(2015, 5, 17)


def test_a_family_that_has_no_enrolment_has_no_usual_week():
    assert usual_week.empty_weeks(durand().family_id) == []
    assert dupont().family_id != durand().family_id
