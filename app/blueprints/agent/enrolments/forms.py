"""What an agent fills in about an enrolment: each form says the terms that it asks for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Self

from wtforms import BooleanField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from app import clock
from app.csrf import Form
from app.forms.fields import DayField
from app.forms.week import ALTERNATE, EVERY, NONE, ActivityFields, WeekFields, ticked
from app.models.enrolments import Enrolment, Leave
from app.models.enrolments.terms import Terms
from app.models.families import Family
from app.models.planning.enrolling import Change
from app.models.town import Activity
from app.models.town.calendar import Span

CONFIRM, BACK = "confirmation", "saisie"


class PlanForm(Form):
    """Any of them: sent a first time it shows what will happen, a second time it does it."""

    change: ClassVar[Change]
    etape = StringField()
    vu = StringField()
    """The stamp of the terms that the agent saw."""
    surcapacite = BooleanField("Accorder une place même les jours complets")

    @property
    def confirms(self) -> bool:
        return bool(self.etape.data == CONFIRM)

    @property
    def goes_back(self) -> bool:
        return bool(self.etape.data == BACK)

    def terms(self, before: Terms) -> Terms:
        """The terms that are asked for, from those that stand."""
        raise NotImplementedError


class WeekForm(WeekFields, PlanForm):
    change = Change.CHANGED

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        """Filled in with what stands. A first day that has come changes no more."""
        even, odd = enrolment.even_weeks, enrolment.odd_weeks
        form = cls(
            premier=enrolment.first_day,
            dernier=enrolment.last_day,
            rythme=ALTERNATE if even != odd else EVERY if even else NONE,
            jours=ticked(even) if even == odd else [],
            pairs=ticked(even),
            impairs=ticked(odd),
        )
        form.offer(enrolment.activity.weekdays | even | odd)
        if enrolment.first_day <= clock.today():
            del form.premier
        return form

    def terms(self, before: Terms) -> Terms:
        even, odd = self.weeks
        first = self.premier.data if self.premier else before.first_day
        return replace(before, first_day=first, last_day=self.dernier.data, even_weeks=even, odd_weeks=odd)


class NewEnrolmentForm(ActivityFields, WeekForm):
    change = Change.CREATED
    payeur = RadioField("Foyer qui paie", [InputRequired("Choisissez le foyer qui paie.")], coerce=int)

    @classmethod
    def choosing(cls, activities: dict[str, list[Activity]], families: Sequence[Family]) -> Self:
        """For a child of these households. With one, there is nothing to choose."""
        form = cls(payeur=families[0].id if len(families) == 1 else None)
        form.prestation.offer(activities)
        form.payeur.choices = [
            SelectChoice(one.id, f"{one.adults[0].full_name}, dossier {one.number}") for one in families
        ]
        form.offer(form.prestation.all_weekdays)
        return form


class EndForm(PlanForm):
    change = Change.ENDED
    dernier = DayField("Dernier jour", [InputRequired("Choisissez le dernier jour.")])

    def terms(self, before: Terms) -> Terms:
        return replace(before, last_day=self.dernier.data)


class LeaveForm(PlanForm):
    change = Change.LEAVE_RECORDED
    premier = DayField("Premier jour", [InputRequired("Choisissez le premier jour.")])
    dernier = DayField("Dernier jour", [InputRequired("Choisissez le dernier jour.")])

    def terms(self, before: Terms) -> Terms:
        return before.with_leave(Span(self.premier.data, self.dernier.data, ""))


class RemovalForm(PlanForm):
    """Of a leave: nothing to fill in."""

    change = Change.LEAVE_REMOVED
    leave: Span

    @classmethod
    def of(cls, enrolment_id: int, leave_id: int) -> Self | None:
        """None when the leave is not noted any more."""
        found = next((leave for leave in Leave.of_enrolment(enrolment_id) if leave.id == leave_id), None)
        if found is None:
            return None
        form = cls()
        form.leave = Span(found.first_day, found.last_day, "")
        return form

    def terms(self, before: Terms) -> Terms:
        return before.without_leave(self.leave, clock.today())
