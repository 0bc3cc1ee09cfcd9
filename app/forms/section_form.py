"""The form of a section, made from its fields: parents ask with it, agents write with it."""

import json
from functools import cache
from types import new_class
from typing import Any, ClassVar, Self

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms import Field as FormField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.csrf import NOT_TOO_LONG, Form
from app.formats import NBSP
from app.forms import places
from app.forms.checks import CHECKS, JUDGED_WITH, REQUIRED, TIDY, tidy, tidy_lines
from app.forms.fields import DayField, RowForm, RowsField, not_to_come, rows_as_seen, tidied
from app.forms.hints import HINTS
from app.forms.told import Told
from app.models import stale
from app.models.families.sections.editing import remembered
from app.models.families.sections.section import Field, FieldKind, Section, rows
from app.models.upload import MAX_BYTES, why_not

_LONG = frozenset({"treatments", "care", "instruction", "text", "note"})
_PAST = frozenset({"birth_date", "given_on", "quotient_on"})


class SectionForm(Told, Form):
    """It bears what the file said when the page was shown: what was not touched is neither asked nor judged."""

    section: ClassVar[Section]
    is_record: ClassVar[bool] = False
    """Of a new thing, of which the file says nothing yet."""
    submission = HiddenField(validators=[InputRequired(), Length(max=40)])
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in self.section.fields:  # what the file says though it is not proposed any more stays in the list
            said = self[one.name].data if one.kind is FieldKind.CHOICE else None
            if said and said not in one.choices:
                self[one.name].choices = [*self[one.name].choices, SelectChoice(said, said)]

    @classmethod
    def showing(cls, texts: stale.Texts, *, submission: str) -> Self:
        """The form filled in with these texts."""
        form = cls(None, data={"submission": submission, **cls.data_of(texts)})
        form.see(texts)
        return form

    @classmethod
    def data_of(cls, texts: stale.Texts) -> dict[str, Any]:
        """What each form field holds for these texts. An account number stays on the server."""
        kept = [field for field in cls.section.fields if field.kind is not FieldKind.IBAN]
        typed = (FieldKind.DAY, FieldKind.ROWS)
        return {one.name: one.value(texts[one.name]) if one.kind in typed else texts[one.name] for one in kept}

    @property
    def wanted(self) -> stale.Texts:
        """The text that each field asks for. An account number left blank stays as it is."""
        found = {field.name: self._asked(field) for field in self.section.fields}
        if "no_account" in self and self["no_account"].data:
            return found | {"iban": "", "bic": ""}
        return {
            name: text for name, text in found.items() if text or self.section.field(name).kind is not FieldKind.IBAN
        }

    def see(self, texts: stale.Texts) -> None:
        """Remember what the page shows."""
        told = {name: remembered(self.section.field(name), text) for name, text in texts.items()}
        self.seen.data = json.dumps(told, ensure_ascii=False)

    @property
    def was_seen(self) -> stale.Texts:
        return {} if self.is_record else stale.sent_back(self.seen.data)

    def tell(self, changed: stale.ChangedMeanwhileError, sentence: str) -> None:
        """Say what changed meanwhile. What was not touched takes the new value; the rest stays typed."""
        seen, typed = self.was_seen, self.wanted
        self.refuse(f"{sentence} Relisez, puis enregistrez de nouveau.")
        for name, now in changed.now.items():
            field = self.section.field(name)
            told = f"{field.label} est maintenant {_quoted(field.shown(now))}"
            if field.kind is not FieldKind.IBAN and typed.get(name) == seen.get(name):
                data = field.value(now) if field.kind in (FieldKind.DAY, FieldKind.ROWS) else now
                self[name].raw_data = None  # a day would show what was typed
                self[name].process(None, data)
                self.refuse(f"{told}.")
            else:
                self.refuse(f"{told}, vous aviez écrit {_quoted(field.shown(typed[name], whole=True))}.")
        self.see(seen | changed.now)

    def validate(self, extra_validators: Any = None) -> bool:
        seen = self.was_seen
        for one in self.section.fields:
            field, text = self[one.name], seen.get(one.name)
            if one.kind is FieldKind.ROWS:
                known = rows(text or "")
                field.most = max(field.most, len(known))
                for entry in field.entries:
                    entry.form.is_known = [
                        column.text(entry.form[column.name].data or None) for column in one.columns
                    ] in known
            elif text and self._asked(one) == text and not self._touches(JUDGED_WITH.get(one.name), seen):
                field.validators = ()
        return super().validate(extra_validators) and self._place_is_sure(seen)

    def _touches(self, name: str | None, seen: stale.Texts) -> bool:
        """Whether the form asks for another text of this field than it showed; an account number left blank stays."""
        if name is None or name not in self:
            return False
        text = self._asked(self.section.field(name))
        return text != seen.get(name, "") and bool(text or self.section.field(name).kind is not FieldKind.IBAN)

    def _asked(self, one: Field) -> str:
        """The text that this field asks for; what differs only by what a form tidies is as the file says it."""
        text, seen = _text(one, self[one.name]), self.was_seen.get(one.name, "")
        if seen and one.kind is FieldKind.ROWS:
            return rows_as_seen(one, self[one.name], seen)
        same = seen and text == tidied(self[one.name], seen)
        return seen if same else text

    def _place_is_sure(self, seen: stale.Texts) -> bool:
        """Whether code and town go together; those that do not are taken when they are sent again as they are."""
        if "sure" not in self:
            return True
        code, town = self["postal_code"].data or "", self["city"].data or ""
        said = f"{code} {town}"
        unknown = places.doubt(code, town) if (code, town) != (seen.get("postal_code"), seen.get("city")) else ""
        if not unknown or self["sure"].data == said:
            return True
        self["sure"].data = said
        again = "Corrigez, ou enregistrez de nouveau si c’est bien votre adresse."
        self["postal_code"].errors = [f"{unknown} {again}"]
        return False


class PaperForm(SectionForm):
    """With a paper to join: its kind is told by its content, not by its name."""

    fichier = FileField("Document", render_kw={"accept": ".pdf,.jpg,.jpeg,.png", "data-max-bytes": MAX_BYTES})
    content = b""

    def validate_fichier(self, field: FileField) -> None:
        self.content = read_paper(field) if field.data else b""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not valid:
            self.lose_paper()
        return valid

    def refuse(self, sentence: str) -> None:
        super().refuse(sentence)
        self.lose_paper()

    def lose_paper(self) -> None:
        """A form that comes back cannot bear the file that was chosen: say so."""
        if self.fichier.data and not self.fichier.errors:
            self.fichier.errors = ["Choisissez de nouveau votre document\u00a0: il n’a pas été gardé."]


def read_paper(field: FileField) -> bytes:
    """The content of a paper that was sent. Raises ValidationError for what is too big, or not a paper."""
    field.data.seek(0)  # a form may be validated twice
    content: bytes = field.data.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValidationError("Ce fichier dépasse 10 Mo.")
    if refusal := why_not(content):
        raise ValidationError(refusal)
    return content


def _class(name: str, base: type[Any], attributes: dict[str, Any]) -> type[Any]:
    """A form's class. Its metaclass keeps the order of the fields."""
    return new_class(name, (base,), exec_body=lambda namespace: namespace.update(attributes))


@cache
def form_of(section: Section, *, record: bool = False, paper: bool = False) -> type[SectionForm]:
    """The form of a section; `record`: of the new thing that it can make instead."""
    fields = section.makes.columns if record and section.makes else section.fields
    base = PaperForm if paper else SectionForm
    made = {one.name: field_of(one) for one in fields}
    if {"postal_code", "city"} <= made.keys():
        made["sure"] = HiddenField()
    if "iban" in made:
        made["no_account"] = BooleanField("Retirer ce compte bancaire", [CHECKS["no_account"]])
    if record:
        section = Section(section.kind, section.slug, fields)
    return _class(f"{section.slug.title()}Form", base, {"section": section, "is_record": record, **made})


def field_of(field: Field) -> FormField:
    """The form field for a field of a section."""
    needed = InputRequired if field.kind is FieldKind.DAY else DataRequired  # a day that does not exist is said so
    checks = [needed(REQUIRED[field.name])] if field.name in REQUIRED else [Optional()]
    hint = HINTS.get(field.name, "")
    if field.name in CHECKS:
        checks.append(CHECKS[field.name])
    if field.name in _PAST:
        checks.append(not_to_come)
    if field.kind is FieldKind.ROWS:
        columns = {one.name: field_of(one) for one in field.columns}
        row = _class(f"{field.name.title()}Row", RowForm, {**columns, "removed": BooleanField("Retirer")})
        return RowsField(field.label, row, description=hint)
    if field.kind is FieldKind.DAY:
        return DayField(field.label, checks, description=hint)
    if field.kind is FieldKind.YES:
        choices = [SelectChoice("oui", "Oui"), SelectChoice("non", "Non"), SelectChoice("", "Pas de réponse")]
        return RadioField(field.label, choices=choices, validate_choice=False, filters=[_yes], description=hint)
    if field.kind is FieldKind.CHOICE:
        return _choice(field, checks)
    filters = [TIDY.get(field.name, tidy)]
    if field.name in _LONG:
        checks.append(Length(max=1000, message="1 000 caractères au plus."))
        return TextAreaField(field.label, checks, filters=[tidy_lines], description=hint)
    kind = TelField if "phone" in field.name else EmailField if field.name == "email" else StringField
    return kind(field.label, [*checks, NOT_TOO_LONG], filters=filters, description=hint)


def _choice(field: Field, checks: list[Any]) -> FormField:
    def known(form: Any, typed: FormField) -> None:
        seen = form.was_seen.get(field.name) if isinstance(form, SectionForm) else None
        if typed.data and typed.data not in field.choices and typed.data != seen:
            raise ValidationError("Choisissez dans la liste.")

    choices = [SelectChoice("", "non renseigné"), *(SelectChoice(*one) for one in field.choices.items())]
    return SelectField(field.label, [*checks, NOT_TOO_LONG, known], choices=choices, validate_choice=False)


def _yes(typed: str | None) -> str:
    return typed if typed in ("oui", "non") else ""


def _quoted(said: list[str]) -> str:
    return f"«{NBSP}{' ; '.join(said) or 'vide'}{NBSP}»"


def _text(field: Field, typed: FormField) -> str:
    if field.kind is FieldKind.ROWS:
        return field.text(typed.rows)
    return field.text(typed.data or None)
