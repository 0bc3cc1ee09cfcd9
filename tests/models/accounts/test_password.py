"""The rules of the guide, and ours."""

import importlib.util
import sys

from hypothesis import given
from hypothesis import strategies as st

from app.models.accounts import password


def met(typed: str, identifiant: str = "jean.dupont") -> dict[str, bool | None]:
    return {rule.key: rule.met for rule in password.criteria(typed, identifiant)}


def test_the_first_four_rules_are_the_guide_s_word_for_word():
    assert [rule.text for rule in password.criteria()][:4] == [
        "8 caractères minimum",
        "Au moins 1 majuscule",
        "Au moins 1 minuscule",
        "Au moins 1 caractère numérique",
    ]


def test_nothing_is_judged_before_something_is_typed():
    assert {rule.met for rule in password.criteria()} == {None}


@given(st.text(min_size=1, max_size=30))
def test_a_password_has_no_failure_exactly_when_every_rule_is_met(typed):
    assert (password.failures(typed, "jean.dupont") == []) == all(met(typed).values())


def test_accents_count_as_letters():
    assert password.failures("Élodie2031", "x") == []
    assert met("ÉÉÉÉÉÉÉ1")["lower"] is False


def test_well_known_passwords_are_refused_whatever_their_case():
    for typed in ("Password1", "PASSWORD1", "Azerty123", "Motdepasse1"):
        assert met(typed)["known"] is False, typed
    assert len(password.well_known()) > 1000


def test_one_s_own_identifiant_is_refused():
    for typed in ("Jean.Dupont", "jean.dupont2026", "tnopud.naej", "*Jean.Dupont1"):
        assert met(typed)["identifiant"] is False, typed
    assert met("Soleil-2031")["identifiant"] is True


def test_an_accent_typed_in_two_ways_is_one_password():
    assert password.verify(password.hash_password("\u00c9lodie2031"), "E\u0301lodie2031")


def test_a_town_s_hashes_cost_what_was_chosen():
    """The tests hash cheaply: here the module is loaded afresh, as a town has it."""
    spec = importlib.util.spec_from_file_location("as_in_a_town", password.__file__)
    as_in_a_town = importlib.util.module_from_spec(spec)
    sys.modules["as_in_a_town"] = as_in_a_town  # its dataclass looks there
    spec.loader.exec_module(as_in_a_town)
    del sys.modules["as_in_a_town"]
    assert as_in_a_town.hash_password("Bonjour2026").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_hashes_are_argon2id_and_differ():
    one, two = (password.hash_password("Bonjour2026") for _ in range(2))
    assert one.startswith("$argon2id$")
    assert one != two
    assert password.verify(one, "Bonjour2026")
    assert not password.verify(one, "bonjour2026")


def test_no_hash_is_never_right():
    assert not password.verify(None, "Bonjour2026")
    assert not password.verify("not a hash", "Bonjour2026")


def test_one_time_passwords_are_letters_that_cannot_be_mistaken():
    made = {password.one_time() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert len(one) == 12
        assert one.isalpha()
        assert not set(one) & set("ilo")
