"""What an agent asks of an enrolment: to make it, to change it, to end it, to note a leave. Pure."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from app.models.enrolments.terms import Terms
from app.models.town.calendar import Span


@dataclass(frozen=True)
class TermsChange(ABC):
    """What is asked of the terms that stand."""

    event: ClassVar[str]
    """The kind of its line in the journal."""
    label: ClassVar[str]
    done: ClassVar[str]
    is_whole: ClassVar[bool] = False
    """Whether it looks at all days to come; an end or a leave, only at those that it is about."""

    @abstractmethod
    def applied_to(self, terms: Terms) -> Terms:
        """The terms that it makes of these."""


@dataclass(frozen=True)
class Creation(TermsChange):
    """A draft is stored, with the terms that it has."""

    event = "enrolment_created"
    label = "Inscrire"
    done = "L’inscription est enregistrée"
    is_whole = True

    def applied_to(self, terms: Terms) -> Terms:
        return terms


@dataclass(frozen=True)
class NewTerms(TermsChange):
    event = "enrolment_changed"
    label = "Modifier l’inscription"
    done = "L’inscription est modifiée"
    is_whole = True

    first_day: date | None
    """None: it stays as it is."""
    last_day: date | None
    even_weeks: int
    odd_weeks: int

    def applied_to(self, terms: Terms) -> Terms:
        first_day = self.first_day or terms.first_day
        return Terms(first_day, self.last_day, self.even_weeks, self.odd_weeks, terms.leaves)


@dataclass(frozen=True)
class Ending(TermsChange):
    event = "enrolment_ended"
    label = "Terminer l’inscription"
    done = "La fin de l’inscription est enregistrée"

    last_day: date

    def applied_to(self, terms: Terms) -> Terms:
        return replace(terms, last_day=self.last_day)


@dataclass(frozen=True)
class NewLeave(TermsChange):
    event = "leave_recorded"
    label = "Noter un congé"
    done = "Le congé est noté"

    leave: Span

    def applied_to(self, terms: Terms) -> Terms:
        return terms.with_leave(self.leave)


@dataclass(frozen=True)
class LeaveRemoval(TermsChange):
    event = "leave_removed"
    label = "Supprimer le congé"
    done = "Le congé est supprimé"

    leave: Span
    today: date

    def applied_to(self, terms: Terms) -> Terms:
        return terms.without_leave(self.leave, self.today)
