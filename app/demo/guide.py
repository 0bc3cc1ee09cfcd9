"""The guide's own family and pages (PREAU_TODAY=2015-05-04 flask demo --guide)."""

from datetime import date

from app import db
from app.demo import documents, people, planning
from app.integrations import school_calendar
from app.models.billing import Invoice, InvoiceSeries
from app.models.families import Civility, Family, Finances
from app.models.messages import Message, Sender, Thread
from app.models.town import Structure

WELCOME = "Bienvenue sur le Portail Famille"


def fill() -> None:
    publications = people.publications({"Fiche d'inscription": date(2015, 4, 1)})
    kept = documents.papers(1)
    with db.transaction() as writing:
        people.saint_jean(WELCOME)
        people.agents()
        writing.add_all(publications)
        writing.add(InvoiceSeries(code="AL", last_number=35))
        writing.flush()
        structure = Structure(name="Accueil de Loisirs ALSH", email="alsh@saint-jean.example", phone="05 61 00 00 01")
        writing.add(structure)
        dupont = _dupont(structure)
        _april_2015(dupont, structure)
        documents.guide(dupont, kept)
        stranger = people.family()
        people.adult(stranger, 1, Civility.MADAME, "DURAND", "SOPHIE", login=people.account("durand"))


# Booked and attended days of April 2015, by activity, as the guide's picture shows them.
BOOKED = {
    "ALSH Mercredi après-midi": (8,),
    "ALSH Mercredi journée": (29,),
    "ALSH Vacances journée": (13, 14, 15, 16),
    "Restauration scolaire": (9, 28, 30),
}
ATTENDED = {"Garderie matin": (2, 3, 7), "Restauration scolaire": (2, 3, 7)}


def _april_2015(dupont: Family, alsh: Structure) -> None:
    """The planning of the guide: zone A, seven rows for one child."""
    garderie = Structure(name="Garderie périscolaire", email="garderie@saint-jean.example", phone="05 61 00 00 02")
    db.session.add(garderie)
    db.session.flush()
    school_calendar.seed(2014, 2015)
    lea = planning.child("LEA", "DUPONT", date(2008, 3, 12), dupont, school="École Jean-Moulin", class_name="CE1")
    for activity in planning.alsh(alsh) + planning.periscolaire(garderie):
        enrolment = planning.enrol(lea, activity, dupont, date(2014, 9, 1))
        attended = ATTENDED.get(activity.name, ())
        for day in BOOKED.get(activity.name, ()) + attended:
            planning.past_booking(enrolment, date(2015, 4, day))
        for day in attended:
            planning.attend(enrolment, date(2015, 4, day))


def _dupont(structure: Structure) -> Family:
    dupont = people.family(1001001818331, "Séparé")
    jean = people.adult(dupont, 1, Civility.MONSIEUR, "DUPONT", "JEAN", login=people.account("jean.dupont"))
    jean.quality, jean.address, jean.phone_home = "Père", "12 RUE DES BONBONS", "01.02.03.04.05"
    jeanne = people.adult(dupont, 2, Civility.MADAME, "DUPONT", "JEANNE")
    jeanne.address = "Lotissement les bons bonbons"
    jean.email, jeanne.email = "jean.dupont@wanadoo.fr", ""
    for adult in (jean, jeanne):
        adult.postal_code, adult.city = "31400", "SAINT - JEAN"
        adult.allows_sms, adult.allows_email = False, True
    db.session.add(Finances(family_id=dupont.id, bank_holder="DUPONT JEAN"))
    Invoice.issue(dupont, series="AL", issued_on=date(2015, 4, 8), due_on=date(2015, 4, 30), total_cents=12060)
    thread = Thread(family_id=dupont.id, structure=structure, subject="Vacances de printemps")
    body = "Bonjour, le programme des vacances de printemps est arrêté. Bonne lecture\u202f!"
    thread.messages.append(Message(sender=Sender.STRUCTURE, body=body))
    db.session.add(thread)
    return dupont
