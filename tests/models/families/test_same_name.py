"""One person's name, however it is written."""

import pytest

from app.models.families.same_name import Alike, alike


@pytest.mark.parametrize(
    "written",
    [
        "NOIR Jean-Pierre",
        "Jean Pierre Noir",
        "jean‑pierre noir",
        "JEANPIERRE NOIR",
        "M. Noir Jean-Pierre",
        "Monsieur Jean-Pierre de Noir",
        "Jean-Pierre\u00a0 NOIR",
        "Jean\u200b-Pierre Noir",
        "Jéan-Piërre Noi\u0308r",
    ],
)
def test_the_same_letters_are_the_same_person(written):
    assert alike("Jean-Pierre NOIR", written) is Alike.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anne D’Angelo", "Anne D'ANGELO"),
        ("Anne Dangelo", "D\u02bcAngelo Anne"),
        ("Paul de La Fontaine", "Paul LAFONTAINE"),
        ("Paul de La Fontaine", "Fontaine Paul"),
        ("Dr Cœur Éloïse", "ELOISE COEUR"),
    ],
)
def test_apostrophes_particles_and_titles_do_not_count(one, other):
    assert alike(one, other) is Alike.SAME
    assert alike(other, one) is Alike.SAME


@pytest.mark.parametrize("other", ["J. Noir", "Mme NOIR", "Julie Noir", "Jacques Paul Noir-Blanc", "JP Noir"])
def test_a_surname_and_an_initial_are_perhaps(other):
    assert alike("Jacques NOIR", other) is Alike.MAYBE


@pytest.mark.parametrize("other", ["Paul Noir", "Jacques BLANC", "Noirot Jacques", "", "M.", "de la", "Rose Petit"])
def test_others_are_others(other):
    assert alike("Jacques NOIR", other) is Alike.NO


def test_a_long_name_is_compared_at_once():
    long = " ".join(f"mot{letter}" for letter in "abcdefghij")
    assert alike(long, " ".join(reversed(long.split()))) is Alike.SAME
