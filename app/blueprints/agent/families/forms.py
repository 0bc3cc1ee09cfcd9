"""The forms of a dossier famille: what is typed is checked here, and remembers what the agent saw."""

import json
import re
from datetime import date
from typing import Any, Self

from wtforms import (
    DateField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from app import clock, db
from app.converters import LARGEST_ID
from app.csrf import NOT_TOO_LONG, Form
from app.formats import NBSP, short_date
from app.forms.checks import email, phone, postal_code, tidy
from app.models import stale
from app.models.families import Child, Civility
from app.models.families.sections.account import IDENTITY, REACH
from app.models.families.situation import SITUATIONS
from app.models.households.custody import Households

_OLDEST = 20
"""Years: beyond, it is a slip in the year of birth."""


_THIRTEEN = Regexp(r"^[0-9]{13}$", message="Un n° famille a 13 chiffres.")
ADULT = {one.name: one.label for one in (*IDENTITY, *REACH)}
"""What an agent writes of an adult, with the guide's labels."""


def ids_in(field: Field) -> set[int]:
    """Of « 12 15 »; what is no number is left out."""
    return {int(number) for number in re.findall(r"\d{1,18}", field.data or "")}


def _digits(typed: str | None) -> str:
    return re.sub(r"\s", "", typed or "")


def _id(value: Any) -> int:
    """0, which nobody bears, for what is no number."""
    return int(value) if str(value).isascii() and str(value).isdigit() else 0


def _required(sentence: str) -> list[Any]:
    return [DataRequired(sentence), NOT_TOO_LONG]


class FileForm(Form):
    """A form over the fields of a stored row, which bears what they said when the page was shown."""

    seen = HiddenField()

    @classmethod
    def over(cls, row: db.Base) -> Self:
        """The form filled with what this row says."""
        form = cls(None, obj=row)
        form.see(stale.texts(row, form.names))
        return form

    @property
    def names(self) -> list[str]:
        return [field.name for field in self if field.type not in ("HiddenField", "CSRFTokenField")]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in self.names}

    def see(self, texts: stale.Texts) -> None:
        self.seen.data = json.dumps(texts, ensure_ascii=False)

    @property
    def was_seen(self) -> stale.Texts:
        return stale.sent_back(self.seen.data)

    def tell(self, changed: stale.ChangedMeanwhileError) -> None:
        """Say what someone else changed. What the agent had not touched takes the new value; the rest stays typed."""
        seen = self.was_seen
        self.refuse("Quelqu’un d’autre a modifié ce dossier entre-temps. Relisez, puis enregistrez de nouveau.")
        for name, now in changed.now.items():
            field = self[name]
            told = f"{field.label.text} est maintenant «{NBSP}{_shown(now) or 'vide'}{NBSP}»"
            if stale.text(field.data) == seen.get(name):
                field.raw_data = [now]
                field.process_formdata([now])
                self.refuse(f"{told}.")
            else:
                self.refuse(f"{told}, vous aviez écrit «{NBSP}{_shown(stale.text(field.data)) or 'vide'}{NBSP}».")
        self.see(seen | changed.now)


def _shown(text: str) -> str:
    """A day of the form as one reads it."""
    try:
        return short_date(date.fromisoformat(text))
    except ValueError:
        return text


class AdultFields:
    """The guide's labels, in the guide's order."""

    civility = RadioField(
        ADULT["civility"],
        [InputRequired("Choisissez Madame ou Monsieur.")],
        choices=list(Civility),
        coerce=Civility,
    )
    last_name = StringField(ADULT["last_name"], _required("Écrivez le nom."), filters=[tidy])
    first_name = StringField(ADULT["first_name"], _required("Écrivez le prénom."), filters=[tidy])
    address = StringField(ADULT["address"], [NOT_TOO_LONG], filters=[tidy])
    postal_code = StringField(
        ADULT["postal_code"],
        [Optional(), postal_code],
        filters=[tidy],
    )
    city = StringField(ADULT["city"], [NOT_TOO_LONG], filters=[tidy])
    phone_home = TelField(ADULT["phone_home"], [NOT_TOO_LONG, phone], filters=[tidy])
    phone_work = TelField(ADULT["phone_work"], [NOT_TOO_LONG, phone], filters=[tidy])
    phone_mobile = TelField(ADULT["phone_mobile"], [NOT_TOO_LONG, phone], filters=[tidy])
    email = EmailField(
        ADULT["email"],
        [
            Optional(),
            NOT_TOO_LONG,
            email,
        ],
        filters=[tidy],
    )


class AdultForm(AdultFields, Form):
    """An adult who comes into a file that is open."""

    @property
    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in ADULT}


class AdultPart(AdultFields, Form):
    """An adult within the form that opens a file, which bears the token."""

    class Meta(Form.Meta):
        csrf = False

    @property
    def is_blank(self) -> bool:
        return not any(field.data for field in self if field.name != self.civility.name)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in ADULT}


class FamilyForm(FileForm):
    number = StringField("N° famille", [InputRequired("Écrivez le n° famille."), _THIRTEEN], filters=[_digits])
    attached_to = StringField("Organisme rattachement", [NOT_TOO_LONG], filters=[lambda typed: tidy(typed) or "0"])


class NewFamilyForm(Form):
    number = StringField("N° famille", [Optional(), _THIRTEEN], filters=[_digits])
    situation = SelectField(
        "Situation",
        choices=[SelectChoice("", "non renseignée"), *(SelectChoice(*one) for one in SITUATIONS.items())],
        filters=[tidy],
    )
    others = HiddenField()
    """The files that the agent looked at, and says are of other people: ids."""


class NewChildForm(FileForm):
    last_name = StringField("Nom", _required("Écrivez le nom."), filters=[tidy])
    first_name = StringField("Prénom", _required("Écrivez le prénom."), filters=[tidy])
    birth_date = DateField(
        "Date de naissance",
        [InputRequired("Écrivez la date de naissance.")],
        format=["%Y-%m-%d", "%d/%m/%Y"],
        invalid_value_message="Écrivez la date de naissance comme 31/12/2015.",
    )
    school = StringField("École", [NOT_TOO_LONG], filters=[tidy])
    level = StringField("Niveau", [NOT_TOO_LONG], filters=[tidy])
    class_name = StringField("Classe", [NOT_TOO_LONG], filters=[tidy])
    others = HiddenField()
    """The children of the same name that the agent says are others: ids."""

    def validate_birth_date(self, field: DateField) -> None:
        today = clock.today()
        if field.data is None:
            return  # said already
        if field.data > today:
            raise ValidationError("Cette date de naissance est dans l’avenir.")
        if Child(birth_date=field.data).age_on(today) >= _OLDEST:
            raise ValidationError(f"Cette date de naissance donne {_OLDEST} ans ou plus{NBSP}: vérifiez l’année.")


class AttachForm(Form):
    child_id = IntegerField(
        validators=[InputRequired("Choisissez un enfant."), NumberRange(0, LARGEST_ID)], widget=HiddenInput()
    )


class CustodyForm(FileForm):
    """Boxes that the template draws: ids of the households, and of the adults who have authority."""

    foyer = SelectMultipleField(coerce=_id, validate_choice=False)
    autorite = SelectMultipleField(coerce=_id, validate_choice=False)

    @classmethod
    def of(cls, households: Households) -> Self:
        form = cls(None, foyer=list(households.homes), autorite=list(households.with_authority))
        form.see(households.texts())
        return form

    def tell_of(self, households: Households, changed: stale.ChangedMeanwhileError) -> None:
        """Say what someone else changed, as `tell` does; a box that the agent had not touched follows."""
        seen = self.was_seen
        self.refuse("Quelqu’un d’autre a modifié la garde entre-temps. Relisez, puis enregistrez de nouveau.")
        for household in households.all:
            if f"foyer-{household.family.id}" in changed.now:
                self.refuse(f"Le foyer de {household.name} a été ajouté.")
                self.foyer.data.append(household.family.id)
        for adult in households.adults:
            now = changed.now.get(f"adulte-{adult.id}")
            if now:
                self.refuse(
                    f"{adult.full_name} {'a maintenant' if now == 'oui' else 'n’a pas'} l’autorité parentale."
                )
            ticked = "oui" if adult.id in self.autorite.data else "non"
            if now == "oui" and ticked == seen.get(f"adulte-{adult.id}", "non"):
                self.autorite.data.append(adult.id)
            elif now == "non" and ticked == seen.get(f"adulte-{adult.id}"):
                self.autorite.data.remove(adult.id)
        self.see(households.texts())
