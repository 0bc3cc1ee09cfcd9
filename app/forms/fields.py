"""Fields of our own: boxes, a day that exists, the reason of an absence, rows of the same."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, FieldList, Form, FormField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app import clock
from app.converters import YEARS
from app.formats import NBSP
from app.forms.checks import CHECKS
from app.models.families.sections.section import Field

_BLANK_ROWS = 5
MOST_ROWS = 20


class BoxesField(SelectMultipleField):  # type: ignore[misc]
    """Several choices to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DayField(DateField):  # type: ignore[misc]
    """As a browser's calendar sends it, or as French writes it where there is none."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%d/%m/%Y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Écrivez une date qui existe.") from error
        if self.data is not None and self.data.year not in YEARS:
            raise ValueError("Cette année n’est pas possible.")


def reason_field() -> TextAreaField:
    """Of an absence: mandatory (guide)."""
    told = "Écrivez la raison de l’absence, n’importe laquelle."
    return TextAreaField(
        "Raison de l’absence", [DataRequired(told), Length(max=500, message="500 caractères au plus.")]
    )


class RowForm(Form):  # type: ignore[misc]
    """One row. Left empty or removed, it is not there; as the file is said to hold it, its numbers are not judged."""

    is_known = False
    removed: BooleanField
    """« Retirer »: each class of rows adds it after its own fields."""

    @property
    def is_empty(self) -> bool:
        fields = [field for field in self if field is not self.removed]
        typed = (str(text) for field in fields for text in field.raw_data or ())
        return not any(field.data for field in fields) and not any(text.strip() for text in typed)

    @property
    def is_blank(self) -> bool:
        return bool(self.removed.data) or self.is_empty

    def validate(self, extra_validators: Any = None) -> bool:
        if self.is_known:
            for field in self:
                field.validators = [one for one in field.validators if one not in CHECKS.values()]
        return self.is_blank or bool(super().validate(extra_validators))


def _not_too_many(form: Form, field: "RowsField") -> None:
    count = len(field.rows)
    if count > field.most:
        raise ValidationError(f"Il y en a {count}{NBSP}: gardez-en {field.most} au plus.")


class RowsField(FieldList):  # type: ignore[misc]
    """All the rows that the file holds, and blank ones at the end to add to them, as long as there is room."""

    most = MOST_ROWS
    """How many it takes. Of a file that holds more already (two that were joined), as many as it holds."""

    def __init__(self, label: str, row: type[RowForm], **kwargs: Any) -> None:
        super().__init__(FormField(row), label, [_not_too_many], **kwargs)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(formdata, data or [], extra_filters=extra_filters)
        while len(self.entries) < min(len(self.rows) + _BLANK_ROWS, self.most):
            self.append_entry()

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """As our pages number their rows: int() stumbles on « ² », and on thousands of digits."""
        numbered = re.compile(rf"{re.escape(prefix)}-[0-9]{{1,3}}-")
        yield from super()._extract_indices(prefix, [name for name in formdata if numbered.match(name)])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is not blank."""
        return [entry.form.data for entry in self.entries if not entry.form.is_blank]


def tidied(typed: FormField, text: str) -> str:
    """This text as the form field would hand it on."""
    for tidy in typed.filters:
        text = tidy(text)
    return text


def rows_as_seen(field: Field, typed: RowsField, seen: str) -> str:
    """The text of these rows; one that differs only by what a form tidies is the row that the page showed."""
    known, blank = {}, typed.entries[0].form if typed.entries else {}
    try:
        rows = field.value(seen)
    except (ValueError, TypeError):  # not what a page of ours bears
        rows = []
    for row in rows:
        same = {name: tidied(blank[name], said) if isinstance(said, str) else said for name, said in row.items()}
        known[field.text([same])] = row
    return field.text([known.get(field.text([row]), row) for row in typed.rows])


def not_to_come(form: Any, field: Any) -> None:
    if isinstance(field.data, date) and field.data > clock.today():
        raise ValidationError("Cette date est dans l’avenir.")
