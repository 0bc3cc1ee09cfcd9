"""The feed of booked days as an iCalendar file (RFC 5545).

Phones fetch it several times a day, so that it only says something new when something is new: an entry that nobody
changed keeps its stamp. Hours are in UTC: some readers keep one rule of a time zone, the winter's.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import icalendar

from app import clock
from app.models.planning.calendar_feed import FeedDay

_HEAD = {
    "prodid": "-//Préau//Planning//FR",
    "version": "2.0",
    "x-wr-calname": "Planning",
    "x-wr-timezone": "Europe/Paris",
}
_FIRST_CHANGE = datetime(2020, 1, 1, tzinfo=UTC)
"""Changes are counted in seconds since then, so that a number grows with each."""
_LAST_SUNDAY = "FREQ=YEARLY;BYMONTH={};BYDAY=-1SU"


def written(days: Iterable[FeedDay], host: str) -> bytes:
    """The file, valid without any day too: it always holds its time zone."""
    calendar = icalendar.Calendar()
    for name, value in _HEAD.items():
        calendar.add(name, value)
    calendar.add_component(_paris())
    for day in days:
        calendar.add_component(_entry(day, host))
    return bytes(calendar.to_ical())


def _entry(day: FeedDay, host: str) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"{day.uid}@{host}")
    entry.add("dtstamp", day.revised_at)
    entry.add("sequence", max(0, int((day.revised_at - _FIRST_CHANGE).total_seconds())))
    entry.add("summary", day.activity)
    entry.add("transp", "TRANSPARENT")  # the child is there, the parent is not busy
    if day.hours:
        starts, ends = (datetime.combine(day.day, hour, clock.PARIS).astimezone(UTC) for hour in day.hours)
        entry.add("dtstart", starts)
        entry.add("dtend", ends)
    else:
        entry.add("dtstart", day.day)
        entry.add("dtend", day.day + timedelta(days=1))
    return entry


def _paris() -> icalendar.Timezone:
    """The rules of the European Union since 1996 (directive 2000/84/EC)."""
    zone = icalendar.Timezone()
    zone.add("tzid", "Europe/Paris")
    for part, name, month, hour, before, after in (
        (icalendar.TimezoneDaylight(), "CEST", 3, 2, 1, 2),
        (icalendar.TimezoneStandard(), "CET", 10, 3, 2, 1),
    ):
        part.add("tzname", name)
        part.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, hour))  # noqa: DTZ001 - local, by the RFC
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("rrule", icalendar.vRecur.from_ical(_LAST_SUNDAY.format(month)))
        zone.add_component(part)
    return zone
