"""URL parts that views receive as dates, never as texts. A wrong one is a page that does not exist (404)."""

from datetime import date

from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

YEARS = range(1990, 2101)  # what a town's calendar may hold; sums of days stay far from the ends of time


def parsed_day(value: str) -> date:
    """The day that an address or a form names. Raises ValidationError, a ValueError, for one that cannot be."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValidationError from None
    if day.year not in YEARS:
        raise ValidationError
    return day


class DayConverter(BaseConverter):
    """<day:…>: 2026-09-14."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return parsed_day(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class MonthConverter(BaseConverter):
    """<month:…>: 2026-09, received as its first day."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> date:
        return parsed_day(f"{value}-01")

    def to_url(self, value: date) -> str:
        return f"{value:%Y-%m}"


LARGEST_ID = 2**31 - 1  # what a database column holds


def row_id(value: str) -> int:
    """The type of a number read from an address or a form. Raises ValueError, which reads as « not given »."""
    number = int(value)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(value)
    return number


class IdConverter(IntegerConverter):
    """<int:…>: no number that a database column could not hold."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)
