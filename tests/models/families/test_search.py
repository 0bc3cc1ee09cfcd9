"""Finding a family by what is typed."""

from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.models.families import Adult, Child, Civility, Custody, Family, search
from tests.builders import dupont

NEW = "2002002002002"
REACHED = {
    1: {
        "phone_mobile": "06 39 98 00 77",
        "email": "Anne.Lf78@courriel.example",
        "address": "12 bis, rue du Général-Leclerc",
        "postal_code": "33190",
        "city": "Saint-Martin-de-Ré",
    },
    2: {"phone_work": "+33 1 99 00 55 44", "phone_home": "+41 22 345 67 89", "address": "4 bd St Exupéry"},
}
SPOKEN = {
    "DE LA FONTAINE": [
        "lafontaine",
        "la fontaine",
        "de la fontaine",
        "fontaine",
        "delafontaine",
        "Mme De La Fontaine",
    ],
    "LAFONTAINE": ["lafontaine", "la fontaine", "de la fontaine", "M. et Mme de Lafontaine", "la-fontaine"],
    "SAINT-EXUPÉRY": ["st exupéry", "saint exupery", "saintexupery", "St-Exupéry", "st. exupery", "exupery st"],
    "ST EXUPERY": ["saint exupéry", "st exupery", "Saint-Exupéry"],
    "LE FÈVRE": ["lefevre", "Le Fevre", "anne lefevre", "famille le fèvre anne"],
    "N’GUYEN-ŒUVRARD": ["nguyen", "n guyen", "oeuvrard", "n'guyen œuvrard", "nguyen-oeuvrard"],
    "DUPONT MARTIN": ["Mme Martin", "madame dupont-martin", "mlle martin anne", "martin dupont"],
}


def found(typed: str) -> set[str]:
    """The numbers of the families that are found."""
    return set(db.session.scalars(select(Family.number).where(search.matches(typed))))


@pytest.fixture
def town(app):
    with app.app_context():
        yield app


@pytest.fixture
def lefevre(town) -> Family:
    """Anne LEFÈVRE and Jean-Pierre D’ANGELO, and Marie-Lou, who bears a name of two words."""
    with db.transaction():
        family = Family(number=NEW)
        db.session.add(family)
        db.session.flush()
        for rank, last_name, first_name in ((1, "LEFÈVRE", "Anne"), (2, "D’ANGELO", "Jean-Pierre")):
            names = {"last_name": last_name, "first_name": first_name, **REACHED[rank]}
            db.session.add(Adult(family_id=family.id, rank=rank, civility=Civility.MADAME, **names))
        child = Child(last_name="DA SILVA", first_name="Marie Lou", birth_date=date(2009, 1, 1))
        db.session.add(child)
        db.session.flush()
        db.session.add(Custody(child_id=child.id, family_id=family.id))
    return family


REMEMBERED = [
    "lefevre",
    "LEFÈVRE",
    "Lefe\u0301vre",
    "lef",
    "le fevre",
    "anne lefevre",
    "lefevre anne",
    "jean pierre",
    "jeanpierre",
    "Jean-Pierre",
    "pier",
    "d angelo",
    "dangelo",
    "d'angelo",
    "D’Angelo",
    "angelo jean-p",
    "marie-lou",
    "marielou",
    "dasilva",
    "da-silva",
    "silva lef",
    NEW,
    "2002 002 002 002",
    "2002.002.002.002",
    "200200",
    "  lefevre  ",
    "Mme Lefèvre",
    "Monsieur et Madame D’Angelo",
    "06 39 98 00 77",
    "0639980077",
    "06.39.98.00.77",
    "06-39-98-00-77",
    "+33 6 39 98 00 77",
    "+33 (0)6 39 98 00 77",
    "0033639980077",
    "33639980077",
    "06 39 98 00 7",
    "01 99 00 55 44",
    "+41 22 345 67 89",
    "0041 22 345",
    "anne.lf78@courriel.example",
    "ANNE.LF78@COURRIEL.EXAMPLE",
    "anne.lf78@",
    "lf78",
    "12 bis rue du général leclerc",
    "rue leclerc",
    "general-leclerc 12",
    "33190 st martin de ré",
    "lefevre leclerc",
    "boulevard saint-exupéry",
    "4 bd st exupery",
]


def test_a_family_is_found_by_what_one_remembers_of_it(lefevre):
    assert [typed for typed in REMEMBERED if found(typed) != {NEW}] == []


@pytest.mark.parametrize(
    "typed",
    [
        "evre",
        "lefevre dupont",
        "lefevree",
        "2002 001",
        "anne-dupont",
        "06 39 98 00 78",
        "39 98 00 77",
        "courriel.example",
        "12 rue du moulin",
        "et dupont",
        "mme",
    ],
)
@pytest.mark.sqlite_only
def test_it_is_not_found_by_what_is_not_its_own(lefevre, typed):
    assert NEW not in found(typed)


@pytest.mark.parametrize("written", SPOKEN)
@pytest.mark.sqlite_only
def test_a_name_is_found_as_it_is_said(lefevre, written):
    with db.transaction():
        db.session.query(Adult).filter_by(family_id=lefevre.id, rank=1).one().last_name = written
    assert [typed for typed in SPOKEN[written] if NEW not in found(typed)] == []


def test_names_alone_are_found_where_names_alone_are_looked_for(lefevre):
    def named(typed: str) -> set[str]:
        return set(db.session.scalars(select(Family.number).where(search.matches(typed, names_only=True))))

    assert named("Mme Lefèvre") == named("dangelo jean pierre") == named(NEW) == {NEW}
    assert named("leclerc") == named("06 39 98 00 77") == named("lefevre leclerc") == named("lf78") == set()


def test_a_new_telephone_is_found_and_the_old_one_is_not(lefevre):
    with db.transaction():
        anne = db.session.query(Adult).filter_by(last_name="LEFÈVRE").one()
        anne.phone_mobile, anne.email, anne.address = "07 00 00 00 01", "", "3 place Ronde"
    assert found("0700000001") == found("place ronde") == {NEW}
    assert found("06 39 98 00 77") == found("anne.lf78@courriel.example") == found("leclerc") == set()


def test_signs_find_nobody_and_within_a_word_are_no_wildcards(lefevre):
    for typed in ("%", "_", "%%%", "\\", "'", "’ -", "*", "\x00", "l%vre", "l_fevre", "lef_vre"):
        assert found(typed) == set(), typed


def test_nothing_typed_finds_everyone(lefevre):
    assert len(found("")) == len(found("  ")) == Family.count()


def test_names_in_other_letters_are_found(town):
    with db.transaction():
        jean = dupont()
        jean.last_name, jean.first_name = "ИВАНОВА", "Sørine"
    assert found("иванова") == found("sorine") == {"1001001818331"}


def test_a_new_name_is_found_and_the_old_one_is_not(lefevre):
    with db.transaction():
        db.session.query(Adult).filter_by(last_name="LEFÈVRE").one().last_name = "MERCIER"
    assert found("mercier") == {NEW}
    assert found("lefevre") == set()


def test_a_child_s_new_name_is_found_in_both_households(lefevre):
    with db.transaction():
        child = db.session.query(Child).filter_by(last_name="DA SILVA").one()
        db.session.add(Custody(child_id=child.id, family_id=dupont().family_id))
    assert found("marie-lou") == {NEW, "1001001818331"}
    with db.transaction():
        db.session.query(Child).filter_by(last_name="DA SILVA").one().first_name = "Garance"
    assert found("garance") == {NEW, "1001001818331"}
    assert found("marie-lou") == set()


def test_a_child_who_leaves_a_household_is_found_there_no_more(lefevre):
    with db.transaction():
        db.session.delete(db.session.query(Custody).filter_by(family_id=lefevre.id).one())
    assert found("silva") == set()
    assert found("lefevre") == {NEW}


@pytest.mark.parametrize("by", ["id", "row"])
def test_an_adult_who_goes_to_another_family_is_found_there_alone(lefevre, by):
    """A split: the family that is left must forget the name."""
    with db.transaction():
        leaving = db.session.query(Adult).filter_by(last_name="D’ANGELO").one()
        family = Family(number="3003003003003")
        db.session.add(family)
        db.session.flush()
        leaving.rank = 1
        if by == "id":
            leaving.family_id = family.id
        else:
            leaving.family = family
    assert found("dangelo") == {"3003003003003"}


def test_a_custody_that_goes_to_another_family_takes_the_child_s_name_along(lefevre):
    with db.transaction():
        db.session.query(Custody).filter_by(family_id=lefevre.id).one().family_id = dupont().family_id
    assert found("silva") == {"1001001818331"}


def test_a_new_number_is_found(lefevre):
    with db.transaction():
        db.session.get_one(Family, lefevre.id).number = "4004004004004"
    assert found("4004 004") == {"4004004004004"}
    assert found(NEW) == set()


def test_what_was_rolled_back_is_not_found(lefevre):
    def fail() -> None:
        with db.transaction() as writing:
            writing.query(Adult).filter_by(last_name="LEFÈVRE").one().last_name = "MERCIER"
            writing.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert found("mercier") == set()
    assert found("lefevre") == {NEW}
