"""How French writes dates, amounts and sizes. Pure; used by templates, mails and sentences alike."""

from datetime import date, datetime

from app.clock import PARIS

NNBSP = "\u202f"  # narrow no-break space: thousands, before ; ! ?
NBSP = "\u00a0"
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def euros(cents: int) -> str:
    """12060 → « 120,60 € »; a debt bears the minus sign « −120,60 € »."""
    whole, rest = divmod(abs(cents), 100)
    sign = "\u2212" if cents < 0 else ""
    return f"{sign}{whole:,}".replace(",", NNBSP) + f",{rest:02d}{NBSP}€"


def long_date(day: date) -> str:
    """« lundi 1er septembre 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{DAYS[day.weekday()]} {number} {MONTHS[day.month - 1]} {day.year}"


def title_date(day: date) -> str:
    """« Lundi 4 Mai 2015 »: the capitals of the guide's home page, and only there."""
    weekday, number, month, year = long_date(day).split(" ")
    return f"{weekday.capitalize()} {number} {month.capitalize()} {year}"


def day_header(day: date) -> str:
    """« Me 01 », as heads the guide's planning."""
    return f"{DAYS[day.weekday()][:2].capitalize()} {day.day:02d}"


def short_date(day: date) -> str:
    """« 08/04/2015 »."""
    return f"{day:%d/%m/%Y}"


def clock_time(instant: datetime) -> str:
    """« 14 h 32 », at the local hour."""
    local = instant.astimezone(PARIS)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def moment(instant: datetime) -> str:
    """« lundi 4 mai 2015 à 14 h 32 », local."""
    return f"{long_date(instant.astimezone(PARIS).date())} à {clock_time(instant)}"


def ago(day: date, today: date) -> str:
    """« aujourd’hui », « hier », « il y a 3 jours »."""
    days = (today - day).days
    return {0: "aujourd’hui", 1: "hier"}.get(days, f"il y a {days}{NBSP}jours")


def age(years: int) -> str:
    """« moins d’un an », « 1 an », « 7 ans »."""
    return f"{years}{NBSP}an{'s' if years > 1 else ''}" if years else "moins d’un an"


def duration(seconds: float) -> str:
    """« 8 secondes », « 1 minute », « 15 minutes »; rounded up, so that waiting that long is enough."""
    if seconds <= 90:
        count, unit = max(1, -int(-seconds // 1)), "seconde"
    else:
        count, unit = -int(-seconds // 60), "minute"
    return f"{count}{NBSP}{unit}{'s' if count > 1 else ''}"


def filesize(size: int) -> str:
    """« 12 ko », « 1,4 Mo » (powers of ten, as French systems show them)."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}{NBSP}ko"
    return f"{size / 1_000_000:.1f}".replace(".", ",") + f"{NBSP}Mo"
