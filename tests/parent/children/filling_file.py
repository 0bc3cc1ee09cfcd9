"""What the tests of file share."""

from tests.conftest import text_of
from tests.files import ask, lea

PEANUT = "arachide-introuvable"


# Each section, filled in as a parent would; every field of the file is there.
FILLED = {
    "informations": {
        "last_name": "DUPONT-DURAND", "first_name": "Léa", "sex": "fille", "birth_date": "2008-03-13",
        "birth_place": "Toulouse", "school": "École des Tilleuls", "level": "Élémentaire", "class_name": "CE2",
        "diet": "sans porc",
    },
    "personnes-autorisees": {
        "contacts-0-role": "collects", "contacts-0-name": "Paul DUPONT", "contacts-0-link": "grand-père",
        "contacts-0-phone": "05 61 12 34 56", "contacts-1-role": "emergency", "contacts-1-name": "Rose DUPONT",
        "contacts-1-link": "tante", "contacts-1-phone": "06 12 34 56 78",
    },
    "lunettes": {"glasses": "oui", "glasses_when": "En classe et devant un écran"},
    "sante": {
        "doctor": "Dr MARTIN", "doctor_phone": "05 61 12 34 57", "alerts-0-kind": "food", "alerts-0-text": PEANUT,
        "pais-0-ends_on": "2016-06-30", "pais-0-instruction": "Appeler le 15", "vaccinations-0-name": "DTP",
        "vaccinations-0-given_on": "2014-06-01", "treatments": "Ventoline", "care": "Se fatigue vite",
    },
    "autorisations": {
        "image_internal": "oui", "image_press": "non", "image_web": "non", "image_social": "non",
        "leaves_alone": "non", "emergency_care": "oui", "transport": "oui", "swimming": "oui", "outings": "oui",
        "rules": "oui",
    },
    "assurance": {
        "insurer": "MAIF", "insurance_number": "123 456", "insured_from": "2014-09-01", "insured_until": "2015-08-31",
    },
}  # fmt: skip


def fill(client, topic: str):
    return ask(client, topic, **FILLED[topic])


def page(client) -> str:
    return text_of(client.get(f"/enfants/{lea().id}"))
