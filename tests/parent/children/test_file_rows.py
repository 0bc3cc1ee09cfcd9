"""Lists of a child’s file: rows added, removed, wrong, kept."""

import json
import re
from datetime import date

import pytest

from app import db
from app.models.families import Consent
from app.models.requests import Request
from tests.conftest import text_of
from tests.files import TOPICS, accept_newest, address, ask, lea, texts
from tests.filling import send_on, shown
from tests.parent.children.filling_file import PEANUT, fill, page


def test_a_row_is_removed_by_its_box_whatever_it_holds(jean):
    fill(jean, "personnes-autorisees")
    accept_newest()
    form = jean.get(address("personnes-autorisees"))
    assert text_of(form).count("Retirer cette personne") == 2  # none where there is nobody
    answer = send_on(
        jean, form.text, address("personnes-autorisees"), **{"contacts-0-removed": "y", "contacts-0-phone": "12"}
    )
    assert answer.status_code == 303
    accept_newest()
    assert [row[1] for row in json.loads(texts("personnes-autorisees")["contacts"])] == ["Rose DUPONT"]


def test_a_row_to_remove_stays_on_the_form_that_comes_back(jean):
    fill(jean, "sante")
    accept_newest()
    answer = ask(jean, "sante", **{"alerts-0-removed": "y", "doctor_phone": "12"})
    assert answer.status_code == 422
    assert re.search(r'<input checked id="alerts-0-removed"', answer.text)
    assert PEANUT in answer.text


def test_what_is_wrong_in_a_row_is_summed_up_and_leads_to_its_field(jean):
    ask(jean, "personnes-autorisees", **{"contacts-0-name": "Rose Petit", "contacts-0-role": "collects"})
    accept_newest()
    answer = ask(jean, "personnes-autorisees", **{"contacts-1-name": "Paul Petit", "contacts-1-phone": "12"})
    assert answer.status_code == 422
    summary = re.search(r"data-error-summary>.*?</ul>", answer.text, re.DOTALL)[0]
    assert "Des points sont à corriger" in summary
    assert re.findall(r'<a href="#(.*?)">(.*?)</a>', summary) == [
        ("contacts-1-role", "Choisissez le rôle de cette personne."),
        ("contacts-1-phone", "Ce numéro de téléphone ne semble pas juste\u00a0: vérifiez ses chiffres."),
    ]
    for field in ("contacts-1-role", "contacts-1-phone"):
        assert f'id="{field}"' in answer.text


@pytest.mark.parametrize("topic", TOPICS)
def test_a_form_can_be_left_and_its_menu_is_folded_on_a_phone(jean, topic):
    found = jean.get(address(topic))
    assert f'href="/enfants/{lea().id}" class="button button-quiet"><span>Annuler' in found.text
    assert "<summary><svg" in found.text
    assert "Autres rubriques" in text_of(found)
    assert "Autres rubriques" not in page(jean)


def test_nothing_changed_is_said(jean):
    for topic in TOPICS:
        answer = ask(jean, topic)
        assert answer.status_code == 422, topic
        assert "Rien n’est changé" in text_of(answer)


def test_sent_twice_it_is_one_request(jean):
    url = address("assurance")
    form = {**shown(jean.get(url).text, url), "insurer": "MAIF"}
    first, second = (jean.post(url, data=form) for _ in range(2))
    assert first.location == second.location
    assert db.session.query(Request).count() == 1


def test_an_authorisation_says_who_gave_it_and_when(jean):
    fill(jean, "autorisations")
    told = page(jean)
    assert "JEAN DUPONT" not in told.partition("Autorisations")[2].partition("Inscriptions en cours")[0]
    accept_newest()
    told = page(jean)
    assert "Accordé le 04/05/2015 par JEAN DUPONT" in told
    assert "Refusé le 04/05/2015 par JEAN DUPONT" in told
    signed = db.session.query(Consent).filter_by(kind="leaves_alone").one()
    assert (signed.granted, signed.signed_on, signed.signatory) == (False, date(2015, 5, 4), "JEAN DUPONT")
