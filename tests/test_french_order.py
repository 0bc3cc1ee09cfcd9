"""The order of a list of names."""

import random

import pytest

from app.french_order import sort_key

LISTED = """
ABADIE ADAM ADÈLE ÆGIR AEROS AÏT-ALI BEN_ALI BENALI BÉNARD BENARDIN ÇELIK CELLIER COTE D’ANGELO D'ARC DA_SILVA
DANGLARD DE_LA_TOUR DE_SOUZA DEBRÉ DELATOUR ÉLOI EMERY ÉTIENNE GUIL GÜLER HERAUD HÉRAULT ÎLE ILHAN L’HÔTE LE_GALL
LEBRUN LEFEBVRE LEFÈVRE LHOTE LUC ŁUKASZ NOÉ NOËL O’BRIEN OBERLIN ODIN ŒUF OFFRET ØSTERGAARD ÖZ OZOUF PEÑA
SAINT-JEAN SAINTE-MARIE SAINTIN STRAUß ÝMIR YVES ZOÉ
"""
"""As the Unicode collation algorithm sorts them."""


def test_names_are_listed_as_in_a_french_dictionary():
    names = [name.replace("_", " ") for name in LISTED.split()]
    shuffled = random.Random(1).sample(names, len(names))
    assert sorted(shuffled, key=sort_key) == names


@pytest.mark.parametrize(
    "spelt",
    ["D’ANGELO", "D'ANGELO", "d angelo", "D-Angelo", "D’ÂNGELO", "D’A\u0302NGELO", " D’Angelo "],
)
def test_a_name_has_one_place_however_it_is_spelt(spelt):
    assert sort_key(spelt, "Zoé") == sort_key("D’Angelo", "ZOE") == "d-angelo zoe"


def test_all_of_a_name_come_before_a_longer_one_whatever_the_first_names():
    people = [("DE", "Zoé"), ("DE SOUZA", "Anne"), ("DEBRÉ", "Anne"), ("DEBRÉ", "Anne-Lise"), ("DEBRÉ", "Annette")]
    keys = [sort_key(*names) for names in people]
    assert keys == sorted(keys)


def test_letters_of_elsewhere_are_kept_and_signs_alone_come_first():
    assert sort_key("ИВАНОВА", "Анна") == "иванова анна"
    assert sort_key("’-", "Zoé") < sort_key("A", "Anne") < sort_key("Z", "Zoé") < sort_key("ИВАНОВА", "Анна")
