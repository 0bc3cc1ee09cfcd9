"""How long each kind of data is kept, and why: the only place that says so. Pure.

The purge goes by it (app.models.privacy.retention), and so do the public page on personal data and « Mes données ».
A town that wants other durations changes the spans here; those that the database holds by a trigger (journal, money)
may only be lengthened.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from app.formats import NBSP

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Duration:
    """A time after the last day on which something was in use."""

    years: int = 0
    months: int = 0
    days: int = 0
    after_school_year: bool = False
    """It runs from the end of that day's school year."""

    def over_on(self, day: date) -> date:
        """The first day on which what was last in use on this day is no longer kept."""
        start = school_year_end(day) if self.after_school_year else day
        return _later(start, self.years * 12 + self.months) + timedelta(days=self.days) + A_DAY

    def cutoff(self, today: date) -> date:
        """The latest day whose span is over: what was in use until then is due."""
        months = self.years * 12 + self.months
        day = _later(today, -months) - timedelta(days=self.days) + 3 * A_DAY  # months differ by that much at most
        if self.after_school_year:
            day = school_year_end(day)
        while self.over_on(day) > today:
            day = date(day.year - 1, 8, 31) if self.after_school_year else day - A_DAY
        return day

    @property
    def as_delta(self) -> timedelta:
        """Only of a span in days."""
        return timedelta(days=self.days)

    def __str__(self) -> str:
        """« 3 ans », « 1 mois », « 7 jours »."""
        count, unit = next(
            (count, unit) for count, unit in ((self.years, "an"), (self.months, "mois"), (self.days, "jour")) if count
        )
        return f"{count}{NBSP}{unit}{'s' if count > 1 and unit != 'mois' else ''}"


def school_year_end(day: date) -> date:
    """The 31 August that ends the school year of this day."""
    return date(day.year + (day.month > 8), 8, 31)


def _later(day: date, months: int) -> date:
    """As many months later, or earlier; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - A_DAY)


@dataclass(frozen=True)
class Keeping:
    what: str
    """As the public page names it."""
    span: Duration
    how_long: str
    source: str
    """The law or the recommendation that it follows; domain.md §7."""


def _keeping(what: str, span: Duration, how_long: str, source: str) -> Keeping:
    return Keeping(what, span, how_long.format(span=span), source)


HEALTH = _keeping(
    "Données de santé d’un enfant",
    Duration(months=1, after_school_year=True),
    "tant que l’enfant est inscrit, puis {span} après la fin de sa dernière année scolaire",
    "RGPD, articles 5 et 9",
)
CHILD = _keeping(
    "Dossier de l’enfant (identité, personnes autorisées, autorisations, assurance, régime, présences)",
    Duration(years=3, after_school_year=True),
    "tant que l’enfant est inscrit, puis {span} après la fin de l’année scolaire de son départ",
    "RGPD, article 5",
)
HOUSEHOLD = _keeping(
    "Coordonnées et ressources du foyer",
    Duration(years=3),
    "tant qu’un enfant du foyer a un dossier ou qu’un compte sert ; le nom de qui a payé reste avec les factures",
    "RGPD, article 5",
)
PAPERS = _keeping(
    "Justificatifs et pièces",
    Duration(years=1),
    "supprimés dès qu’ils ont été vérifiés ; ceux dont l’équipe a besoin (un PAI), {span} après leur fin de validité",
    "RGPD, article 5",
)
AT_ONCE = Keeping(PAPERS.what, Duration(), PAPERS.how_long, PAPERS.source)
"""Of a file whose use is over: it goes at the next purge, where something went wrong the day it was checked."""
REQUESTS = _keeping(
    "Demandes et messages",
    Duration(years=3),
    "{span} après la dernière réponse ou le dernier message",
    "RGPD, article 5",
)
DRAFTS = _keeping(
    "Dossiers d’inscription commencés, jamais envoyés",
    Duration(years=1),
    "{span} après la dernière modification",
    "RGPD, article 5",
)
MONEY = _keeping(
    "Factures et règlements",
    Duration(years=10),
    "{span}, puis effacés une fois soldés",
    "comptabilité publique",
)
JOURNAL = _keeping(
    "Journal des connexions et des actions",
    Duration(months=12),
    "{span}",
    "CNIL, délibération 2021-122",
)
WARNING = _keeping(
    "Compte sans activité : avertissement",
    Duration(months=24),
    "un courriel après {span} sans connexion",
    "CNIL, comptes inactifs",
)
ACCOUNT = _keeping(
    "Compte sans activité",
    Duration(months=36),
    f"un avertissement après {WARNING.span} sans connexion, suppression après {{span}}",
    "CNIL, comptes inactifs",
)
NOTICE = Duration(days=30)
"""Between the warning and the end of an account, at least."""
EXPORTS = _keeping("Copies de vos données", Duration(days=7), "{span} après la demande", "RGPD, article 5")

PUBLISHED = (HEALTH, CHILD, HOUSEHOLD, PAPERS, REQUESTS, DRAFTS, MONEY, JOURNAL, ACCOUNT, EXPORTS)
"""In the order of the public page."""
