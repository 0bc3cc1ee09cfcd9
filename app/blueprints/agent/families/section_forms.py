"""A section of a file as an agent writes it: the parents' form, which tells what someone else changed meanwhile."""

import uuid
from functools import cache
from types import new_class
from typing import Any, Self

from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, ValidationError

from app import clock
from app.formats import NBSP
from app.forms.fields import DayField
from app.forms.section_form import SectionForm, form_of
from app.models import stale
from app.models.families import Adult
from app.models.families.sections.child import AUTHORISATIONS
from app.models.families.sections.section import FieldKind, Section, last_four
from app.models.families.sections.values import Sheet, Signature


class DirectForm(SectionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            field.description = ""  # it speaks to the parent

    @classmethod
    def over(cls, sheet: Sheet) -> Self:
        """The form filled with what the file says."""
        return cls.showing(sheet.texts(), submission=str(uuid.uuid4()))

    def explain(self, texts: stale.Texts) -> None:
        """An account number is not shown whole."""
        for one in self.section.fields:
            if one.kind is FieldKind.IBAN and texts[one.name]:
                said = f"Aujourd’hui{NBSP}: {last_four(texts[one.name])}. Laissez vide pour ne pas le changer."
                self[one.name].description = said

    def sign_among(self, adults: list[Adult]) -> None:
        """Those who may give the authorisations."""

    @property
    def signature(self) -> Signature | None:
        """Who gives the authorisations."""
        return None


class SignedForm(DirectForm):
    """Authorisations: a parent signed the paper that the agent holds."""

    signatory = SelectField("Signé par", [InputRequired("Dites qui a signé le papier.")])
    signed_on = DayField("Signé le", [InputRequired("Écrivez la date du papier.")])

    def validate_signed_on(self, field: DayField) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError("Cette date est dans l’avenir.")

    def sign_among(self, adults: list[Adult]) -> None:
        choices = [SelectChoice(adult.full_name, adult.full_name) for adult in adults]
        self.signatory.choices = [SelectChoice("", "Choisissez"), *choices]
        if not self.is_submitted():
            self.signed_on.data = clock.today()

    @property
    def signature(self) -> Signature:
        return Signature(self.signatory.data, self.signed_on.data)


@cache
def direct_form_of(section: Section) -> type[DirectForm]:
    base = SignedForm if section is AUTHORISATIONS else DirectForm
    return new_class(f"Direct{section.slug.title()}Form", (base, form_of(section)))
