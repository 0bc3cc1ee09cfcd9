"""Mon compte: what the family sees of its file, and asks to be changed."""

import io
import re

import pytest

from app import db
from app.models.accounts import Account
from app.models.event import Event
from app.models.families import Adult, Civility, Finances
from app.models.jobs import Job
from app.models.requests import LineState, Proof, Request, RequestLine
from tests import stolen
from tests.conftest import text_of
from tests.files import accept_newest
from tests.filling import send_on

PAGE = "/mon-compte"
IDENTITY = {"civility": "Monsieur", "last_name": "DUPONT", "first_name": "JEAN", "situation": "Séparé"}
FILE = {
    **IDENTITY,
    "quality": "Père",
    "address": "12 RUE DES BONBONS",
    "postal_code": "31400",
    "city": "SAINT - JEAN",
    "phone_home": "01.02.03.04.05",
    "email": "jean.dupont@wanadoo.fr",
    "allows_sms": "non",
    "allows_email": "oui",
}
IBAN, OTHER = "FR7630006000011234567890189", "FR1420041010050500013M02606"
PDF = b"%PDF-1.7 attestation"
GARCIA = {"civility": "Monsieur", "last_name": "GARCIA", "first_name": "Paul"}


def form_of(section: str) -> str:
    return f"{PAGE}/{section}/modification"


def lines() -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id))


def adult(first_name: str = "JEAN") -> Adult:
    db.session.rollback()
    return db.session.query(Adult).filter_by(first_name=first_name).one()


def finances() -> Finances:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Finances).one()


def send(client, section: str, **wanted):
    return client.send_form(form_of(section), wanted)


def ask(jean, **wanted):
    return send(jean, "responsable", **{**FILE, **wanted})


def bank(jean, **wanted):
    return send(jean, "banque", **{"bank_holder": "DUPONT JEAN", "direct_debit": "", **wanted})


def caf(jean, content: bytes | None = None, **wanted):
    data = {"quotient": "742", **wanted}
    if content is not None:
        data["fichier"] = (io.BytesIO(content), "attestation.pdf")
    return jean.send_form(form_of("caf"), data, content_type="multipart/form-data")


@pytest.fixture
def on_file(app) -> None:
    """An account number that the town hall knows."""
    with app.app_context(), db.transaction():
        db.session.query(Finances).one().iban = IBAN


def send_on_page(client, section: str):
    """« Enregistrer », without touching anything."""
    return send_on(client, client.get(form_of(section)).text, form_of(section))


def decide(app, path: str, **data):
    """What the guichet does of the first line that waits."""
    guichet = app.test_client()
    guichet.log_in("guichet")
    line = next(one for one in lines() if one.state in (LineState.SUBMITTED, LineState.IN_REVIEW))
    page = f"/agent/demandes/{line.request_id}"
    return guichet.send_form(f"{page}/lignes/{line.id}/{path}", data, page=page)


# The page


def test_the_page_is_the_guide_s_letter_for_letter(jean):
    """Its two blocks, each in two columns."""
    page = jean.get(PAGE)
    pairs = re.findall(r'<div class="(pair.*?)"><dt>(.*?)\u00a0:</dt><dd>(.*?)</dd>', page.text, re.DOTALL)
    told = [("second" in where, label, re.sub(r"<[^>]+>", "", said).strip()) for where, label, said in pairs]
    mine, theirs = told[:22], told[22:37]
    blank = "non renseigné"
    assert [pair for block in (mine, theirs) for second in (False, True) for pair in _column(block, second)] == [
        ("Civilité", "Monsieur"),
        ("Nom", "DUPONT"),
        ("Qualité", "Père"),
        ("Adresse", "12 RUE DES BONBONS"),
        ("Ville", "SAINT - JEAN"),
        ("Téléphone prof.", blank),
        ("Email", "jean.dupont@wanadoo.fr"),
        ("Num banque", blank),
        ("CSP", blank),
        ("Adresse employeur", blank),
        ("Autorisation SMS", "Non"),
        ("N° Famille", "1001001818331"),
        ("Prénom", "JEAN"),
        ("Situation", "Séparé"),
        ("Code postal", "31400"),
        ("Téléphone domicile", "01.02.03.04.05"),
        ("Mobile", blank),
        ("Titulaire du compte", "DUPONT JEAN"),
        ("Profession", blank),
        ("Employeur", blank),
        ("Autorisation courriel", "Oui"),
        ("Organisme rattachement", "0"),
        ("Nom", "DUPONT"),
        ("Adresse", "Lotissement les bons bonbons"),
        ("Ville", "SAINT - JEAN"),
        ("Téléphone prof.", blank),
        ("Email", blank),
        ("CSP", blank),
        ("Adresse employeur", blank),
        ("Autorisation SMS", "Non"),
        ("Prénom", "JEANNE"),
        ("Code postal", "31400"),
        ("Téléphone domicile", blank),
        ("Mobile", blank),
        ("Profession", blank),
        ("Employeur", blank),
        ("Autorisation courriel", "Oui"),
    ]
    labels = [label for _, label, _ in mine]
    assert labels[1:5] == ["Civilité", "Nom", "Prénom", "Qualité"]  # as one reads them on a phone, in one column
    assert labels[6:9] == ["Adresse", "Code postal", "Ville"]
    headings = re.findall(r"<h[12][^>]*>(?:<svg.*?</svg>)?(?:<span>)?(.*?)<", page.text)
    assert headings[:3] == ["Informations famille", "Mon compte", "Mon conjoint"]


def _column(block: list[tuple[bool, str, str]], second: bool) -> list[tuple[str, str]]:
    return [(label, said) for of_second, label, said in block if of_second is second]


@pytest.mark.parametrize(
    ("civility", "situation", "said"),
    [
        (Civility.MONSIEUR, "Séparé", "Séparé"),
        (Civility.MADAME, "Séparé", "Séparée"),
        (Civility.MADAME, "Veuf", "Veuve"),
        (Civility.MADAME, "Vie maritale", "Vie maritale"),
        (Civility.MADAME, "En instance de divorce", "En instance de divorce"),
        (Civility.MADAME, "", "non renseigné"),
    ],
)
def test_the_situation_agrees_with_the_person(jean, civility, situation, said):
    with db.transaction():
        who = adult()
        who.civility, who.family.situation = civility, situation
    assert f"Situation : {said} Adresse" in text_of(jean.get(PAGE))
    assert "Séparé(e)" in text_of(jean.get(form_of("responsable")))


def test_the_bank_s_card_tells_the_holder_and_the_end_of_the_account_number(jean, on_file):
    card = text_of(jean.get(PAGE)).split("Coordonnées bancaires")[-2]
    assert "Titulaire du compte : DUPONT JEAN" in card
    assert "IBAN : •••• 0189" in card
    assert IBAN not in jean.get(PAGE).text


def test_the_five_entries_of_the_guide_lead_to_their_forms(jean):
    menu = re.search(r'<nav class="sections".*?</nav>', jean.get(PAGE).text, re.DOTALL)[0]
    assert re.findall(r'href="(.*?)".*?<span>(.*?)</span>', menu, re.DOTALL) == [
        (form_of("responsable"), "Infos Responsable"),
        (form_of("conjoint"), "Informations Conjoint"),
        (form_of("fiscales"), "Informations Fiscales"),
        (form_of("caf"), "Informations Caf"),
        (form_of("banque"), "Coordonnées Bancaires"),
    ]
    assert menu.count("<svg") == 5
    for section in ("responsable", "conjoint", "fiscales", "caf", "banque"):
        assert jean.get(form_of(section)).status_code == 200
    assert jean.get(form_of("autre")).status_code == 404


def test_the_page_costs_the_same_whatever_waits(jean, count_queries):
    with count_queries() as few:
        jean.get(PAGE)
    ask(jean, phone_mobile="06 39 98 00 11", profession="Boulanger", employer="Le Four")
    bank(jean, iban=IBAN, bic="AGRIFRPP")
    with count_queries() as many:
        jean.get(PAGE)
    assert len(many) <= len(few) <= 16


def test_the_stranger_sees_their_own_page_and_nothing_of_this_one(app, jean):
    ask(jean, phone_mobile="06 39 98 00 11")
    stranger = app.test_client()
    stranger.log_in("durand")
    page = text_of(stranger.get(PAGE))
    assert "DURAND" in page
    assert "BONBONS" not in page
    assert "06 39 98 00 11" not in page
    assert stranger.get(f"/demandes/{lines()[0].request_id}").status_code == 404


def test_agents_open_it_only_when_they_act_for_the_family(client):
    client.log_in("guichet")
    assert client.get(PAGE).status_code == 403
    client.send_form("/agent/familles/1/agir", {}, page="/agent/familles/1")
    assert "Informations famille" in text_of(client.get(PAGE))
    ask(client, phone_mobile="06 39 98 00 11")
    assert db.session.query(Request).one().clerk.name == "Claire Vidal"


# Asking


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


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"phone_mobile": "0612"}, "Ce numéro de téléphone ne semble pas juste"),
        ({"email": "jean@"}, "la forme nom@domaine.fr"),
        ({"postal_code": "3140"}, "Un code postal a 5 chiffres."),
        ({"last_name": "  "}, "Écrivez le nom."),
        ({"civility": ""}, "Choisissez Madame ou Monsieur."),
        ({"civility": "Docteur"}, "Choisissez dans la liste."),
        ({"address": "x" * 201}, "200 caractères au plus"),
    ],
)
def test_bad_input_is_said_by_the_field_and_above_and_nothing_typed_is_lost(jean, typed, sentence):
    answer = ask(jean, profession="Boulanger à l’ancienne", **typed)
    assert answer.status_code == 422
    assert text_of(answer).count(sentence) == 2
    assert "Boulanger à l’ancienne" in answer.text
    assert lines() == []


def test_what_the_file_says_already_is_not_judged(app, jean):
    """A number of another age must not keep a parent from changing an address."""
    with app.app_context(), db.transaction():
        person = db.session.query(Adult).filter_by(first_name="JEAN").one()
        person.phone_work, person.address, person.quality = "le soir  au voisin", "12  RUE  DES BONBONS", "Beau-père"
    shown = {"phone_work": "le soir  au voisin", "address": "12  RUE  DES BONBONS", "quality": "Beau-père"}
    assert ask(jean, **{**shown, "profession": "Boulanger"}).status_code == 303
    assert [line.field for line in lines()] == ["profession"]
    assert ask(jean, **{**shown, "phone_work": "le soir au cousin"}).status_code == 422


def test_a_code_and_a_town_that_do_not_go_together_are_asked_about_once(jean):
    moved = {"postal_code": "31000", "city": "Lyon"}
    answer = ask(jean, **moved)
    assert answer.status_code == 422
    assert "31000 est le code postal de Toulouse" in text_of(answer)
    sure = re.search(r'name="sure" type="hidden" value="(.*?)"', answer.text)[1]
    assert ask(jean, **moved, sure=sure).status_code == 303
    assert ask(jean, postal_code="69001", city="Toulouse", sure=sure).status_code == 422


def test_a_stale_page_comes_back_with_what_was_typed(jean):
    answer = jean.post(form_of("responsable"), data={**FILE, "profession": "Boulanger"})
    assert answer.status_code == 422
    assert "ouverte depuis longtemps" in text_of(answer)
    assert 'value="Boulanger"' in answer.text
    assert lines() == []


# Conjoint


def test_a_conjoint_s_details_are_asked_to_change(jean):
    wanted = {"civility": "Madame", "last_name": "DUPONT", "first_name": "JEANNE", "phone_mobile": "06 39 98 00 11"}
    send(jean, "conjoint", **{**wanted, "address": "Lotissement les bons bonbons", "postal_code": "31400",
                              "city": "SAINT - JEAN", "allows_sms": "non", "allows_email": "oui"})  # fmt: skip
    assert [(line.field, line.after) for line in lines()] == [("phone_mobile", "06 39 98 00 11")]
    assert adult("JEANNE").phone_mobile == ""


def test_what_waits_of_a_conjoint_beside_the_guide_s_fields_is_shown_as_long_as_it_waits(app, jean):
    jeanne = {"last_name": "DUPONT", "first_name": "JEANNE", "address": "Lotissement les bons bonbons",
              "postal_code": "31400", "city": "SAINT - JEAN", "allows_sms": "non", "allows_email": "oui"}  # fmt: skip
    assert text_of(jean.get(PAGE)).count("Qualité :") == 1
    assert send(jean, "conjoint", civility="Madame", quality="Tutrice", **jeanne).status_code == 303
    told = text_of(jean.get(PAGE))
    assert told.count("Qualité :") == 2
    assert re.search(r"Qualité : \S+( \S+)? → devient Tutrice en attente", told)
    while any(line.state in (LineState.SUBMITTED, LineState.IN_REVIEW) for line in lines()):
        decide(app, "acceptation")
    assert text_of(jean.get(PAGE)).count("Qualité :") == 1


@pytest.mark.parametrize(
    ("civility", "title"),
    [
        (Civility.MADAME, "Pour la joindre"),
        (Civility.MONSIEUR, "Pour le joindre"),
    ],
)
def test_the_conjoint_s_form_agrees_with_the_person(app, jean, civility, title):
    with app.app_context(), db.transaction():
        adult("JEANNE").civility = civility
    assert title in text_of(jean.get(form_of("conjoint")))
    assert "Pour vous joindre" in text_of(jean.get(form_of("responsable")))


def test_of_somebody_new_the_form_does_not_guess(client):
    client.log_in("durand")
    assert "Pour joindre cette personne" in text_of(client.get(form_of("conjoint")))


def test_a_file_without_conjoint_says_so_and_a_conjoint_is_added_once_accepted(app, client):
    client.log_in("durand")
    page = client.get(PAGE)
    assert "Votre dossier n’a pas de conjoint." in text_of(page)
    assert f'href="{form_of("conjoint")}"' in page.text
    answer = send(client, "conjoint", **GARCIA, phone_mobile="06 39 98 00 11")
    assert answer.status_code == 303
    assert "GARCIA" in text_of(client.get(PAGE))
    assert "Votre demande d’ajouter un conjoint attend" in text_of(client.get(PAGE))
    (line,) = lines()
    assert line.field == "conjoint"
    decide(app, "acceptation")
    assert "Prénom : Paul" in text_of(client.get(PAGE))
    assert adult("Paul").rank == 2


def test_a_conjoint_asked_for_is_amended_by_the_same_form(client):
    client.log_in("durand")
    send(client, "conjoint", **GARCIA)
    assert 'value="GARCIA"' in client.get(form_of("conjoint")).text
    send(client, "conjoint", **{**GARCIA, "last_name": "GARCÍA"})
    (line,) = lines()
    assert line.version == 2
    assert "GARCÍA" in line.after


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"last_name": ""}, "Écrivez le nom."),
        ({"phone_mobile": "12"}, "ne semble pas juste"),
        ({"civility": "Docteur", "seen": '{"civility": "Docteur"}'}, "Choisissez dans la liste."),
        ({"phone_mobile": "12", "seen": '{"phone_mobile": "12"}'}, "ne semble pas juste"),
    ],
)
def test_a_conjoint_is_checked_whatever_the_page_pretends_that_the_file_says(client, typed, sentence):
    client.log_in("durand")
    answer = send(client, "conjoint", **{**GARCIA, **typed})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert lines() == []


# Bank


def test_an_account_number_is_never_sent_to_the_page(app, jean, on_file):
    receipt = bank(jean, iban="fr14 2004 1010 0505 0001 3M02 606", bic="PSSTFRPPXXX").location
    assert lines()[0].after == OTHER
    for address in (PAGE, form_of("banque"), receipt, "/demandes?rubrique=banque"):
        page = jean.get(address).text
        for number in (IBAN, OTHER):
            assert number not in page, address
            assert number[4:14] not in page.replace(" ", ""), address
    assert "Num banque : •••• 0189 → devient •••• 2606 en attente" in text_of(jean.get(PAGE))
    told = text_of(jean.get(form_of("banque")))
    assert "Compte actuel : •••• 0189. En attente : •••• 2606. Laissez vide pour le garder." in told


def test_left_blank_it_stays_as_it_is(jean, on_file):
    bank(jean, bic="AGRIFRPP", iban="")
    assert [line.field for line in lines()] == ["bic"]
    assert finances().iban == IBAN


def test_an_account_is_taken_off_the_file_once_an_agent_accepts(jean, on_file):
    with db.transaction() as writing:
        known = writing.query(Finances).one()
        known.bic, known.direct_debit = "AGRIFRPP", "oui"
    assert "Retirer ce compte bancaire" in text_of(jean.get(form_of("banque")))
    page = jean.get(form_of("banque")).text
    kept = send_on(jean, page, form_of("banque"), no_account="y")
    assert kept.status_code == 422
    assert "Le prélèvement automatique demande un compte" in text_of(kept)
    receipt = send_on(jean, page, form_of("banque"), no_account="y", direct_debit="non").location
    assert {line.field: line.after for line in lines()} == {"iban": "", "bic": "", "direct_debit": "non"}
    for address in (receipt, PAGE, "/demandes?rubrique=banque"):
        assert IBAN not in jean.get(address).text
        assert "•••• 0189" in text_of(jean.get(address))
    waits = text_of(jean.get(form_of("banque")))
    assert "Compte actuel : •••• 0189. Vous avez demandé son retrait." in waits
    assert "Retirer ce compte bancaire" not in waits
    accept_newest()
    assert (finances().iban, finances().bic, finances().direct_debit) == (None, None, "non")


def test_an_account_is_not_taken_off_and_changed_at_once(jean, on_file):
    answer = send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), no_account="y", iban=OTHER)
    assert answer.status_code == 422
    assert "pas les deux" in text_of(answer)
    assert lines() == []


def test_nobody_takes_off_an_account_that_is_not_there(jean):
    assert "Retirer ce compte bancaire" not in text_of(jean.get(form_of("banque")))


def test_an_account_that_is_debited_meanwhile_stays(app, jean, on_file):
    send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), no_account="y")
    with db.transaction() as writing:
        writing.query(Finances).one().direct_debit = "oui"
    decide(app, "acceptation")
    assert finances().iban == IBAN


def test_the_agent_who_decides_reads_it_whole(app, jean):
    bank(jean, iban=IBAN)
    guichet = app.test_client()
    guichet.log_in("guichet")
    assert "FR76 3000 6000 0112 3456 7890 189" in text_of(guichet.get(f"/agent/demandes/{lines()[0].request_id}"))


@pytest.mark.parametrize("decision", ["acceptation", "refus"])
def test_once_decided_no_account_number_is_whole_any_more(app, jean, on_file, decision):
    bank(jean, iban=OTHER)
    decide(app, decision, motif="Illisible")
    guichet = app.test_client()
    guichet.log_in("guichet")
    told = text_of(guichet.get(f"/agent/demandes/{lines()[0].request_id}"))
    assert "•••• 0189 → devient •••• 2606" in told
    assert "FR76 3000" not in told
    assert "FR14 2004" not in told


def test_nor_is_the_one_of_a_request_that_was_taken_back(app, jean, on_file):
    receipt = bank(jean, iban=OTHER).location
    jean.send_form(f"{receipt}/retrait", {}, page=receipt)
    guichet = app.test_client()
    guichet.log_in("guichet")
    told = text_of(guichet.get(f"/agent{receipt}"))
    assert "•••• 2606" in told
    assert "FR14 2004" not in told


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"iban": "FR76 3000 6000 0112 3456 7890 188"}, "Cet IBAN est faux"),
        ({"iban": "FR7812345314000000000000142"}, "Cet IBAN"),
        ({"bic": "AGRI"}, "Ce BIC est faux"),
        ({"direct_debit": "oui"}, "Pour le prélèvement automatique, écrivez l’IBAN du compte."),
    ],
)
def test_a_wrong_account_is_refused_in_plain_words(jean, typed, sentence):
    answer = bank(jean, **typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert lines() == []


def test_direct_debit_goes_with_an_account_on_file_typed_or_asked_for(jean, on_file):
    assert bank(jean, direct_debit="oui").status_code == 303


def test_direct_debit_with_an_account_typed_or_asked_for(jean):
    assert bank(jean, iban=IBAN).status_code == 303
    assert bank(jean, direct_debit="oui").status_code == 303
    assert [line.field for line in lines()] == ["iban", "direct_debit"]


@pytest.mark.sqlite_only
def test_the_stolen_database_shows_no_account_number(app, jean, worker):
    """After asking, amending, accepting and refusing; jobs, journal and mail included."""
    folder = app.config["PREAU"].data_dir
    bank(jean, iban=IBAN)
    bank(jean, iban=OTHER, direct_debit="oui")
    assert send(jean, "fiscales", tax_income="31337942", tax_parts="2,5").status_code == 303
    caf(jean, PDF, fund="caf", fund_number="7654321")
    decide(app, "acceptation")
    decide(app, "refus", motif="Illisible")
    bank(jean, iban=IBAN)
    worker.run_all()
    with app.app_context():
        assert finances().iban == OTHER
        read = stolen.database(folder)
    assert stolen.betrays(read, "12 RUE DES BONBONS")  # what is not secret is found where it is sought
    for secret in (IBAN, OTHER, IBAN[4:], OTHER[4:], "30006000011234567890189", "31337942", "7654321"):
        assert not stolen.betrays(read, secret), secret


# Fiscales and CAF, with a paper


def test_what_fiscales_and_caf_hold_is_shown(app, jean):
    with app.app_context(), db.transaction():
        held = db.session.query(Finances).one()
        held.tax_income, held.tax_parts, held.fund, held.quotient, held.quotient_on = (
            "32450", "2,5", "caf", "742", "2015-01-15",
        )  # fmt: skip
    page = text_of(jean.get(PAGE))
    assert "Revenu fiscal de référence : 32 450 €" in page
    assert "Nombre de parts : 2,5" in page
    assert "Caisse : CAF" in page
    assert "Quotient familial : 742 €" in page
    assert "Date du quotient familial : 15/01/2015" in page


def test_tax_details_are_asked_to_change(jean):
    answer = send(jean, "fiscales", tax_income="32 450,00 €", tax_parts="2.50", tax_year="2014")
    assert answer.status_code == 303
    assert {line.field: line.after for line in lines()} == {
        "tax_income": "32450",
        "tax_parts": "2,5",
        "tax_year": "2014",
    }


def test_a_paper_is_sealed_and_forgotten_once_checked(app, jean, worker):
    caf(jean, PDF, fund_number="1234567")
    uploads = app.config["PREAU"].uploads_dir
    with app.app_context():
        kept = uploads / (key := db.session.query(Proof).one().storage_key)[:2] / key
    assert kept.exists()
    assert PDF not in kept.read_bytes()
    assert "déjà joint" in text_of(jean.get(form_of("caf")))
    decide(app, "acceptation")
    worker.run_all()
    assert kept.exists()  # another line waits
    decide(app, "refus", motif="Illisible")
    worker.run_all()
    assert not kept.exists()
    with app.app_context():
        assert db.session.query(Proof).count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "ni un PDF, ni une photo"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "ni un PDF, ni une photo"),
        (b'<?xml version="1.0"?><svg/>', "ni un PDF, ni une photo"),
        (b"GIF89a", "ni un PDF, ni une photo"),
        (b"%PDF-" + b"x" * 10_000_001, "dépasse 10 Mo"),
    ],
)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(app, jean, content, sentence):
    answer = caf(jean, content)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="742"' in answer.text
    assert lines() == []
    with app.app_context():
        assert db.session.query(Proof).count() == 0


@pytest.mark.parametrize("content", [PDF, b"\xff\xd8\xff\xe0 photo", b"\x89PNG\r\n\x1a\n photo"])
def test_papers_that_are_taken(jean, content):
    assert caf(jean, content).status_code == 303


def test_a_form_that_comes_back_says_that_the_paper_must_be_chosen_again(app, jean):
    before = [path for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()]
    shown = {"seen": '{"quotient": "700"}'}
    for answer in (caf(jean, PDF, quotient="-1"), caf(jean, PDF, **shown)):
        assert answer.status_code == 422
        assert "Choisissez de nouveau votre document : il n’a pas été gardé." in text_of(answer)
    assert [path for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()] == before


@pytest.mark.parametrize(
    ("section", "typed", "sentence"),
    [
        ("caf", {"quotient": "12,5"}, "sans centimes"),
        ("caf", {"quotient_on": "2015-05-05"}, "Cette date est dans l’avenir."),
        ("caf", {"quotient_on": "2015-02-30"}, "Écrivez une date qui existe."),
        ("caf", {"fund": "caf", "fund_number": "AB"}, "À la CAF, un n° allocataire a 7 chiffres"),
        ("fiscales", {"tax_parts": "2,3"}, "le nombre de parts"),
        ("fiscales", {"tax_year": "2016"}, "Écrivez l’année des revenus : 2014"),
    ],
)
def test_wrong_amounts_and_dates(jean, section, typed, sentence):
    answer = send(jean, section, **typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert lines() == []


def test_another_fund_alone_judges_the_number_that_stands(app, jean):
    with app.app_context(), db.transaction():
        known = db.session.query(Finances).one()
        known.fund, known.fund_number = "caf", "1234567"
    answer = send_on(jean, jean.get(form_of("caf")).text, form_of("caf"), fund="msa")
    assert answer.status_code == 422
    assert "À la MSA, le n° allocataire est un numéro de sécurité sociale" in text_of(answer)
    assert lines() == []


def test_another_account_alone_judges_the_bic_that_stands(app, jean):
    with app.app_context(), db.transaction():
        known = db.session.query(Finances).one()
        known.iban, known.bic = IBAN, "AGRIFRPP"
    answer = send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), iban="DE89 3704 0044 0532 0130 00")
    assert answer.status_code == 422
    assert "Ce BIC est d’un autre pays que l’IBAN" in text_of(answer)
    left_alone = send_on(jean, jean.get(form_of("banque")).text, form_of("banque"), bank_holder="DUPONT JEANNE")
    assert left_alone.status_code == 303


# Two adults


def test_the_two_adults_of_a_file_see_and_amend_the_same_request(app, jean):
    with app.app_context(), db.transaction() as writing:
        login = Account.create("jeanne.dupont", Account.named("jean.dupont").password_hash)
        writing.add(login)
        person = db.session.query(Adult).filter_by(first_name="JEANNE").one()
        person.account = login
    ask(jean, phone_mobile="06 39 98 00 11")
    other = app.test_client()
    other.log_in("jeanne.dupont")
    assert "06 39 98 00 11 en attente" in text_of(other.get(PAGE))
    ask(other, phone_mobile="06 39 98 00 22")
    (line,) = lines()
    assert (line.after, line.version) == ("06 39 98 00 22", 2)


# An older page, and a paper that comes alone


def test_what_changed_since_the_page_was_shown_is_told_and_nothing_typed_is_lost(jean):
    older = jean.get(form_of("responsable")).text
    ask(jean, phone_mobile="06 39 98 00 11")
    answer = send_on(jean, older, form_of("responsable"), phone_mobile="06 39 98 00 22", profession="Boulanger")
    assert answer.status_code == 422
    told = text_of(answer)
    assert "Ce que vous modifiez a changé depuis que cette page est ouverte." in told
    assert "Mobile est maintenant « 06 39 98 00 11 », vous aviez écrit « 06 39 98 00 22 »." in told
    assert [line.after for line in lines()] == ["06 39 98 00 11"]
    assert send_on(jean, answer.text, form_of("responsable")).status_code == 303
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 22",
        "profession": "Boulanger",
    }


def test_of_two_pages_the_second_account_number_is_not_taken_unread(jean, on_file):
    older = jean.get(form_of("banque")).text
    bank(jean, iban=OTHER)
    again = "FR76 3000 1007 9412 3456 7890 185"
    answer = send_on(jean, older, form_of("banque"), iban=again)
    assert answer.status_code == 422
    assert "IBAN est maintenant « •••• 2606 »" in text_of(answer)
    assert OTHER not in answer.text.replace(" ", "")
    assert send_on(jean, answer.text, form_of("banque"), iban=again).status_code == 303
    assert [line.after for line in lines() if line.field == "iban"] == [again.replace(" ", "")]


def test_put_back_by_a_double_click_it_shows_its_receipt(jean):
    receipt = ask(jean, phone_mobile="06 39 98 00 11").location
    page = jean.get(form_of("responsable")).text
    for _ in range(2):
        assert send_on(jean, page, form_of("responsable"), phone_mobile="").location == receipt


@pytest.mark.parametrize("figure", ["650", None])
@pytest.mark.parametrize(
    ("section", "field", "button"),
    [("caf", "quotient", "l’attestation de la caisse"), ("fiscales", "tax_income", "l’avis d’imposition")],
)
def test_a_paper_comes_alone_and_is_forgotten_once_read(app, jean, section, field, button, figure):
    with app.app_context(), db.transaction():
        setattr(db.session.query(Finances).one(), field, figure)
    url = form_of(section)
    assert "Vous pouvez l’envoyer seul." in text_of(jean.get(url))
    answer = send_on(jean, jean.get(url).text, url, fichier=(io.BytesIO(PDF), "a.pdf"))
    assert answer.status_code == 303
    receipt, waits = answer.location, f"{figure} €, confirmé par un document" if figure else "À lire sur le document"
    assert waits in text_of(jean.get(receipt))
    assert waits in text_of(jean.get(PAGE))
    assert waits.lower() in text_of(jean.get(f"/demandes?rubrique={section}")).lower()
    assert jean.get(f"{receipt}.pdf").status_code == 200
    guichet = app.test_client()
    guichet.log_in("guichet")
    page = text_of(guichet.get(f"/agent{receipt}"))
    assert waits in page
    assert f"Ouvrir {button}" in page
    decide(app, "acceptation")
    assert [line.state for line in lines()] == [LineState.ACCEPTED]
    assert getattr(finances(), field) == figure
    assert db.session.query(Proof).count() == 0
    assert db.session.query(Job).filter_by(kind="forget_file").count() == 1


def test_the_number_of_another_family_s_form_serves_once(app, client):
    for login, status in (("jean.dupont", 303), ("durand", 422)):
        client.log_in(login)
        answer = send(client, "caf", quotient="1234", submission="the-same")
        assert answer.status_code == status
        client.log_out()
    assert "Ce formulaire a déjà servi" in text_of(answer)
    assert db.session.query(Request).filter_by(submission="the-same").one().family_id == adult().family_id
