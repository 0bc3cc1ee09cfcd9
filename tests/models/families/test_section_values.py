"""A section of a file as it stands: read as texts, written field by field."""

import json
from datetime import date

import pytest

from app import db
from app.models.families import Adult, Child, Consent, Family, Finances, HealthSheet
from app.models.families.sections.account import BANQUE, CONJOINT, RESPONSABLE
from app.models.families.sections.child import AUTHORISATIONS, CHILD, GLASSES, HEALTH, PERSONS
from app.models.families.sections.section import Section
from app.models.families.sections.values import Sheet, Signature
from tests.builders import dupont, durand

SIGNED = Signature("JEAN DUPONT", date(2015, 5, 4))


pytestmark = pytest.mark.usefixtures("inside")


def lea() -> int:
    return db.session.query(Child).one().id


def of(section: Section) -> Sheet:
    return Sheet(section, dupont().family_id, lea() if section.of_child else None)


def write(section: Section, **texts: str) -> dict[str, str]:
    """What the section says once these are written, read afresh."""
    with db.transaction():
        for name, text in texts.items():
            sheet = of(section)
            sheet.lock()
            sheet.write(section.field(name), text, signed=SIGNED)
    db.session.expire_all()
    return of(section).texts()


def test_the_guide_s_family_reads_as_in_the_guide():
    said = of(RESPONSABLE).texts()
    assert (said["civility"], said["quality"], said["situation"]) == ("Monsieur", "Père", "Séparé")
    assert (said["address"], said["allows_sms"], said["phone_mobile"]) == ("12 RUE DES BONBONS", "non", "")
    assert list(said) == RESPONSABLE.names


@pytest.mark.parametrize(
    ("section", "texts"),
    [
        (RESPONSABLE, {"city": "Toulouse", "situation": "Divorcé", "allows_sms": "oui"}),
        (RESPONSABLE, {"allows_email": "", "profession": ""}),
        (CONJOINT, {"phone_mobile": "06 39 98 00 11", "civility": "Madame"}),
        (BANQUE, {"iban": "FR7630006000011234567890189", "direct_debit": "oui"}),
        (CHILD, {"birth_date": "2008-03-13", "sex": "fille", "diet": "sans porc"}),
        (GLASSES, {"glasses": "non", "glasses_when": "pour lire"}),
        (AUTHORISATIONS, {"swimming": "non", "image_web": "oui", "outings": ""}),
        (PERSONS, {"contacts": json.dumps([["collects", "Anne MARTIN", "tante", "06 39 98 00 11"]])}),
        (HEALTH, {"alerts": json.dumps([["food", "arachide"]]), "doctor": "Dr Roux"}),
    ],
)
def test_what_is_written_is_what_is_read_and_nothing_else_changes(section, texts):
    before = of(section).texts()
    assert write(section, **texts) == {**before, **texts}


def test_rows_are_replaced_not_added_to():
    one, two = (json.dumps([["food", text]]) for text in ("lait", "œuf"))
    write(HEALTH, alerts=one)
    assert json.loads(write(HEALTH, alerts=two)["alerts"]) == [["food", "œuf"]]
    assert write(HEALTH, alerts="")["alerts"] == ""


def test_an_answer_is_signed_and_one_taken_back_is_gone():
    write(AUTHORISATIONS, swimming="oui")
    consent = db.session.query(Consent).one()
    assert (consent.granted, consent.signatory, consent.signed_on) == (True, "JEAN DUPONT", SIGNED.on)
    write(AUTHORISATIONS, swimming="")
    assert db.session.query(Consent).count() == 0
    write(AUTHORISATIONS, swimming="")  # again: nothing to take back


def test_a_file_without_conjoint_says_nothing_and_holds_nothing():
    sheet = Sheet(CONJOINT, durand().family_id)
    assert not sheet.exists
    assert set(sheet.texts().values()) == {""}
    with pytest.raises(LookupError), db.transaction():
        Sheet(CONJOINT, durand().family_id).write(CONJOINT.field("city"), "Toulouse", signed=SIGNED)


def test_rows_of_their_own_are_made_when_first_needed():
    assert db.session.get(HealthSheet, lea()) is None
    write(GLASSES, glasses="oui")
    assert db.session.get(HealthSheet, lea()) is not None
    number = durand().family_id
    with db.transaction():
        Sheet(BANQUE, number).write(BANQUE.field("bic"), "AGRIFRPP", signed=SIGNED)
    assert db.session.get(Finances, number).bic == "AGRIFRPP"
    assert db.session.query(Family).count() == 2


def test_once_held_it_is_read_afresh():
    with db.transaction() as writing:
        sheet, jean = of(RESPONSABLE), dupont()
        assert sheet.text(RESPONSABLE.field("city")) == "SAINT - JEAN"
        writing.execute(Adult.__table__.update().where(Adult.id == jean.id).values(city="Blagnac"))
        sheet.lock()
        assert sheet.text(RESPONSABLE.field("city")) == "Blagnac"
