"""From when to when, and on which weekdays: what a form asks of an enrolment, an agent's and a parent's alike."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import or_

from wtforms import Form, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from app.formats import DAYS
from app.forms.fields import BoxesField, DayField
from app.models.durations import school_year_end
from app.models.enrolments.terms import next_weeks, odd_twice
from app.models.town import Activity
from app.models.town.activity import weekday_bits

EVERY, ALTERNATE, NONE = "toutes", "alternees", "aucune"


class WeekdaysField(BoxesField):
    """Weekdays to tick, those of `offered`; 0 is Monday."""

    def __init__(self, label: str, **kwargs: object) -> None:
        super().__init__(label, coerce=int, choices=[], **kwargs)

    def offer(self, bits: int) -> None:
        self.choices = [SelectChoice(weekday, DAYS[weekday]) for weekday in ticked(bits)]

    @property
    def bits(self) -> int:
        return weekday_bits(
            *(weekday for weekday in self.data or () if weekday in range(7))
        )  # judged before it is refused


class ActivityField(SelectField):  # type: ignore[misc]
    """An activity to choose, among those of each structure."""

    activities: Sequence[Activity] = ()

    def offer(self, places: dict[str, list[Activity]]) -> None:
        self.activities = [one for found in places.values() for one in found]
        named = (
            SelectChoice(str(one.id), one.name, optgroup=place) for place, found in places.items() for one in found
        )
        self.choices = [SelectChoice("", "Choisissez…"), *named]

    @property
    def all_weekdays(self) -> int:
        """On which any of them opens, as bits."""
        return _weekdays(self.activities)

    @property
    def weekdays(self) -> int:
        """On which the chosen one opens, or any of them as long as none is chosen, as bits."""
        return _weekdays([one for one in self.activities if str(one.id) == self.data] or self.activities)


class ActivityFields(Form):  # type: ignore[misc]
    """Written before the week: what is wrong is told in this order too."""

    prestation = ActivityField("Prestation", [InputRequired("Choisissez une prestation.")])


class WeekFields(Form):  # type: ignore[misc]
    """The dates and the usual week. `offer` says which weekdays there are to tick."""

    premier = DayField("Premier jour", [InputRequired("Choisissez le premier jour.")])
    dernier = DayField("Dernier jour", [Optional()])
    rythme = RadioField(
        "Semaine habituelle",
        [InputRequired("Choisissez un rythme.")],
        choices=[
            SelectChoice(EVERY, "La même toutes les semaines"),
            SelectChoice(ALTERNATE, "Semaines paires et impaires différentes"),
            SelectChoice(NONE, "Aucun jour fixe\u00a0: la famille demande chaque jour"),
        ],
        default=EVERY,
    )
    jours = WeekdaysField("Toutes les semaines")
    pairs = WeekdaysField("Semaines paires")
    impairs = WeekdaysField("Semaines impaires")

    def offer(self, bits: int) -> None:
        for field in (self.jours, self.pairs, self.impairs):
            field.offer(bits)

    def validate_rythme(self, field: RadioField) -> None:
        found = {EVERY: self.jours.bits, ALTERNATE: self.pairs.bits | self.impairs.bits}
        if not found.get(field.data, 1):
            raise ValidationError("Cochez au moins un jour, ou choisissez «\u00a0Aucun jour fixe\u00a0».")

    @property
    def weeks(self) -> tuple[int, int]:
        """The usual weekdays of even weeks and of odd ones, as bits."""
        every = self.jours.bits
        said = {EVERY: (every, every), ALTERNATE: (self.pairs.bits, self.impairs.bits), NONE: (0, 0)}
        return said.get(self.rythme.data, (0, 0))  # another rhythm is refused by its own field


def real_weeks(today: date) -> dict[str, object]:
    """The real dates of the next weeks, and of the one where two odd ones follow each other, for `ui.week`."""
    return {"today": today, "weeks": next_weeks(today), "twice": odd_twice(today, school_year_end(today))}


def _weekdays(activities: Sequence[Activity]) -> int:
    return reduce(or_, (one.weekdays for one in activities), 0)


def ticked(bits: int) -> list[int]:
    """The weekdays of these bits, as boxes to tick."""
    return [weekday for weekday in range(7) if bits >> weekday & 1]
