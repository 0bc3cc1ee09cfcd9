"""Saint-Jean on any day of the year, with every state of the legend."""

import shutil
from datetime import date

import pytest
from sqlalchemy import func

from app import create_app, db
from app.demo.command import build
from app.models.enrolments import Booking
from app.models.families import Adult, Contact, Family
from app.models.planning import usual_week
from app.models.planning.cell import LEGEND
from app.models.planning.month import Month
from app.models.requests import RequestLine
from app.models.reviews import ReasonTopic, StandardReason
from tests.conftest import settings

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def town(tmp_path, built_once):
    """town("2026-12-20"): the app of the town that was made on that day."""

    def fill(folder):
        app = create_app(settings(folder, PREAU_TODAY=folder.stem))
        with app.app_context():
            build(app)
        db.disconnect()

    def on(day: str):
        shutil.copytree(built_once(day, fill), tmp_path / day)
        return create_app(settings(tmp_path / day, PREAU_TODAY=day))

    yield on
    db.disconnect()


def test_a_year_of_planning_shows_every_state_of_the_legend(town):
    with town("2026-11-28").app_context():
        martin = db.session.query(Adult).filter_by(last_name="MARTIN", rank=1).one().family_id
        seen = set()
        for year, month in ((2026, 7), (2026, 10), (2026, 11), (2026, 12)):
            shown = Month.load(martin, date(year, month, 1))
            seen |= {cell.state for child in shown.children for row in child.rows for cell in row.cells}
        assert not {state for state, sign in LEGEND.items() if sign.in_legend} - seen
        assert db.session.query(Family).count() >= 40
        first, last = db.session.query(func.min(Booking.day), func.max(Booking.day)).one()
        assert (last - first).days > 365


def test_what_is_said_of_people_agrees_with_them(town):
    men = ("grand-père", "oncle")
    with town("2026-11-28").app_context():
        for contact in db.session.query(Contact):
            assert (contact.link in men) == (contact.name.split()[0] in ("Gérard", "Karim", "Bruno")), contact.name
        assert {reason.topic for reason in StandardReason.all()} == set(ReasonTopic)
        reasons = [line.decision_reason or "" for line in db.session.query(RequestLine)]
        assert any(reasons)
        assert not [told for told in reasons if "message" in told]  # nobody can write one yet


@pytest.mark.parametrize("day", ["2015-05-04", "2026-07-15", "2026-11-28", "2026-12-20", "2027-01-02"])
def test_it_is_built_on_any_day(town, day):
    with town(day).app_context():
        assert db.session.query(Booking).count() > 1000
        martin = db.session.query(Adult).filter_by(last_name="MARTIN", rank=1).one()
        week = usual_week.next_empty(martin.family_id)
        assert week, "« Réserver comme d’habitude » is shown"
        assert len(week.children) == 2
