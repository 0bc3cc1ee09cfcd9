"""Lists and older pages: what changed since the page was shown."""

from datetime import timedelta

import pytest

from app import db
from app.models.changes import change
from app.models.changes.three_way import standing
from app.models.families import Consent, Contact, HealthAlert
from app.models.families.sections.account import BANQUE
from app.models.families.sections.child import AUTHORISATIONS, HEALTH, PERSONS
from app.models.families.sections.values import Sheet
from app.models.refusal import RefusedError
from app.models.requests import Amendment, Request
from app.models.stale import ChangedMeanwhileError
from tests.builders import dupont
from tests.models.changes.changing import (
    IBAN,
    NOTHING,
    OTHER,
    PEANUT,
    PENICILLIN,
    WASPS,
    accept,
    ask,
    ask_of_lea,
    decide,
    jeanne,
    lea,
    lines,
    rows,
)

pytestmark = pytest.mark.usefixtures("inside")


def alerts() -> list[list[str]]:
    return [[one.kind, one.text] for one in db.session.query(HealthAlert).order_by(HealthAlert.id)]


def test_what_two_pages_add_to_a_list_is_all_asked():
    ask_of_lea(HEALTH, seen={"alerts": ""}, alerts=rows(PEANUT))
    number = ask_of_lea(HEALTH, submission="two", seen={"alerts": ""}, alerts=rows(PENICILLIN))
    assert [line.after for line in lines()] == [rows(PEANUT, PENICILLIN)]
    accept(number, version=2)
    third = ask_of_lea(HEALTH, submission="three", seen={"alerts": ""}, alerts=rows(WASPS))
    accept(third)
    assert alerts() == [PEANUT, PENICILLIN, WASPS]


def test_what_an_older_page_takes_off_a_list_goes_and_nothing_else():
    accept(ask_of_lea(HEALTH, alerts=rows(PEANUT, WASPS)))
    seen = {"alerts": rows(PEANUT, WASPS)}
    ask_of_lea(HEALTH, submission="two", alerts=rows(PEANUT, WASPS, PENICILLIN))
    number = ask_of_lea(HEALTH, submission="three", seen=seen, alerts=rows(WASPS))
    accept(number, version=2)
    assert alerts() == [WASPS, PENICILLIN]


def test_what_the_file_gained_while_a_list_waited_is_kept_by_the_amendment():
    number = ask_of_lea(HEALTH, alerts=rows(PEANUT))
    with db.transaction() as writing:
        writing.add(HealthAlert(child_id=lea(), kind="drug", text="pénicilline"))
    with pytest.raises(RefusedError, match="a changé entre-temps"):
        accept(number)
    shown = standing(Sheet(HEALTH, dupont().family_id, lea()), change.pending(dupont().family_id, lea()))
    assert shown["alerts"] == rows(PENICILLIN, PEANUT)
    ask_of_lea(HEALTH, submission="two", seen=shown, alerts=rows(PENICILLIN, PEANUT, WASPS))
    accept(number, version=2)
    assert alerts() == [PENICILLIN, PEANUT, WASPS]


def test_a_list_of_people_is_joined_too():
    who = [{"role": "collects", "name": name, "link": "", "phone": ""} for name in ("Paul PETIT", "Rose PETIT")]
    paul, rose = (PERSONS.field("contacts").text([one]) for one in who)
    ask_of_lea(PERSONS, seen={"contacts": ""}, contacts=paul)
    accept(ask_of_lea(PERSONS, by=jeanne, submission="two", seen={"contacts": ""}, contacts=rose), version=2)
    assert [one.name for one in Contact.of_child(lea())] == ["Paul PETIT", "Rose PETIT"]


def test_a_field_that_changed_since_the_page_was_shown_is_told_and_nothing_is_asked():
    ask(by=jeanne, phone_mobile="06 39 98 00 11")
    with pytest.raises(ChangedMeanwhileError) as told:
        ask(submission="two", seen=NOTHING, phone_mobile="06 39 98 00 22", profession="Boulanger")
    assert told.value.now == {"phone_mobile": "06 39 98 00 11"}
    assert [(line.field, line.after) for line in lines()] == [("phone_mobile", "06 39 98 00 11")]
    assert db.session.query(Amendment).count() == 0


def test_what_an_older_page_leaves_or_asks_alike_is_no_matter():
    ask(by=jeanne, phone_mobile="06 39 98 00 11", csp="Employé")
    seen = NOTHING | {"csp": "", "profession": ""}
    ask(submission="two", seen=seen, phone_mobile="06 39 98 00 11", csp="", profession="Boulanger")
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 11",
        "csp": "Employé",
        "profession": "Boulanger",
    }


def test_an_account_number_that_changed_meanwhile_is_told_by_its_end():
    ask(BANQUE, by=jeanne, iban=IBAN)
    with pytest.raises(ChangedMeanwhileError) as told:
        ask(BANQUE, submission="two", seen={"iban": ""}, iban=OTHER)
    assert told.value.now == {"iban": "••••\u00a00189"}
    ask(BANQUE, submission="two", seen=told.value.now, iban=OTHER)
    assert [line.after for line in lines()] == [OTHER]


def test_an_authorisation_is_signed_by_who_gave_it_last():
    ask_of_lea(AUTHORISATIONS, leaves_alone="non", outings="oui")
    number = ask_of_lea(AUTHORISATIONS, by=jeanne, submission="two", leaves_alone="oui", swimming="oui")
    decide(number, lambda one: one.accept_all(seen=one.stamp))
    signed = {one.kind: (one.granted, one.signatory) for one in db.session.query(Consent)}
    assert signed == {
        "leaves_alone": (True, "JEANNE DUPONT"),
        "outings": (True, "JEAN DUPONT"),
        "swimming": (True, "JEANNE DUPONT"),
    }


def test_it_is_signed_on_the_day_of_the_last_word():
    number = ask_of_lea(AUTHORISATIONS, leaves_alone="non", outings="oui")
    with db.transaction():
        asked = db.session.get_one(Request, number)
        asked.submitted_at -= timedelta(days=9)
    ask_of_lea(AUTHORISATIONS, submission="two", leaves_alone="oui")
    decide(number, lambda one: one.accept_all(seen=one.stamp))
    days = {one.kind: one.signed_on.isoformat() for one in db.session.query(Consent)}
    assert days == {"leaves_alone": "2015-05-04", "outings": "2015-04-25"}


def test_what_an_agent_entered_and_a_parent_amended_is_the_parent_s():
    ask_of_lea(AUTHORISATIONS, agent="guichet", leaves_alone="oui", outings="oui")
    ask_of_lea(AUTHORISATIONS, submission="two", leaves_alone="non")
    names = {line.field: line.author.name for line in lines()}
    assert names == {
        "leaves_alone": "JEAN DUPONT (Père)",
        "outings": "Claire Vidal, du service, pour la famille",
    }
    ask_of_lea(AUTHORISATIONS, submission="three", agent="guichet", leaves_alone="oui", swimming="oui")
    assert {line.author.name for line in lines()} == {"Claire Vidal, du service, pour la famille"}
