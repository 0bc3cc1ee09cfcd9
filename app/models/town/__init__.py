"""What the town set up: itself, its structures, activities, calendar, deadlines and publications."""

from app.models.town.activity import Activity, Approval, CapacityPool, HalfDay
from app.models.town.calendar import Closure, HolidayKind, PublicHoliday, SchoolHoliday
from app.models.town.deadline import DeadlineKind
from app.models.town.publication import Publication
from app.models.town.structure import Structure
from app.models.town.town import SchoolZone, Town

__all__ = [
    "Activity",
    "Approval",
    "CapacityPool",
    "Closure",
    "DeadlineKind",
    "HalfDay",
    "HolidayKind",
    "PublicHoliday",
    "Publication",
    "SchoolHoliday",
    "SchoolZone",
    "Structure",
    "Town",
]
