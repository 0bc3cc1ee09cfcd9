"""What is typed, tidied and checked: French sentences for what cannot be. Kept libraries check the numbers."""

import re
from typing import Any
from unicodedata import category

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import bic as bic_number
from stdnum import iban as iban_number
from stdnum.fr import nir as nir_number
from wtforms import Field, Form
from wtforms.validators import ValidationError

from app import clock
from app.formats import NBSP
from app.models.accounts.account import MAILBOX

OLDEST_CHILD = 20
_UNSEEN = ("Cc", "Cf")
"""Unicode's categories of what controls a text and shows nothing."""
_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT")
"""Where a number without country may be of: each knows its own."""
_BANKS_OF_FRANCE = ("FR", "MC", "BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT")
_FICTION = re.compile(r"(\+33|0)(19900|26191|35301|46571|53649|63998)[0-9]{4}")
"""What ARCEP keeps for fiction, and demonstrations."""


def _seen(typed: str | None) -> str:
    """Without what nobody sees, such as a space of no width: a name made of it would be none."""
    return "".join(one for one in typed or "" if one.isspace() or category(one) not in _UNSEEN)


def tidy(typed: str | None) -> str:
    """Without blanks around, and single ones inside."""
    return " ".join(_seen(typed).split())


def tidy_lines(typed: str | None) -> str:
    """As `tidy`, line by line."""
    return "\n".join(map(tidy, _seen(typed).strip().splitlines()))


def compact(typed: str | None) -> str:
    """Without blanks, points or dashes, in capitals: an IBAN, a number."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", typed or "").upper()


def digits(typed: str | None) -> str:
    """« 32 450,00 € » → « 32450 »."""
    return re.sub(r"^([0-9]+)[.,]0{1,2}$", r"\1", re.sub(r"[\s€]", "", typed or ""))


def quarters(typed: str | None) -> str:
    """« 2.50 » → « 2,5 »."""
    bare = re.sub(r"\s", "", typed or "").replace(".", ",")
    return re.sub(r"^([0-9]+)(?:,0*|(,[0-9]*[1-9])0*)$", r"\1\2", bare)


def dialled(typed: str | None) -> str:
    """« 0612345678 » → « 06 12 34 56 78 »; one of abroad keeps its country. What cannot be rung stays as typed."""
    text = tidy(typed)
    found = _number(text)
    if found is None:
        return text
    ours = phonenumbers.region_code_for_country_code(found.country_code or 0) in _REGIONS
    form = phonenumbers.PhoneNumberFormat
    written: str = phonenumbers.format_number(found, form.NATIONAL if ours else form.INTERNATIONAL)
    return written


def _number(text: str) -> phonenumbers.PhoneNumber | None:
    """The number that can be rung, of France and overseas or of the country that it names."""
    for region in _REGIONS if re.fullmatch(r"\+?[0-9 ().\-/\u2010-\u2015]+", text) else ():
        try:
            found = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            break
        if phonenumbers.is_valid_number(found) or _FICTION.fullmatch(compact(text)):
            return found
    return None


def phone(form: Form, field: Field) -> None:
    if field.data and _number(field.data) is None:
        raise ValidationError(f"Ce numéro de téléphone ne semble pas juste{NBSP}: vérifiez ses chiffres.")


def postal_code(form: Form, field: Field) -> None:
    """Five digits that begin with a department (or an overseas territory). See also app.forms.places."""
    if not field.data:
        return
    if not re.fullmatch(r"[0-9]{5}", field.data):
        raise ValidationError("Un code postal a 5 chiffres.")
    metropole = 1 <= int(field.data[:2]) <= 95
    if not metropole and field.data[:2] not in ("97", "98"):
        raise ValidationError("Ce code postal ne commence pas par un département.")


def city(form: Form, field: Field) -> None:
    if field.data and not re.search(r"[^\W\d_]", field.data):
        raise ValidationError("Écrivez le nom de la ville.")


def email(form: Form, field: Field) -> None:
    """An address that mail servers take. Nothing is asked of the network."""
    if not field.data:
        return
    try:
        validate_email(field.data, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValidationError("Cette adresse n’a pas la forme nom@domaine.fr.") from None
    if not re.fullmatch(MAILBOX, field.data):
        raise ValidationError("Cette adresse n’a pas la forme nom@domaine.fr, sans accent.")


def iban(form: Form, field: Field) -> None:
    """Both keys: the IBAN's own (mod 97) and, for a French account, the RIB's inside it."""
    if not field.data:
        return
    plain = field.data.isascii() and field.data.isalnum()
    if not (plain and iban_number.is_valid(field.data, check_country=False)):  # it knows not all banks of abroad
        raise ValidationError("Cet IBAN est faux : un chiffre ou une lettre a changé. Recopiez-le en entier.")
    if field.data[:2] in ("FR", "MC") and not rib_key_is_right(field.data[4:]):
        raise ValidationError("Cet IBAN contient une clé RIB fausse : recopiez-le en entier.")


def no_account(form: Form, field: Field) -> None:
    """The account is taken off the file, not changed for another; and nothing is to be debited from it."""
    if field.data and form["iban"].data:
        raise ValidationError("Retirez le compte, ou écrivez un autre IBAN\u00a0: pas les deux.")
    if field.data and form["direct_debit"].data == "oui":
        raise ValidationError(
            "Le prélèvement automatique demande un compte\u00a0: répondez-y d’abord «\u00a0Non\u00a0»."
        )


def rib_key_is_right(rib: str) -> bool:
    """Of « bank (5) branch (5) account (11) key (2) »; letters count as the telephone's of old banks (A=1 … Z=9)."""
    letters = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789", strict=True))
    numbers = "".join(letters.get(one, one) for one in rib)
    bank, branch, account, key = numbers[:5], numbers[5:10], numbers[10:21], numbers[21:]
    return (89 * int(bank) + 15 * int(branch) + 3 * int(account) + int(key)) % 97 == 0


def bic(form: Form, field: Field) -> None:
    if field.data and not bic_number.is_valid(field.data):
        raise ValidationError("Ce BIC est faux : il a 8 ou 11 caractères, comme AGRIFRPP.")
    account = form["iban"].data if "iban" in form else ""
    if field.data and account and _country(account[:2]) != _country(field.data[4:6]):
        raise ValidationError("Ce BIC est d’un autre pays que l’IBAN : recopiez les deux du même relevé.")


def _country(code: str) -> str:
    """Whose banks hold accounts of each other: France, overseas and Monaco are one here."""
    return "FR" if code in _BANKS_OF_FRANCE else code


def fund_number(form: Form, field: Field) -> None:
    """Seven digits at the CAF, sometimes a letter after them; at the MSA a social security number, key or not."""
    if not field.data:
        return
    fund = form["fund"].data if "fund" in form else ""
    if fund == "msa" and not _is_nir(field.data):
        raise ValidationError("À la MSA, le n° allocataire est un numéro de sécurité sociale (13 ou 15 chiffres).")
    if fund == "caf" and not re.fullmatch(r"[0-9]{5,7}[A-Z]?", field.data):
        raise ValidationError("À la CAF, un n° allocataire a 7 chiffres, parfois suivis d’une lettre.")
    if not re.fullmatch(r"[0-9A-Z]{5,20}", field.data):
        raise ValidationError("Un n° allocataire s’écrit en chiffres (7 à la CAF), parfois suivis d’une lettre.")


def _is_nir(number: str) -> bool:
    if not re.fullmatch(r"[0-9]{6}[0-9AB][0-9]{6}([0-9]{2})?", number):
        return False
    return bool(nir_number.is_valid(number if len(number) == 15 else number + nir_number.calc_check_digits(number)))


def euros(form: Form, field: Field) -> None:
    if re.fullmatch(r"[0-9]{10,}", field.data or ""):
        raise ValidationError("Ce montant est trop grand : vérifiez ses chiffres.")
    if field.data and not re.fullmatch(r"[0-9]{1,9}", field.data):
        raise ValidationError("Écrivez un montant en euros, sans centimes : 32450.")


def parts(form: Form, field: Field) -> None:
    """Quarters of a part, as the tax office counts them."""
    if field.data and not re.fullmatch(r"[1-9][0-9]?(,(25|5|75))?", field.data):
        raise ValidationError("Écrivez le nombre de parts comme sur l’avis : 2,5.")


def tax_year(form: Form, field: Field) -> None:
    """Of the income, not of the notice that comes the year after."""
    last = clock.today().year - 1
    if field.data and not (re.fullmatch(r"20[0-9]{2}", field.data) and int(field.data) <= last):
        raise ValidationError(f"Écrivez l’année des revenus{NBSP}: {last}, par exemple.")


def birth_date(form: Form, field: Field) -> None:
    """A child's: a mistyped century is found out. What is to come is refused elsewhere."""
    age = clock.today().year - field.data.year if field.data else 0
    if age > OLDEST_CHILD:
        raise ValidationError(f"Vérifiez l’année{NBSP}: l’enfant aurait {age} ans.")


def insured_until(form: Form, field: Field) -> None:
    first = form["insured_from"].data if "insured_from" in form else None
    if field.data and first and field.data < first:
        raise ValidationError("L’assurance finit avant de commencer : vérifiez les deux dates.")


# By the field's name, wherever it stands: how its text is tidied, and what refuses it.
TIDY: dict[str, Any] = {
    "phone_home": dialled,
    "phone_work": dialled,
    "phone_mobile": dialled,
    "doctor_phone": dialled,
    "phone": dialled,
    "postal_code": compact,
    "iban": compact,
    "bic": compact,
    "fund_number": compact,
    "tax_income": digits,
    "quotient": digits,
    "tax_parts": quarters,
    "tax_year": compact,
}
CHECKS: dict[str, Any] = {
    "birth_date": birth_date,
    "insured_until": insured_until,
    "phone_home": phone,
    "phone_work": phone,
    "phone_mobile": phone,
    "doctor_phone": phone,
    "phone": phone,
    "postal_code": postal_code,
    "city": city,
    "email": email,
    "iban": iban,
    "bic": bic,
    "no_account": no_account,
    "fund_number": fund_number,
    "tax_income": euros,
    "quotient": euros,
    "tax_parts": parts,
    "tax_year": tax_year,
}
JUDGED_WITH = {"fund_number": "fund", "insured_until": "insured_from", "bic": "iban"}
"""Fields whose check looks at another one: when that one is touched, they are judged again though they were not."""
REQUIRED = {
    "civility": "Choisissez Madame ou Monsieur.",
    "last_name": "Écrivez le nom.",
    "first_name": "Écrivez le prénom.",
    "birth_date": "Écrivez la date de naissance.",
    "name": "Écrivez le nom.",
    "text": "Écrivez à quoi, et que faire.",
    "instruction": "Écrivez que faire.",
    "role": "Choisissez le rôle de cette personne.",
    "kind": "Choisissez le type de cette allergie.",
}
