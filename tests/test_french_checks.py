"""What is typed in a form: the laws of each number, and what a hostile hand would send."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as iban_number
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.demo.files import account_number
from app.forms.checks import CHECKS, TIDY, dialled, digits, quarters, tidy, tidy_lines
from app.forms.places import doubt
from app.forms.section_form import field_of
from app.models.families.sections.account import BANQUE, CAF, FISCALES, RESPONSABLE
from app.models.families.sections.section import Section

GOOD = "FR1420041010050500013M02606"
DIGITS = st.text("0123456789", min_size=11, max_size=11)


def errors(section: Section, **typed: str) -> str:
    """What the form says of these fields, together."""
    fields = {one.name: field_of(one) for one in section.fields if one.name in typed}
    form = type("Typed", (Form,), fields)(MultiDict(typed))
    form.validate()
    return " ".join(message for field in form for message in field.errors)


def french(bank: str, branch: str, account: str, key: int | None = None) -> str:
    """An IBAN whose check digits are right, and its RIB key too unless another is given."""
    right = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    bban = f"{bank}{branch}{account}{right if key is None else key:02d}"
    return f"FR{iban_number.calc_check_digits(f'FR00{bban}')}{bban}"


@pytest.mark.parametrize(
    "iban",
    [
        GOOD,
        "FR76 3000 6000 0112 3456 7890 189",
        "fr76-3000-6000-0112-3456-7890-189",
        "MC58 1122 2000 0101 2345 6789 030",
        "DE89 3704 0044 0532 0130 00",
        "BE68 5390 0754 7034",
    ],
)
def test_the_ibans_of_the_textbooks_are_right(iban):
    assert errors(BANQUE, iban=iban) == ""


@pytest.mark.parametrize("unseen", ["\u200b", "\u200b \u2060\ufeff", "\u00ad", "\x00", "\u202e\u200f"])
def test_a_name_that_nobody_sees_is_no_name(unseen):
    assert "Écrivez le nom." in errors(RESPONSABLE, last_name=unseen)
    assert tidy(f"DU{unseen}PONT").replace(" ", "") == "DUPONT"


@settings(deadline=None)
@given(st.integers(0, 99999), st.integers(0, 99999), st.integers(0, 10**11 - 1))
def test_an_iban_whose_two_keys_are_right_is_taken(bank, branch, account):
    assert errors(BANQUE, iban=french(f"{bank:05d}", f"{branch:05d}", f"{account:011d}")) == ""


@settings(deadline=None)
@given(st.integers(0, 10**11 - 1), st.integers(1, 96))
def test_an_iban_whose_rib_key_alone_is_wrong_is_refused(account, shift):
    number = f"{account:011d}"
    right = 97 - (89 * 12345 + 15 * 31400 + 3 * account) % 97
    wrong = (right + shift - 1) % 97 + 1
    iban = french("12345", "31400", number, wrong)
    assert iban_number.is_valid(iban)  # its own check digits are right: only the second key tells
    assert "clé RIB" in errors(BANQUE, iban=iban)


@settings(deadline=None)
@given(st.integers(0, 26), st.sampled_from("0123456789ABCXYZ"))
def test_an_iban_with_one_character_changed_is_refused(place, other):
    if GOOD[place] != other:
        assert errors(BANQUE, iban=GOOD[:place] + other + GOOD[place + 1 :]) != ""


@pytest.mark.parametrize(
    "iban",
    ["FR14", "FR", "XX00", GOOD + "0", GOOD[:-1], "FR１４20041010050500013M02606", "FR14/20041010050500013M02606",
     "<script>", "' OR 1=1", "FR76\x0030006000011234567890189", "0" * 200],
)  # fmt: skip
def test_what_is_no_iban_is_refused(iban):
    assert errors(BANQUE, iban=iban) != ""


def test_the_demonstration_s_account_numbers_are_right():
    assert errors(BANQUE, iban=account_number(424242)) == ""


@pytest.mark.parametrize("bic", ["AGRIFRPP", "agrifrpp", "BNPAFRPPXXX", "CMCIFR2A"])
def test_bics(bic):
    assert errors(BANQUE, bic=bic) == ""


@pytest.mark.parametrize(
    ("iban", "bic"),
    [(GOOD, "AGRIFRPP"), (GOOD, "BNPAGPGX"), ("MC58 1122 2000 0101 2345 6789 030", "CMCIFR2A"),
     ("DE89 3704 0044 0532 0130 00", "COBADEFF")],
)  # fmt: skip
def test_a_bic_of_the_account_s_country(iban, bic):
    assert errors(BANQUE, iban=iban, bic=bic) == ""


@pytest.mark.parametrize(("iban", "bic"), [("DE89 3704 0044 0532 0130 00", "AGRIFRPP"), (GOOD, "COBADEFF")])
def test_a_bic_of_another_country(iban, bic):
    assert "Ce BIC est d’un autre pays que l’IBAN" in errors(BANQUE, iban=iban, bic=bic)


@pytest.mark.parametrize("bic", ["AGRIFRP", "AGRIFRPP1", "AGR1FRPP", "AGRIFRPP\u0660\u0661\u0662"])
def test_what_is_no_bic(bic):
    assert "BIC est faux" in errors(BANQUE, bic=bic)


@pytest.mark.parametrize(
    "number",
    ["01.02.03.04.05", "06 39 98 00 11", "+33 6 39 98 00 11", "05-61-34-56-78", "0692 12 34 56", "0590 20 12 34",
     "+32 2 555 12 12", "(0)5 61 34 56 78"[3:]],
)  # fmt: skip
def test_phones_that_ring(number):
    assert errors(RESPONSABLE, phone_mobile=number) == ""


@pytest.mark.parametrize(
    "number",
    ["06", "0612", "99 99 99 99 99", "0561CALLME", "０５６１１２３４５６", "05 61 34 56 78 poste 3",
     "0199001234567890", "+999 1234567", "javascript:alert(1)", "05 61 34 56 7O"],
)  # fmt: skip
def test_phones_that_do_not(number):
    assert "ne semble pas juste" in errors(RESPONSABLE, phone_mobile=number)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("0612345678", "06 12 34 56 78"),
        ("06.12-34 56  78", "06 12 34 56 78"),
        ("+33 (0)6 12 34 56 78", "06 12 34 56 78"),
        ("0690123456", "0690 12 34 56"),
        ("+32 25551212", "+32 2 555 12 12"),
        ("06 12 34", "06 12 34"),
        ("06 12 34 56 78 ou 05 61 00 00 00", "06 12 34 56 78 ou 05 61 00 00 00"),
        (None, ""),
    ],
)
def test_phones_are_written_in_one_way(typed, written):
    assert dialled(typed) == written
    assert dialled(written) == written


@pytest.mark.parametrize(
    "mail", ["jean", "jean@", "jean@x", "a@b@c.fr", "Jean <jean@x.fr>", "jéan@x.fr", "a\nb@x.fr"]
)
def test_what_is_no_mail_address(mail):
    assert "forme nom@domaine.fr" in errors(RESPONSABLE, email=mail)


@pytest.mark.parametrize("code", ["3140", "314000", "3140A", "00000", "96000", "99123", "３１４００"])
def test_what_is_no_postal_code(code):
    assert "code postal" in errors(RESPONSABLE, postal_code=code)


@pytest.mark.parametrize("code", ["31400", "31 400", "01000", "20000", "97411", "98800"])
def test_postal_codes(code):
    assert errors(RESPONSABLE, postal_code=code) == ""


@pytest.mark.parametrize(
    ("code", "town"),
    [("31240", "SAINT - JEAN"), ("31240", "St-Jean"), ("31240", "L’Union"), ("75015", "Paris"),
     ("75015", "PARIS 15e"), ("13001", "Marseille 01"), ("31400", "Toulouse Cedex 4"), ("97460", "St Paul"),
     ("31400", "Hameau du Bois"),
     ("98800", "Nouméa"), ("31240", ""), ("", "Toulouse"), ("80190", "Y")],
)  # fmt: skip
def test_a_code_and_its_town(code, town):
    assert doubt(code, town) == ""


@pytest.mark.parametrize(
    ("code", "town", "said"),
    [
        ("31999", "Toulouse", "31999 ne figure pas"),
        ("31400", "Saint-Jean", "31400 est le code postal de Toulouse"),
        ("31000", "Lyon", "celui de Lyon est 69001"),
    ],
)
def test_a_code_and_another_town(code, town, said):
    assert said in doubt(code, town)


@pytest.mark.parametrize(
    ("fund", "number"),
    [("caf", "1234567"), ("caf", "1234567 X"), ("caf", "12345"), ("msa", "1 85 05 78 006 084"),
     ("msa", "185057800608491"), ("msa", "185052A006084"), ("autre", "AB12345"), ("", "1234567")],
)  # fmt: skip
def test_fund_numbers(fund, number):
    assert errors(CAF, fund=fund, fund_number=number) == ""


@pytest.mark.parametrize(
    ("fund", "number"),
    [("caf", "12345678"), ("caf", "ABCDEFG"), ("msa", "1234567"), ("msa", "185057800608492"), ("autre", "12"),
     ("", "<b>12345</b>"), ("caf", "１２３４５６７")],
)  # fmt: skip
def test_what_is_no_fund_number(fund, number):
    assert "n° allocataire" in errors(CAF, fund=fund, fund_number=number)


@pytest.mark.parametrize(("typed", "kept"), [("32 450,00 €", "32450"), ("0", "0"), ("32\u202f450", "32450")])
def test_amounts(typed, kept):
    assert digits(typed) == kept
    assert errors(FISCALES, tax_income=typed) == ""


@pytest.mark.parametrize("typed", ["-5", "12,5", "1e5", "NaN", "٣٢", "12.000", "0x10"])
def test_what_is_no_amount(typed):
    assert "Écrivez un montant" in errors(FISCALES, tax_income=typed)


@pytest.mark.parametrize(
    ("typed", "kept"), [("2,50", "2,5"), ("2.5", "2,5"), ("2,0", "2"), ("10", "10"), ("1,75", "1,75")]
)
def test_parts(typed, kept):
    assert quarters(typed) == kept
    assert errors(FISCALES, tax_parts=typed) == ""


@pytest.mark.parametrize("typed", ["0", "0,5", "2,3", "100", "-1", "deux"])
def test_what_is_no_number_of_parts(typed):
    assert "nombre de parts" in errors(FISCALES, tax_parts=typed)


@pytest.mark.parametrize("typed", ["1999", "2099", "15", "２０１４"])
def test_a_year_without_income(typed):
    assert "année des revenus" in errors(FISCALES, tax_year=typed)


@settings(deadline=None)
@given(st.text())
def test_what_is_tidied_once_is_tidy(text):
    for tidied in {*TIDY.values(), tidy, tidy_lines}:
        assert tidied(tidied(text)) == tidied(text)


@settings(deadline=None)
@given(st.sampled_from(sorted(CHECKS)), st.text(max_size=60))
def test_no_text_breaks_a_check(name, text):
    """Refused or taken, never a page that fails."""
    sections = [one for one in (RESPONSABLE, FISCALES, CAF, BANQUE) if name in one.names]
    for section in sections:
        errors(section, **{name: text})


def test_an_amount_with_too_many_digits_is_not_told_of_cents():
    said = errors(FISCALES, tax_income="99999999999")
    assert "Ce montant est trop grand" in said
    assert "centimes" not in said
