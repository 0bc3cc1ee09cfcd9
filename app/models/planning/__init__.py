"""The planning: its cells, and what is asked from them, for one day or for many."""

from app.models.planning.calendar_feed import CalendarFeed

__all__ = [
    "CalendarFeed",
]
