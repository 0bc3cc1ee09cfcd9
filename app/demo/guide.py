"""The guide's own family and pages (PREAU_TODAY=2015-05-04 flask demo --guide)."""

from datetime import date

from app import db
from app.demo import people
from app.models import Civility, Family, Invoice, InvoiceSeries, Message, Structure, Thread
from app.models.message import Sender

WELCOME = "Bienvenue sur le Portail Famille"


def fill() -> None:
    papers = people.papers({"Fiche d'inscription": date(2015, 4, 1)})
    with db.transaction() as writing:
        people.saint_jean(WELCOME)
        people.agents()
        writing.add_all(papers)
        writing.add(InvoiceSeries(code="AL", last_number=35))
        writing.flush()
        structure = Structure(name="Accueil de Loisirs ALSH", email="alsh@saint-jean.example", phone="05 61 00 00 01")
        writing.add(structure)
        _dupont(structure)
        stranger = people.family()
        people.adult(stranger, 1, Civility.MADAME, "DURAND", "SOPHIE", login=people.account("durand"))


def _dupont(structure: Structure) -> Family:
    dupont = people.family(1001001818331, "Séparé")
    people.adult(dupont, 1, Civility.MONSIEUR, "DUPONT", "JEAN", login=people.account("jean.dupont"))
    people.adult(dupont, 2, Civility.MADAME, "DUPONT", "JEANNE")
    Invoice.issue(dupont, series="AL", issued_on=date(2015, 4, 8), due_on=date(2015, 4, 30), total_cents=12060)
    thread = Thread(family_id=dupont.id, structure=structure, subject="Vacances de printemps")
    body = "Bonjour, le programme des vacances de printemps est arrêté. Bonne lecture !"
    thread.messages.append(Message(sender=Sender.STRUCTURE, body=body))
    db.session.add(thread)
    return dupont
