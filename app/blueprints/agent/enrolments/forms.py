"""What an agent fills in about an enrolment: each form says the terms that it asks for."""

from collections.abc import Sequence
from typing import Self

from wtforms import BooleanField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from app import clock
from app.csrf import Form
from app.forms.fields import DayField
from app.forms.week import ALTERNATE, EVERY, NONE, ActivityFields, WeekFields, ticked
from app.models.enrolments import Enrolment, Leave
from app.models.families import Family
from app.models.planning.terms_change import Creation, Ending, LeaveRemoval, NewLeave, NewTerms, TermsChange
from app.models.town import Activity
from app.models.town.calendar import Span

CONFIRM, BACK = "confirmation", "saisie"


class PlanForm(Form):
    """Any of them: sent a first time it shows what will happen, a second time it does it."""

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

    @property
    def change(self) -> TermsChange:
        """What is asked for."""
        raise NotImplementedError


class WeekForm(WeekFields, PlanForm):
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

    @property
    def change(self) -> TermsChange:
        return NewTerms(self.premier.data if self.premier else None, self.dernier.data, *self.weeks)


class NewEnrolmentForm(ActivityFields, WeekForm):
    change = Creation()
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
    dernier = DayField("Dernier jour", [InputRequired("Choisissez le dernier jour.")])

    @property
    def change(self) -> TermsChange:
        return Ending(self.dernier.data)


class LeaveForm(PlanForm):
    premier = DayField("Premier jour", [InputRequired("Choisissez le premier jour.")])
    dernier = DayField("Dernier jour", [InputRequired("Choisissez le dernier jour.")])

    @property
    def change(self) -> TermsChange:
        return NewLeave(Span(self.premier.data, self.dernier.data, ""))


class RemovalForm(PlanForm):
    """Of a leave: nothing to fill in."""

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

    @property
    def change(self) -> TermsChange:
        return LeaveRemoval(self.leave, clock.today())
