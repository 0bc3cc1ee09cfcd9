"""The planning in a phone's calendar: off by default, a secret address, activity names alone."""

import re
from datetime import date, datetime, time, timedelta
from html import unescape

import icalendar
import pytest
import time_machine
from sqlalchemy import text

from app import clock, db, logs
from app.models.enrolments import Booking, BookingState, Leave
from app.models.families import Child
from app.models.planning import CalendarFeed
from app.models.town import Activity, Closure, Structure
from tests.builders import DAY, activity, dupont, durand, enrolment
from tests.conftest import GUIDE_DAY, text_of

PAGE, REVOKE = "/planning/calendrier", "/planning/calendrier/retrait"


def shown(client) -> str | None:
    """The address that the page shows, as a path."""
    found = re.search(r'id="feed-address" value="http://localhost(/[^"]+)"', client.get(PAGE).text)
    return unescape(found[1]) if found else None


@pytest.fixture
def feed(jean) -> str:
    """Jean's address, made on his page."""
    assert jean.send_form(PAGE, {}).status_code == 303
    return shown(jean)


def events(client, feed: str) -> list[icalendar.Event]:
    answer = client.get(feed)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return icalendar.Calendar.from_ical(answer.data).walk("VEVENT")


def book(name: str, *days: date, adult=dupont, leave: date | None = None, **how) -> None:
    with db.transaction():
        made = enrolment(activity(name, **how), adult().family)
        for day in days:
            of = {"child_id": made.child_id, "activity_id": made.activity_id}
            db.session.add(Booking(enrolment_id=made.id, day=day, **of))
        if leave:
            db.session.add(Leave(enrolment_id=made.id, first_day=leave, last_day=leave))


def named(client, feed: str, name: str) -> list[icalendar.Event]:
    return [entry for entry in events(client, feed) if entry["SUMMARY"] == name]


def test_there_is_no_address_until_the_parent_asks(jean, app):
    words = text_of(jean.get(PAGE))
    assert "Créer l’adresse" in words
    assert "Supprimer" not in words
    assert shown(jean) is None
    with app.app_context():
        assert db.session.query(CalendarFeed).count() == 0


def test_the_planning_leads_to_it(jean):
    assert f'href="{PAGE}"' in jean.get("/planning/2015-05").text


def test_the_address_once_made_is_shown_again(jean, feed):
    assert re.fullmatch(r"/calendrier/[\w-]{43}\.ics", feed)
    assert shown(jean) == feed
    assert "Ne la donnez à personne" in text_of(jean.get(PAGE))


def test_a_phone_reads_what_is_booked_and_neither_child_nor_place(app, feed):
    phone = app.test_client()
    answer, read = phone.get(feed), events(phone, feed)
    with app.app_context():
        names = {activity.name for activity in db.session.query(Activity)}
        private = {structure.name for structure in db.session.query(Structure)} | {"DUPONT", "LEA", "LÉA"}
        for child in db.session.query(Child):
            private |= {child.last_name, child.first_name}
    assert read
    assert {str(entry["SUMMARY"]) for entry in read} <= names
    told = {"SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "TRANSP"}
    assert all(set(entry) == told for entry in read)
    assert len({entry["UID"] for entry in read}) == len(read)
    told = re.sub(r"^SUMMARY:.*$", "", answer.text.replace("\r\n ", "").upper(), flags=re.MULTILINE)
    for word in private:
        assert not re.search(rf"\b{re.escape(word.upper())}\b", told), word
    head = icalendar.Calendar.from_ical(answer.data)
    assert head["X-WR-CALNAME"] == "Planning"
    assert head["PRODID"]
    assert "Set-Cookie" not in answer.headers


def test_hours_are_told_in_utc_and_without_hours_it_is_the_whole_day(app, jean, feed):
    """Some readers keep one rule of a time zone, and would read summer an hour late."""
    with app.app_context():
        book("Atelier", DAY, starts_at=time(16, 30), ends_at=time(18))
        book("Sortie", DAY)
    (timed,), (whole,) = named(jean, feed, "Atelier"), named(jean, feed, "Sortie")
    assert timed["DTSTART"].to_ical() == b"20150506T143000Z"
    assert timed["DTEND"].to_ical() == b"20150506T160000Z"
    assert (whole["DTSTART"].dt, whole["DTEND"].dt) == (DAY, DAY + timedelta(days=1))
    assert {timed["TRANSP"], whole["TRANSP"]} == {"TRANSPARENT"}


def test_in_winter_paris_is_one_hour_ahead(app, jean, feed):
    clock.pretend(date(2015, 11, 30))
    with app.app_context():
        book("Atelier", date(2015, 12, 2), starts_at=time(16, 30), ends_at=time(18))
    (timed,) = named(jean, feed, "Atelier")
    assert timed["DTSTART"].to_ical() == b"20151202T153000Z"


def test_read_again_nothing_changed(app, jean, feed):
    with app.app_context():
        book("Atelier", DAY)
    for packed in ("br", "gzip", "identity"):
        first = jean.get(feed, headers={"Accept-Encoding": packed})
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = jean.get(feed, headers={"Accept-Encoding": packed, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert jean.get(feed, headers={"Accept-Encoding": packed}).data == first.data


def test_what_changed_is_told_with_a_higher_number_and_the_rest_as_it_was(app, jean, feed):
    with app.app_context():
        book("Atelier", DAY, starts_at=time(16, 30), ends_at=time(18))
        book("Sortie", DAY)
    answer = jean.get(feed)
    before = {str(entry["UID"]): entry for entry in events(jean, feed)}
    with app.app_context(), db.transaction() as writing:
        changed = writing.query(Activity).filter_by(name="Atelier").one()
        changed.position = 3  # nobody is told
    assert jean.get(feed, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    with app.app_context(), time_machine.travel(clock.now() + timedelta(days=1)), db.transaction() as writing:
        writing.query(Activity).filter_by(name="Atelier").one().ends_at = time(18, 30)
    assert jean.get(feed, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200
    for entry in events(jean, feed):
        was = before[str(entry["UID"])]
        if entry["SUMMARY"] == "Atelier":
            assert entry["SEQUENCE"] > was["SEQUENCE"]
            assert entry["DTSTAMP"].dt > was["DTSTAMP"].dt
        else:
            assert entry.to_ical() == was.to_ical()


def test_without_any_booking_it_is_a_calendar_still(app, jean, feed):
    """RFC 5545 §3.6: a calendar holds a component at least."""
    with app.app_context(), db.transaction() as writing:
        writing.query(Booking).delete()
    read = icalendar.Calendar.from_ical(jean.get(feed).data)
    assert [part.name for part in read.subcomponents] == ["VTIMEZONE"]
    paris = read.subcomponents[0].to_tz()
    noon = [datetime(2030, month, 1, 12, tzinfo=paris).utcoffset() for month in (1, 7)]
    assert noon == [timedelta(hours=1), timedelta(hours=2)]


def test_an_entry_keeps_its_name_from_one_reading_to_the_next(app, jean, feed):
    with app.app_context():
        book("Atelier", DAY)
    first, second = (named(jean, feed, "Atelier")[0]["UID"] for _ in range(2))
    assert first == second


def test_it_goes_from_a_month_ago_to_four_months_ahead(app, jean, feed):
    inside = [GUIDE_DAY - timedelta(days=30), GUIDE_DAY + timedelta(days=120)]
    outside = [GUIDE_DAY - timedelta(days=31), GUIDE_DAY + timedelta(days=121)]
    with app.app_context():
        book("Atelier", *inside, *outside)
    assert [entry["DTSTART"].dt for entry in named(jean, feed, "Atelier")] == inside


def test_a_day_on_which_the_child_does_not_come_is_not_in_it(app, jean, feed):
    closed, absent = date(2015, 5, 12), date(2015, 5, 13)
    with app.app_context():
        book("Atelier", DAY, date(2015, 5, 8), date(2015, 5, 11), closed, absent, leave=date(2015, 5, 11))
        with db.transaction():
            db.session.add(Closure(first_day=closed, last_day=closed, reason="Travaux"))
            booking = db.session.query(Booking).join(Activity, Activity.id == Booking.activity_id)
            booking.filter(
                Activity.name == "Atelier", Booking.day == absent
            ).one().state = BookingState.ABSENT_EXCUSED
    assert [entry["DTSTART"].dt for entry in named(jean, feed, "Atelier")] == [DAY]


def test_what_another_household_pays_is_not_in_it(app, jean, feed):
    with app.app_context():
        book("Judo", DAY, adult=durand)
    assert named(jean, feed, "Judo") == []


def test_a_revoked_address_does_not_exist(app, jean, feed):
    answer = jean.send_form(REVOKE, {}, page=PAGE)
    assert answer.status_code == 303
    assert "L’adresse est supprimée" in text_of(jean.get(answer.location))
    assert app.test_client().get(feed).status_code == 404
    assert shown(jean) is None


def test_a_renewed_address_ends_the_one_before(app, jean, feed):
    jean.send_form(PAGE, {})
    renewed = shown(jean)
    assert renewed != feed
    assert app.test_client().get(feed).status_code == 404
    assert app.test_client().get(renewed).status_code == 200


def test_revoking_twice_is_harmless(jean, feed):
    token = re.search(r'name="csrf_token" value="([^"]+)"', jean.get(PAGE).text)[1]
    for _ in range(2):
        assert jean.post(REVOKE, data={"csrf_token": token}).status_code == 303
    assert shown(jean) is None


def test_an_address_whose_adult_lost_the_account_does_not_exist(app, jean, feed):
    with app.app_context(), db.transaction():
        dupont().account_id = None
    assert app.test_client().get(feed).status_code == 404


@pytest.mark.parametrize("name", ["x", "a-token", "%00", "é"])
def test_a_guessed_address_does_not_exist(client, name):
    assert client.get(f"/calendrier/{name}.ics").status_code in (400, 404)


def test_a_stranger_neither_sees_nor_ends_it(app, jean, feed):
    stranger = app.test_client()
    stranger.log_in("durand")
    assert shown(stranger) is None
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get(PAGE).text)[1]
    stranger.post(REVOKE, data={"csrf_token": token})
    assert shown(jean) == feed
    assert jean.get(feed).status_code == 200
    agent = app.test_client()
    agent.log_in("guichet")
    assert agent.get(PAGE).status_code == 403


def test_a_stale_form_says_so_and_changes_nothing(jean, feed):
    for address in (PAGE, REVOKE):
        answer = jean.post(address, data={"csrf_token": "old"})
        assert answer.status_code == 422
        assert "ouverte depuis longtemps" in text_of(answer)
    assert shown(jean) == feed


def test_the_token_is_neither_in_the_log_nor_readable_in_the_table(app, jean, log_lines):
    jean.send_form(PAGE, {})
    feed = shown(jean)
    token = feed.removeprefix("/calendrier/").removesuffix(".ics")
    jean.get(feed)
    assert log_lines()
    assert token not in "".join(log_lines())
    with app.app_context():
        row = db.session.execute(text("SELECT * FROM calendar_feed")).one()
    assert token not in repr(row)


def test_a_log_by_a_library_masks_the_token():
    assert logs.mask("GET /calendrier/s3cret.ics HTTP/1.1") == "GET /calendrier/… HTTP/1.1"
    assert logs.mask("GET /planning/calendrier/retrait") == "GET /planning/calendrier/retrait"
    assert logs.mask("/mot-de-passe/s3cret") == "/mot-de-passe/…"
    assert logs.mask("/mot-de-passe/oubli") == "/mot-de-passe/oubli"


def test_the_feed_takes_few_queries(jean, feed, count_queries):
    with count_queries() as queries:
        jean.get(feed)
    assert len(queries) <= 6, queries
