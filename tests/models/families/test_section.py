"""A field of a file and its text: what the database keeps, what a form holds, what a person reads."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats import NBSP, NNBSP
from app.models.families import Adult, Child, Finances, HealthSheet
from app.models.families.sections import catalogue
from app.models.families.sections.account import AS_A_WHOLE, BANQUE, CAF, FISCALES, PERSON, RESPONSABLE
from app.models.families.sections.child import HEALTH, NEW_CHILD, PERSONS
from app.models.families.sections.section import FieldKind, Where, last_four
from app.models.request_kind import RequestKind

EVERY = [*catalogue.ACCOUNT, *catalogue.OF_CHILD]
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@settings(deadline=None)
@given(st.booleans() | st.none())
def test_an_answer_goes_to_a_text_and_back(said):
    field = RESPONSABLE.field("allows_sms")
    assert field.value(field.text(said)) == said


@settings(deadline=None)
@given(DAYS)
def test_a_day_goes_to_a_text_and_back(day):
    field = CAF.field("quotient_on")
    assert field.value(field.text(day)) == day


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["food", "drug"]), "text": st.text(min_size=1)})))
def test_rows_go_to_a_text_and_back(rows):
    field = HEALTH.field("alerts")
    assert field.value(field.text(rows)) == rows


@pytest.mark.parametrize(
    ("section", "name", "text", "read"),
    [
        (RESPONSABLE, "allows_sms", "non", ["Non"]),
        (CAF, "fund", "msa", ["MSA"]),
        (CAF, "fund", "une autre", ["une autre"]),
        (CAF, "quotient_on", "2015-04-08", ["08/04/2015"]),
        (FISCALES, "tax_income", "32450", [f"32{NNBSP}450{NBSP}€"]),
        (FISCALES, "tax_income", "32450,50", ["32450,50"]),
        (RESPONSABLE, "city", "", []),
        (BANQUE, "iban", "FR7630006000011234567890189", [f"••••{NBSP}0189"]),
        (
            PERSONS,
            "contacts",
            json.dumps([["collects", "Anne", "tante", "0612"]]),
            ["Peut venir chercher l’enfant, Anne, tante, 0612"],
        ),
        (NEW_CHILD, "child", json.dumps({"last_name": "X", "sex": ""}), [f"Nom{NBSP}: X"]),
    ],
)
def test_what_a_person_reads(section, name, text, read):
    assert section.field(name).shown(text) == read


def test_only_who_decides_reads_an_account_number_whole():
    iban = BANQUE.field("iban")
    assert iban.shown("FR7630006000011234567890189", whole=True) == ["FR76 3000 6000 0112 3456 7890 189"]
    assert last_four("") == ""


@pytest.mark.parametrize(("name", "text"), [("allows_sms", "peut-être"), ("quotient_on", "2015-02-30")])
def test_a_text_that_the_field_cannot_hold(name, text):
    section = CAF if name == "quotient_on" else RESPONSABLE
    with pytest.raises((ValueError, KeyError)):
        section.field(name).value(text)


def test_every_section_is_found_by_its_kind_and_its_address_and_has_a_label():
    for section in EVERY:
        assert catalogue.of_kind(section.kind) is section
        among = catalogue.OF_CHILD if section.of_child else catalogue.ACCOUNT
        assert catalogue.named(section.slug, among) is section
        assert all(one.label for one in section.fields)
        assert section.title == section.kind.label
    assert catalogue.named("autre", catalogue.ACCOUNT) is None
    with pytest.raises(KeyError):
        catalogue.of_kind(RequestKind.BOOKING)


OURS = {
    Adult: {"id", "family_id", "account_id", "rank", "wants_reminders"},
    Finances: {"family_id"},
    HealthSheet: {"child_id"},
    Child: {"id", "created_on", "sort_key"},
}
"""Columns that no section asks for: numbers and keys of our own, a switch of Mon compte, the day when it was made."""


@pytest.mark.parametrize(
    ("of", "where"),
    [
        (Adult, Where.ADULT),
        (Finances, Where.FINANCES),
        (HealthSheet, Where.HEALTH),
        (Child, Where.CHILD),
    ],
)
def test_each_column_that_a_family_fills_in_is_a_field_of_a_section(of, where):
    """So that forms, requests, merges and the copy of one's data know it."""
    fields = {field.name for section in EVERY for field in section.fields if field.where is where}
    assert set(of.__table__.columns.keys()) - OURS[of] == fields


def test_what_an_adult_s_file_says_is_named_once():
    assert set(PERSON) == {field for section in EVERY for field in section.fields if field.where is Where.ADULT}
    assert {name for whole in AS_A_WHOLE for name in whole} < {field.name for field in PERSON}


def test_bank_tax_caf_and_health_are_secret():
    secret = {section.slug for section in EVERY if section.is_secret}
    assert secret >= {"banque", "fiscales", "caf", "sante", "lunettes"}
    assert {one.kind for section in EVERY for one in section.fields} >= {
        FieldKind.IBAN,
        FieldKind.ROWS,
        FieldKind.DAY,
    }


@pytest.mark.parametrize(
    ("field", "said", "asked", "why_not"),
    [
        ("direct_debit", {"direct_debit": "oui", "iban": ""}, {}, "Un prélèvement demande un IBAN"),
        ("direct_debit", {"direct_debit": "oui", "iban": "FR76"}, {}, ""),
        ("direct_debit", {"direct_debit": "non", "iban": ""}, {}, ""),
        ("iban", {"direct_debit": "oui", "iban": ""}, {}, "est prélevé"),
        ("iban", {"direct_debit": "oui", "iban": ""}, {"direct_debit": "oui"}, "est prélevé"),
        ("iban", {"direct_debit": "oui", "iban": ""}, {"direct_debit": "non"}, ""),
        ("iban", {"direct_debit": "oui", "iban": "FR76"}, {}, ""),
        ("iban", {"direct_debit": "non", "iban": ""}, {}, ""),
        ("bic", {"direct_debit": "oui", "iban": ""}, {}, ""),
    ],
)
def test_an_account_that_is_debited_has_a_number(field, said, asked, why_not):
    told = BANQUE.why_not(BANQUE.field(field), said, asked)
    assert why_not in told
    assert bool(why_not) == bool(told)
