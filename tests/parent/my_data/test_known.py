"""Mes données: what is known, a copy of it all, what will be erased; and nothing of another household."""

import io
import json
import zipfile

import pytest

from app import db
from app.models.accounts import Account
from app.models.documents import Document
from app.models.event import Event
from app.models.families import (
    Child,
)
from tests.builders import dupont
from tests.conftest import text_of
from tests.filling import send
from tests.parent.my_data.copies import PAGE, PDF, ask, exports, fetch, lea

pytestmark = pytest.mark.both_engines


def data_of(client, worker) -> dict:
    return json.loads(fetch(client, worker).read("donnees.json"))


def test_it_is_asked_for_made_by_the_worker_announced_and_fetched(jean, app, worker, known):
    answer = ask(jean)
    assert answer.status_code == 303
    page = jean.get(PAGE)
    assert "en préparation" in text_of(page)
    assert 'data-hx-trigger="every 4s"' in page.text
    worker.run_all()
    page = jean.get(PAGE)
    assert "Votre copie est prête" in text_of(page)
    assert "data-hx-trigger" not in page.text
    (made,) = exports()
    answer = jean.get(f"{PAGE}/{made.id}.zip")
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    with app.app_context():
        given = db.session.query(Document).filter_by(submission="a-submission").one()
    assert archive.namelist()[:2] == ["LISEZ-MOI.txt", "donnees.json"]
    assert archive.read(f"fichiers/{given.filename}") == PDF
    assert "JEAN DUPONT" in archive.read("LISEZ-MOI.txt").decode()
    mails = app.config["PREAU"].mails_dir.glob("*.eml")
    (mail,) = (text for one in mails if "copie" in (text := one.read_text()))
    assert "http://localhost/mes-donnees" in mail
    assert "DUPONT" not in mail.partition("\n\n")[2]  # nothing of what the file says


def test_it_says_all_that_the_portal_knows_in_french(jean, worker, known):
    told = data_of(jean, worker)
    assert told["Famille"][0]["Numéro"] == "1001001818331"
    assert {one["Prénom"] for one in told["Responsable et conjoint"]} == {"JEAN", "JEANNE"}
    assert told["Votre compte"][0]["Identifiant"] == "jean.dupont"
    assert told["Ressources et coordonnées bancaires"][0]["IBAN"] == "FR7630001007941234567890185"
    assert {"Enfant": "LEA DUPONT", "Type": "Allergie alimentaire", "Texte": "arachide"} in told["Allergies"]
    (draft,) = told["Dossiers d’inscription commencés"]
    assert draft["Réponses"] == {"Données sanitaires": {"Médecin traitant": ["Dr Aubert"]}}
    assert told["Données sanitaires"][0]["Médecin traitant"] == "Dr Lenoir"
    assert "Sorties" in {one["Type"] for one in told["Autorisations"]}
    assert told["Factures"][0]["Montant en euros"] == 120.6
    assert told["Compte de la famille"][0]["Facture"] == "AL-36"
    assert told["Messages"][0]["De"] == "La structure"
    assert {one["Prestation"] for one in told["Inscriptions"]} >= {"Garderie matin", "Restauration scolaire"}
    assert {"Inscription": "LEA, Restauration scolaire", "Jour": "2015-04-09", "État": "Réservé"} in told[
        "Réservations et absences"
    ]
    assert told["Pointage"][0]["Présent"] is True
    (line,) = told["Lignes de demandes"]
    assert (line["Sur"], line["Valeur demandée"]) == ("LEA, Traitements en cours", ["ventoline"])
    assert {"JEAN DUPONT"} == {one["Donné par"] for one in told["Pièces"]}
    assert "Connexion" in {one["Quoi"] for one in told["Journal"]}


def test_no_secret_no_note_of_a_judgment_and_no_agent_is_in_it(jean, app, worker, known):
    with app.app_context():
        agent = Account.named("guichet").agent
        with db.transaction() as writing:
            writing.add(Event(kind="family_changed", actor_id=agent.account_id, family_id=1, address="10.9.8.7"))
        account = Account.named("jean.dupont")
        hashed = account.password_hash
    whole = fetch(jean, worker).read("donnees.json").decode()
    for secret in (hashed, "argon2", "jugement du tribunal", "Le voisin interdit", "10.9.8.7", agent.name):
        assert secret not in whole
    told = json.loads(whole)["Journal"]
    assert next(one for one in told if one["Quoi"] == "Dossier modifié")["Par"] == "la mairie"
    assert next(one for one in told if one["Quoi"] == "Connexion")["Depuis l’adresse"] == "127.0.0.1"


def test_who_must_not_come_is_told_to_neither_household_not_even_by_an_older_journal(
    jean, app, worker, other_household
):
    agent = app.test_client()
    agent.log_in("guichet")
    barred = {"forbidden-1-name": "Camille Secretnom", "forbidden-1-link": "père", "forbidden-1-phone": "0639985538"}
    with app.app_context():
        url = f"/agent/enfants/{lea().id}/personnes-interdites/modification?famille={dupont().family_id}"
    assert send(agent, url, **barred).status_code == 303
    with app.app_context(), db.transaction():
        for family_id in Child.homes(lea().id):
            written = {"before": {"forbidden": ""}, "after": {"forbidden": "Dominique Ancien, oncle"}}
            Event.record("child_changed", subject=lea(), family_id=family_id, **written)
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    for parent in (jean, jeanne):
        told = data_of(parent, worker)
        assert [one["Quoi"] for one in told["Journal"]].count("Enfant modifié") == 2
        for hidden in ("Secretnom", "0639985538", "Dominique Ancien", "Le voisin interdit"):
            assert hidden not in json.dumps(told, ensure_ascii=False)
