"""Saint-Jean today: the families of the login page and some forty others, with invoices, payments, messages."""

import random
from datetime import date, timedelta

from app import clock, db
from app.demo import child_files, documents, files, people, queues, school_year
from app.demo.guide import WELCOME
from app.models.billing import Invoice, InvoiceSeries, Payment, PaymentMeans
from app.models.families import Civility, Family
from app.models.messages import Message, Sender, Thread
from app.models.town import Structure

LAST_NAMES = (
    "BERNARD", "THOMAS", "ROBERT", "RICHARD", "DUBOIS", "LAURENT", "SIMON", "MICHEL", "LEFÈVRE", "LEROY",
    "ROUX", "DAVID", "BERTRAND", "MOREL", "FOURNIER", "GIRARD", "BONNET", "DA SILVA", "LAMBERT", "FONTAINE",
    "ROUSSEAU", "VINCENT", "MULLER", "LE GALL", "FAURE", "ANDRÉ", "MERCIER", "BLANC", "GUÉRIN", "BOYER",
    "GARNIER", "CHEVALIER", "BENALI", "NGUYEN", "D’ANGELO", "TRAORÉ", "MARCHAL", "COLIN", "PEREZ", "HAMON",
)  # fmt: skip
WOMEN = ("Marie", "Camille", "Sarah", "Élodie", "Fatima", "Julie", "Anaïs", "Chloé", "Inès", "Aurélie")
MEN = ("Thomas", "Nicolas", "Mehdi", "Julien", "Antoine", "Loïc", "Pierre", "Youssef", "Hugo", "François")
STREETS = ("rue des Lilas", "avenue Jean-Jaurès", "chemin du Moulin", "place de l’Église", "rue Pasteur")
STRUCTURES = (
    ("Accueil de Loisirs ALSH", "alsh@saint-jean.example", "05 61 00 00 01"),
    ("Garderie périscolaire", "garderie@saint-jean.example", "05 61 00 00 02"),
    ("Espace Jeunes", "jeunes@saint-jean.example", "05 61 00 00 03"),
)


def fill() -> None:
    today, chance = clock.today(), random.Random(20150504)
    publications = people.publications(
        {"Fiche d’inscription": today - timedelta(days=20), "Règlement intérieur": today - timedelta(days=60)}
    )
    kept = documents.papers()
    with db.transaction() as writing:
        people.saint_jean(WELCOME)
        people.agents()
        writing.add_all(publications)
        writing.add(InvoiceSeries(code="AL", last_number=0))
        structures = [Structure(name=name, email=email, phone=phone) for name, email, phone in STRUCTURES]
        writing.add_all(structures)
        writing.flush()
        families = _named_families() + [_other_family(name, chance) for name in LAST_NAMES]
        writing.flush()
        _settle_in(families, random.Random(31400))  # its own, so that the rest of the town stays as it is
        school_year.fill(families, structures, chance)
        queues.fill(families, structures)
        files.fill(families)
        child_files.fill(families)
        documents.fill(families, kept)
        for months_ago in (3, 2, 1):
            _invoice_all(families, _invoicing_day(today, months_ago), chance, late=months_ago == 1)
        _write_to(families[0], structures[0], "Sortie à la ferme", read=False)
        _write_to(families[1], structures[0], "Nouveaux horaires", read=False)
        _write_to(families[1], structures[1], "Goûter de Noël", read=False)
        _write_to(families[2], structures[1], "Changement de salle", read=True)
    documents.forget_unused(kept)


def _named_families() -> list[Family]:
    """The families of the login page, in its order; two of them are the households of one child."""
    dupont = people.family(1001001818331, "Séparé")
    people.adult(dupont, 1, Civility.MONSIEUR, "DUPONT", "Jean", login=people.account("jean.dupont"))
    people.adult(dupont, 2, Civility.MADAME, "DUPONT", "Jeanne")
    martin = people.family(situation="Marié")
    people.adult(martin, 1, Civility.MADAME, "MARTIN", "Nathalie", login=people.account("martin"))
    people.adult(martin, 2, Civility.MONSIEUR, "MARTIN", "Olivier")
    made = [dupont, martin]
    for identifiant, civility, last_name, first_name, situation in (
        ("durand", Civility.MADAME, "DURAND", "Sophie", "Célibataire"),
        ("petit", Civility.MADAME, "PETIT", "Laure", "Séparé"),
        ("moreau", Civility.MONSIEUR, "MOREAU", "David", "Séparé"),
        ("nouveau", Civility.MADAME, "NOUVEAU", "Alice", "Pacsé"),
    ):
        family = people.family(situation=situation)
        login = people.account(identifiant, one_time=identifiant == "nouveau")
        people.adult(family, 1, civility, last_name, first_name, login=login)
        made.append(family)
    return made


def _other_family(last_name: str, chance: random.Random) -> Family:
    family = people.family(situation=chance.choice(("Marié", "Pacsé", "Célibataire", "Vie maritale")))
    people.adult(family, 1, Civility.MADAME, last_name, chance.choice(WOMEN))
    if family.situation != "Célibataire":
        people.adult(family, 2, Civility.MONSIEUR, last_name, chance.choice(MEN))
    return family


def _settle_in(families: list[Family], chance: random.Random) -> None:
    """Addresses and telephones; some lack one, as in any town hall. Numbers that ARCEP keeps for fiction."""
    for family in families:
        home = f"{chance.randrange(1, 90)} {chance.choice(STREETS)}"
        phone = f"05 36 49 {chance.randrange(100):02d} {chance.randrange(100):02d}" if chance.random() < 0.6 else ""
        for adult in family.adults:
            adult.address, adult.postal_code, adult.city, adult.phone_home = home, "31400", "Saint-Jean", phone
            adult.phone_mobile = f"06 39 98 {chance.randrange(100):02d} {chance.randrange(100):02d}"


def _invoice_all(families: list[Family], issued_on: date, chance: random.Random, *, late: bool) -> None:
    """A month's invoices. Older ones are paid; of the newest, some are not, or in part."""
    due_on = issued_on + timedelta(days=22)
    for family in families:
        total = chance.randrange(24, 340) * 50
        invoice = Invoice.issue(family, series="AL", issued_on=issued_on, due_on=due_on, total_cents=total)
        unpaid = late and (family in families[:2] or chance.random() < 0.3)
        if unpaid and family is families[1]:
            _pay(invoice, min(clock.today(), due_on), total // 4, chance)
        elif not unpaid:
            _pay(
                invoice,
                min(clock.today(), issued_on + timedelta(days=chance.randrange(2, 20))),
                total,
                chance,
            )


def _pay(invoice: Invoice, day: date, cents: int, chance: random.Random) -> None:
    means = chance.choice((PaymentMeans.ONLINE, PaymentMeans.ONLINE, PaymentMeans.CHEQUE, PaymentMeans.CESU))
    Payment.receive(invoice, received_on=day, means=means, amount_cents=cents)


def _write_to(family: Family, structure: Structure, subject: str, *, read: bool) -> None:
    thread = Thread(family_id=family.id, structure=structure, subject=subject)
    body = f"Bonjour, voici des nouvelles de la structure {structure.name}\u00a0: {subject.lower()}. À bientôt\u202f!"
    thread.messages.append(Message(sender=Sender.STRUCTURE, body=body, read_at=clock.now() if read else None))
    db.session.add(thread)


def _invoicing_day(day: date, months_ago: int) -> date:
    """The 8th of a past month, when the town sends its invoices."""
    year, month = divmod(day.year * 12 + day.month - 1 - months_ago, 12)
    return date(year, month + 1, 8)
