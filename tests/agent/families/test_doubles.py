"""Twice the same child, or the same family: told where it would be made, and blocked by nothing."""

from datetime import date

import pytest

from app import db
from app.models.families import Adult, Child, Custody, Family
from app.models.families.same_name import may_be_one_child
from tests.agent.families.test_file import MARTIN, NEW
from tests.builders import dupont, durand
from tests.conftest import text_of
from tests.filling import send, send_on, shown

BORN = date(2008, 3, 12)
NEAR = [("Dupont-Martin", "Léa"), ("DUPONT", "Léa Marie"), ("MARTIN DUPONT", "Lea")]
"""Other names of the guide's child, Léa DUPONT."""


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def children(app) -> int:
    with app.app_context():
        return db.session.query(Child).count()


@pytest.mark.parametrize(
    ("first", "other", "is_told"),
    [
        (("Léa", "DUPONT"), ("Léa Marie", "Dupont-Martin"), True),
        (("Jean-Pierre", "LE GALL"), ("JEANPIERRE", "Legall"), True),
        (("Léa", "DUPONT"), ("Léo", "DUPONT"), False),  # twins
        (("Marie-Lou", "DUPONT"), ("Marie-Ange", "DUPONT"), False),
        (("Léa", "DUPONT"), ("Léa", "MARTIN"), False),
        (("Léa", "DE SOUZA"), ("Léa", "DE MATOS"), False),
    ],
)
def test_twins_have_names_of_their_own(first, other, is_told):
    assert may_be_one_child(*first, *other) is is_told


@pytest.mark.parametrize(("last_name", "first_name"), NEAR)
@pytest.mark.parametrize("adult", [dupont, durand])
def test_a_child_of_nearly_the_same_name_is_told_at_the_desk(guichet, app, adult, last_name, first_name):
    with app.app_context():
        url = f"/agent/familles/{adult().family_id}/enfants/nouveau"
    before = children(app)
    told = send(guichet, url, last_name=last_name, first_name=first_name, birth_date=BORN.isoformat())
    assert told.status_code == 422
    assert "du même nom ou presque, né le même jour" in text_of(told)
    where = "déjà dans ce dossier" if adult is dupont else "chez JEAN DUPONT et JEANNE DUPONT"
    assert where in text_of(told)
    with app.app_context():
        known = str(Child.of_family(dupont().family_id)[0].id)
    assert children(app) == before
    assert send_on(guichet, told.text, url, others=known).status_code == 303
    assert children(app) == before + 1
    if adult is dupont:
        assert "peut-être le même enfant, noté deux fois" in text_of(
            guichet.get(url.removesuffix("/enfants/nouveau"))
        )


def test_a_twin_passes_at_the_desk(guichet, app):
    with app.app_context():
        url = f"/agent/familles/{dupont().family_id}/enfants/nouveau"
    assert send(guichet, url, last_name="DUPONT", first_name="Léo", birth_date=BORN.isoformat()).status_code == 303


@pytest.mark.parametrize(("last_name", "first_name"), NEAR)
def test_a_parent_is_told_of_the_own_file_and_the_agent_of_all(app, jean, last_name, first_name):
    page, typed = (
        jean.get("/enfants/ajout").text,
        {"birth_place": "Toulouse", "sex": "fille", "school": "Jean-Moulin"},
    )
    typed |= {"last_name": last_name, "first_name": first_name, "birth_date": BORN.isoformat()}
    told = send_on(jean, page, "/enfants/ajout", **typed)
    assert told.status_code == 422
    assert "est déjà dans votre dossier" in text_of(told)
    sent = jean.post("/enfants/ajout", data=shown(told.text, "/enfants/ajout"))
    assert sent.status_code == 303
    agent = app.test_client()
    agent.log_in("guichet")
    answer = agent.get(f"/agent{sent.location}")
    assert "Un enfant né le même jour, d’un nom voisin, a déjà un dossier." in text_of(answer)
    assert "/acceptation" in answer.text


def test_a_parent_reads_nothing_of_other_families_and_a_twin_passes(app, jean):
    for last_name, first_name in (("DUPONT", "Léo"), ("DURAND", "Léa")):
        typed = {"last_name": last_name, "first_name": first_name, "birth_date": BORN.isoformat()}
        typed |= {"birth_place": "Toulouse", "sex": "fille", "school": "Jean-Moulin"}
        assert send(jean, "/enfants/ajout", **typed).status_code == 303


@pytest.mark.parametrize(
    ("theirs", "typed"),
    [
        ({"email": "Sophie.Durand@example.org"}, {"premier-email": "sophie.durand@EXAMPLE.org"}),
        ({"phone_mobile": "06 39 98 77 66"}, {"premier-phone_mobile": "+33 6.39.98.77.66"}),
        ({"phone_mobile": "+33639987766"}, {"premier-phone_mobile": "0639987766"}),
    ],
)
@pytest.mark.both_engines
def test_a_family_reached_as_another_is_told_and_opened_only_when_the_agent_insists(guichet, app, theirs, typed):
    with app.app_context(), db.transaction() as writing:
        for name, value in theirs.items():
            setattr(writing.get_one(Adult, durand().id), name, value)
        known = str(durand().family_id)
    told = send(guichet, NEW, **MARTIN | typed)
    assert told.status_code == 422
    assert "SOPHIE DURAND" in text_of(told)
    assert send_on(guichet, told.text, NEW, others=known).status_code == 303


def test_an_adult_who_joins_and_is_reached_as_another_file_s_is_told(guichet, app):
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Adult, dupont().id).email = "jean@example.org"
        url = f"/agent/familles/{durand().family_id}/responsables/nouveau"
    adult = {"civility": "Monsieur", "last_name": "Petit", "first_name": "Paul", "email": "jean@example.org"}
    answer = send(guichet, url, **adult)
    assert "a ce courriel ou ce mobile" in text_of(guichet.get(answer.location))


def test_a_merge_tells_of_one_child_under_two_names(guichet, app):
    with app.app_context(), db.transaction() as writing:
        made = Family(number="2000000000001")
        child = Child(last_name="DUPONT-MARTIN", first_name="Léa", birth_date=BORN)
        writing.add_all((made, child))
        writing.flush()
        writing.add(Custody(child_id=child.id, family_id=made.id))
        kept = dupont().family_id
        other = made.id
    page = text_of(guichet.get(f"/agent/familles/{kept}/reunion?avec={other}"))
    assert "écrivez d’abord son nom de la même façon dans les deux dossiers" in page
