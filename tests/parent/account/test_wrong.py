"""Mon compte: wrong input."""

import re

import pytest

from app import db
from app.models.families import Adult
from tests.conftest import text_of
from tests.parent.account.asking import FILE, ask, form_of, lines


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
