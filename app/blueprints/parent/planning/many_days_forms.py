"""The three ways of saying which days: every week, as another week, an absence that lasts."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import ClassVar, Self

from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from app import clock
from app.csrf import Form
from app.formats import long_date
from app.forms.fields import BoxesField, DayField, reason_field
from app.forms.week import ALTERNATE, EVERY, WeekFields
from app.models.durations import school_year_end
from app.models.enrolments import Enrolment
from app.models.enrolments.terms import WEEK, Terms
from app.models.places.places import EnrolmentDay
from app.models.planning.recurrence import LONGEST, copied, every, monday_of
from app.models.planning.usual_week import booked_days
from app.models.request_kind import RequestKind

_WEEKS_BACK = 8
_WEEKS_AHEAD = 16
_SUMMER = timedelta(days=58)
"""From the last days of school, early in July, to the 31 August that ends a school year."""


class ComposeForm(Form):
    mode: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[RequestKind] = RequestKind.BOOKING
    enrolments: Sequence[Enrolment] = ()

    @classmethod
    def choosing(cls, enrolments: Sequence[Enrolment]) -> Self:
        form = cls()
        form.enrolments = enrolments
        return form

    def begin(self, enrolment_id: int | None) -> None:
        """Filled in for who opens it, from this enrolment's row perhaps."""

    @property
    def reason(self) -> str:
        return ""

    def wanted(self) -> list[EnrolmentDay]:
        raise NotImplementedError


class EnrolmentsForm(ComposeForm):
    """For some of the enrolments, brothers and sisters alike."""

    inscriptions = BoxesField("Pour", [DataRequired("Cochez au moins une inscription.")], coerce=int, choices=[])

    @classmethod
    def choosing(cls, enrolments: Sequence[Enrolment]) -> Self:
        form = super().choosing(enrolments)
        form.inscriptions.choices = [SelectChoice(one.id, one.child.first_name) for one in enrolments]
        return form

    def begin(self, enrolment_id: int | None) -> None:
        """This enrolment ticked, or the only one."""
        chosen = [one.id for one in self.enrolments if one.id == enrolment_id]
        self.inscriptions.data = chosen or ([self.enrolments[0].id] if len(self.enrolments) == 1 else [])

    @property
    def by_activity(self) -> dict[str, list[object]]:
        """The boxes, brothers and sisters side by side."""
        names = {one.id: one.activity.name for one in self.enrolments}
        found: dict[str, list[object]] = {}
        for box in self.inscriptions:
            found.setdefault(names[box.data], []).append(box)
        return found

    @property
    def chosen(self) -> list[Enrolment]:
        return [one for one in self.enrolments if one.id in (self.inscriptions.data or ())]


class WeeklyForm(WeekFields, EnrolmentsForm):
    mode, title = "regulier", "Chaque semaine"
    dernier = DayField("Dernier jour", [InputRequired("Choisissez le dernier jour.")])

    @classmethod
    def choosing(cls, enrolments: Sequence[Enrolment]) -> Self:
        form = super().choosing(enrolments)
        form.offer(reduce(or_, (one.activity.weekdays for one in enrolments), 0))
        form.rythme.choices = [
            SelectChoice(EVERY, "Les mêmes jours toutes les semaines"),
            SelectChoice(ALTERNATE, "Semaines paires et impaires différentes"),
        ]
        return form

    def begin(self, enrolment_id: int | None) -> None:
        super().begin(enrolment_id)
        self.premier.data = monday_of(clock.today()) + WEEK
        self.dernier.data = _last_day_from(self.premier.data)

    def validate_rythme(self, field: RadioField) -> None:
        even, odd = self.weeks
        if not field.errors and not even | odd:
            raise ValidationError("Cochez au moins un jour.")

    def validate_dernier(self, field: DayField) -> None:
        _check_range(self.premier.data, field.data)

    def wanted(self) -> list[EnrolmentDay]:
        even, odd = self.weeks
        return every(self.chosen, Terms(max(self.premier.data, clock.today()), self.dernier.data, even, odd))


class CopyForm(EnrolmentsForm):
    mode, title = "copie", "Copier une semaine"
    source = SelectField("Semaine à copier", [InputRequired("Choisissez la semaine à copier.")])
    longueur = SelectField(
        "Combien de semaines",
        [InputRequired("Choisissez combien de semaines.")],
        choices=[SelectChoice(1, "Une semaine"), *(SelectChoice(n, f"{n} semaines de suite") for n in (2, 3, 4))],
        coerce=int,
        default=1,
    )
    cibles = BoxesField(
        "Sur les semaines qui commencent le", [DataRequired("Cochez au moins une semaine.")], choices=[]
    )

    @classmethod
    def choosing(cls, enrolments: Sequence[Enrolment]) -> Self:
        form = super().choosing(enrolments)
        monday = monday_of(clock.today())
        weeks = [monday + WEEK * number for number in range(-_WEEKS_BACK, _WEEKS_AHEAD + 1)]
        named = [SelectChoice(one.isoformat(), f"semaine du {long_date(one)}") for one in weeks]
        form.source.choices = [SelectChoice("", "Choisissez…"), *named]
        form.cibles.choices = [SelectChoice(one.isoformat(), long_date(one)) for one in weeks[_WEEKS_BACK:]]
        return form

    def begin(self, enrolment_id: int | None) -> None:
        super().begin(enrolment_id)
        self.inscriptions.data = self.inscriptions.data or [one.id for one in self.enrolments]

    def wanted(self) -> list[EnrolmentDay]:
        source = date.fromisoformat(self.source.data)
        days = booked_days(self.chosen, source, source + WEEK * self.longueur.data - timedelta(days=1))
        targets = [date.fromisoformat(one) for one in self.cibles.data]
        return [(one, day) for one, day in copied(days, source, targets) if day >= clock.today()]


class LongAbsenceForm(ComposeForm):
    mode, title, kind = "absence", "Absence de plusieurs jours", RequestKind.ABSENCE
    enfants = BoxesField("Qui sera absent", [DataRequired("Cochez au moins un enfant.")], coerce=int, choices=[])
    premier = DayField("Premier jour d’absence", [InputRequired("Choisissez le premier jour.")])
    dernier = DayField("Dernier jour d’absence", [InputRequired("Choisissez le dernier jour.")])
    motif = reason_field()

    @classmethod
    def choosing(cls, enrolments: Sequence[Enrolment]) -> Self:
        form = super().choosing(enrolments)
        children = {one.child_id: one.child.first_name for one in enrolments}
        form.enfants.choices = [SelectChoice(number, name) for number, name in children.items()]
        return form

    def begin(self, enrolment_id: int | None) -> None:
        children = {one.child_id for one in self.enrolments}
        self.enfants.data = [one.child_id for one in self.enrolments if one.id == enrolment_id or len(children) == 1]
        self.premier.data = clock.today()

    @property
    def chosen(self) -> list[Enrolment]:
        return [one for one in self.enrolments if one.child_id in (self.enfants.data or ())]

    def validate_dernier(self, field: DayField) -> None:
        _check_range(self.premier.data, field.data)

    @property
    def reason(self) -> str:
        return self.motif.data or ""

    def wanted(self) -> list[EnrolmentDay]:
        """The days booked in the range: on the others there is no absence to declare."""
        return booked_days(self.chosen, max(self.premier.data, clock.today()), self.dernier.data)


def _last_day_from(first: date) -> date:
    """The last days of the school year in which the first day falls; in summer, those of the next one."""
    end = school_year_end(first)
    if first > end - _SUMMER:
        end = school_year_end(end + timedelta(days=1))
    return end - _SUMMER


def _check_range(first: date | None, last: date | None) -> None:
    if first is None or last is None:
        return
    if last < first:
        raise ValidationError("Le dernier jour est avant le premier.")
    if last < clock.today():
        raise ValidationError("Ces jours sont passés.")
    if last - first > LONGEST:
        raise ValidationError("Choisissez un an au plus.")


FORMS: dict[str, type[ComposeForm]] = {form.mode: form for form in (WeeklyForm, CopyForm, LongAbsenceForm)}
