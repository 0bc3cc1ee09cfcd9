"""The page of a dossier saves by itself."""

from tests.conftest import text_of
from tests.files import lea
from tests.filling import send, send_on
from tests.parent.children.filling_in import fill, kept, page, save_by_itself


def test_the_page_saves_by_itself_without_calling_the_step_done(jean):
    html = jean.get(page("sante")).text
    answer = save_by_itself(jean, html, "sante", doctor="Dr MARTIN")
    assert answer.status_code == 200
    assert "Enregistré lundi 4 mai 2015" in text_of(answer)
    assert kept()["sante"]["wanted"] == {"doctor": "Dr MARTIN"}
    assert "Données sanitaires commencée" in text_of(jean.get(page()))
    assert answer.text.strip() in jean.get(page("sante")).text  # fragment equals page


def test_by_itself_it_saves_what_is_right_and_judges_nothing(jean):
    html = jean.get(page("sante")).text
    save_by_itself(jean, html, "sante", doctor="Dr MARTIN", doctor_phone="05 36 49 12 34")
    answer = save_by_itself(jean, html, "sante", doctor="Dr PETIT", doctor_phone="12")
    assert "sauf ce qui est à corriger" in text_of(answer)
    assert "ne semble pas juste" not in text_of(answer)
    assert kept()["sante"]["wanted"] == {"doctor": "Dr PETIT", "doctor_phone": "05 36 49 12 34"}


def test_what_the_page_saved_by_itself_never_comes_after_what_the_parent_saved(jean):
    html = jean.get(page("sante")).text
    send_on(jean, html, page("sante"), doctor="Dr MARTIN")
    save_by_itself(jean, html, "sante", doctor="Dr MAR")  # left first, arrived last
    assert kept()["sante"]["wanted"] == {"doctor": "Dr MARTIN"}
    assert kept()["sante"]["done"]


def test_with_a_stale_token_the_page_says_that_it_saved_nothing(jean):
    html = jean.get(page("sante")).text
    answer = save_by_itself(jean, html, "sante", csrf_token="stale", doctor="Dr MARTIN")
    assert "ouverte depuis longtemps" in text_of(answer)
    assert kept() == {}


def test_begun_anew_the_draft_is_forgotten(jean):
    fill(jean, "informations", class_name="CE2")
    jean.send_form(f"{page()}/suppression", {}, page=page())
    assert kept() == {}
    assert 'value="CE1"' in jean.get(page("informations")).text


def test_what_was_seen_to_of_the_documents_is_noted_and_one_is_given_from_the_step(jean):
    import io  # noqa: PLC0415

    from tests.parent.children.test_documents import HOME, PDF, kind  # noqa: PLC0415

    url = f"/enfants/{lea().id}/documents/{kind(HOME)}"
    sent = {"fichier": (io.BytesIO(PDF), "a.pdf")}
    answer = jean.send_form(url, sent, page=page("documents"), content_type="multipart/form-data")
    assert answer.location == page("documents")
    assert "Justificatif de domicile reçue, en cours de vérification" in text_of(jean.get(answer.location))
    wrong = {"fichier": (io.BytesIO(b"<html>"), "a.pdf")}
    again = jean.send_form(url, wrong, page=page("documents"), content_type="multipart/form-data")
    assert again.status_code == 422
    assert "Étape 7 sur 8" in text_of(again)
    assert send(jean, page("documents")).location == page("envoi")
    assert "Documents faite" in text_of(jean.get(page()))
