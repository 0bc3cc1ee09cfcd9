"""Mon compte: a change is asked, waits, is amended, accepted or refused."""

import re

from app import db
from app.models.event import Event
from app.models.jobs import Job
from app.models.requests import LineState, Request
from tests.conftest import text_of
from tests.filling import send_on
from tests.parent.account.asking import PAGE, adult, ask, decide, form_of, lines


def send_on_page(client, section: str):
    """« Enregistrer », without touching anything."""
    return send_on(client, client.get(form_of(section)).text, form_of(section))


def test_what_is_asked_waits_and_changes_nothing(jean):
    answer = ask(jean, phone_mobile="06 39 98 00 11", city="Toulouse")
    assert answer.status_code == 303
    assert "Mobile" in text_of(jean.get(answer.location))
    assert {(line.field, line.before, line.after) for line in lines()} == {
        ("phone_mobile", "", "06 39 98 00 11"),
        ("city", "SAINT - JEAN", "Toulouse"),
    }
    assert adult().phone_mobile == ""
    assert [job.payload["template"] for job in db.session.query(Job).filter_by(kind="mail")] == ["request_received"]


def test_what_waits_is_shown_with_both_values_and_the_way_to_the_request(jean):
    receipt = ask(jean, city="Toulouse").location
    page = jean.get(PAGE)
    assert "SAINT - JEAN → devient Toulouse en attente" in text_of(page)
    assert f'href="{receipt}"' in page.text
    form = text_of(jean.get(form_of("responsable")))
    assert "En attente de réponse : aujourd’hui, SAINT - JEAN." in form
    assert 'value="Toulouse"' in jean.get(form_of("responsable")).text


def test_when_the_file_changed_since_it_says_so_everywhere_and_the_same_form_sends_it_again(app, jean):
    receipt = ask(jean, city="Toulouse").location
    with app.app_context(), db.transaction():
        adult().city = "Balma"
    assert "Balma Le dossier a changé depuis votre demande" in text_of(jean.get(PAGE))
    told = jean.get(receipt)
    assert "Balma Le dossier a changé depuis votre demande" in text_of(told)
    assert f'<a href="{form_of("responsable")}">relisez-la et enregistrez-la de nouveau' in told.text
    form = text_of(jean.get(form_of("responsable")))
    assert "En attente de réponse : aujourd’hui, Balma. Cela a changé depuis votre demande" in form
    assert send_on_page(jean, "responsable").location == receipt
    assert "Balma → devient Toulouse en attente" in text_of(jean.get(PAGE))
    decide(app, "acceptation")
    assert adult().city == "Toulouse"


def test_the_journal_keeps_from_where_a_parent_asked_amended_and_withdrew(jean):
    receipt = ask(jean, phone_mobile="06 39 98 00 11").location
    ask(jean, phone_mobile="06 39 98 00 22")
    jean.send_form(f"{receipt}/retrait", {}, page=receipt)
    noted = db.session.query(Event).filter(Event.subject_kind == "request_line").order_by(Event.id)
    assert [(event.kind, event.address) for event in noted] == [
        ("line_submitted", "127.0.0.1"),
        ("line_amended", "127.0.0.1"),
        ("line_withdrawn", "127.0.0.1"),
    ]


def test_what_was_asked_in_any_order_is_read_in_the_section_s(app, jean):
    receipt = ask(jean, profession="Boulanger").location
    assert ask(jean, profession="Boulanger", quality="Tuteur").location == receipt
    ask(jean, profession="Boulanger", quality="Tuteur", city="Toulouse")
    guichet = app.test_client()
    guichet.log_in("guichet")
    for told in (jean.get(receipt), guichet.get(f"/agent{receipt}")):
        assert re.findall(r"(?:Père|SAINT - JEAN|non renseigné) → devient (\w+)", text_of(told)) == [
            "Tuteur",
            "Toulouse",
            "Boulanger",
        ]


def test_a_second_change_amends_the_one_that_waits(jean):
    first = ask(jean, phone_mobile="06 39 98 00 11").location
    assert ask(jean, phone_mobile="06 39 98 00 22").location == first
    (line,) = lines()
    assert (line.after, line.version, line.state) == ("06 39 98 00 22", 2, LineState.SUBMITTED)
    assert db.session.query(Request).count() == 1


def test_put_back_to_what_the_file_says_it_is_withdrawn(jean):
    ask(jean, phone_mobile="06 39 98 00 11")
    ask(jean, phone_mobile="")
    (line,) = lines()
    assert line.state is LineState.WITHDRAWN
    assert "en attente" not in text_of(jean.get(PAGE))


def test_nothing_changed_is_said(jean):
    answer = ask(jean)
    assert answer.status_code == 422
    assert "Rien n’est changé" in text_of(answer)


def test_accepted_it_stands_in_the_file_and_refused_it_does_not(app, jean):
    ask(jean, phone_mobile="06 39 98 00 11", profession="Boulanger")
    decide(app, "acceptation")
    decide(app, "refus", motif="Illisible")
    page = text_of(jean.get(PAGE))
    assert "Mobile : 06 39 98 00 11" in page
    assert "Boulanger" not in page
    assert "en attente" not in page


def test_an_agent_who_read_the_first_version_is_told(app, jean):
    ask(jean, phone_mobile="06 39 98 00 11")
    (line,) = lines()
    guichet = app.test_client()
    guichet.log_in("guichet")
    page = f"/agent/demandes/{line.request_id}"
    guichet.send_form(f"{page}/prise-en-charge", {}, page=page)
    assert "en cours de traitement" in text_of(jean.get(PAGE))
    old = guichet.get(page)
    ask(jean, phone_mobile="06 39 98 00 22")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', old.text)[1]
    stale = guichet.post(f"{page}/lignes/{line.id}/acceptation", data={"version": "1", "csrf_token": token})
    assert stale.status_code == 422
    assert "La famille a modifié sa demande entre-temps" in text_of(stale)
    assert "06 39 98 00 22" in text_of(stale)
    assert adult().phone_mobile == ""
