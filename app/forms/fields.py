"""Fields of our own: a day that exists, and several rows of the same."""

from typing import Any

from wtforms import DateField, FieldList, Form, FormField

from app.converters import YEARS
from app.forms.checks import CHECKS

_BLANK_ROWS = 2
MOST_ROWS = 20


class DayField(DateField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Écrivez une date qui existe.") from error
        if self.data is not None and self.data.year not in YEARS:
            raise ValueError("Cette année n’est pas possible.")


class RowForm(Form):  # type: ignore[misc]
    """One row. Left blank, it is not there; as the file is said to hold it, its numbers are not judged."""

    is_known = False

    @property
    def is_blank(self) -> bool:
        typed = (str(text) for field in self for text in field.raw_data or ())
        return not any(field.data for field in self) and not any(text.strip() for text in typed)

    def validate(self, extra_validators: Any = None) -> bool:
        if self.is_known:
            for field in self:
                field.validators = [one for one in field.validators if one not in CHECKS.values()]
        return self.is_blank or bool(super().validate(extra_validators))


class RowsField(FieldList):  # type: ignore[misc]
    """Rows, with blank ones at the end to add to them."""

    def __init__(self, label: str, row: type[RowForm], **kwargs: Any) -> None:
        super().__init__(FormField(row), label, max_entries=MOST_ROWS + _BLANK_ROWS, **kwargs)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(formdata, data or [], extra_filters=extra_filters)
        if not formdata:
            self.offer_more()

    def offer_more(self) -> None:
        """Blank rows at the end, to be filled in."""
        while sum(entry.form.is_blank for entry in self.entries) < _BLANK_ROWS and len(self.entries) < MOST_ROWS:
            self.append_entry()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is not blank."""
        return [entry.form.data for entry in self.entries if not entry.form.is_blank]
