"""The one clock. Dates are those of Europe/Paris; timestamps are UTC.

PREAU_TODAY shifts the *date* that the portal believes in (demonstrations, tests); the time of day keeps
running, and whatever guards security (sessions, locks, tokens, leases, one-time codes) reads `now()`, which
nothing shifts.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
APART = timedelta(minutes=1)
"""How far the clocks of two servers of a portal may be from one another."""
_pretended: date | None = None


def pretend(day: date | None) -> None:
    """Make `today()` answer this day; None gives the real one back."""
    global _pretended  # noqa: PLW0603 - one process has one clock
    _pretended = day


def now() -> datetime:
    """The real instant, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The local day, as shifted by PREAU_TODAY."""
    return _pretended or now().astimezone(PARIS).date()


def local_now() -> datetime:
    """The local instant (aware, Europe/Paris): today's date, as shifted, at the real time of day."""
    return datetime.combine(today(), now().astimezone(PARIS).time(), PARIS)


def local_day(instant: datetime) -> date:
    """The local day of an (aware) instant."""
    return instant.astimezone(PARIS).date()
