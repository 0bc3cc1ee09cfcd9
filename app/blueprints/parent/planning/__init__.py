"""The planning, and all that is asked from it."""

from app.blueprints.parent.planning import calendar_feed, exchanges, many_days, month, offers, reminders, slots  # noqa: F401 - they register their routes

MENU = "parent.children"
