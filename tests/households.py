"""Two households of one child, each with a life of its own, and a reader that walks all that a person may open."""

import io
import re
import zipfile
from collections import deque
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from urllib.parse import urldefrag, urlsplit

import pypdf

from app import db
from app.demo import people, planning
from app.models.billing import Invoice
from app.models.documents import DocumentKind
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families import Civility, Custody, Family, Finances
from app.models.messages import Message, Sender, Thread
from app.models.town import Structure
from app.models.town.activity import weekday_bits
from tests.builders import activity
from tests.files import ask
from tests.filling import send, shown

PDF = b"%PDF-1.7 paper of "
PAST = date(2015, 4, 29)
PASSED_BY = re.compile(r"^/(static|deconnexion|mot-de-passe|connexion|agent)")
NEAR = re.compile(r"^/planning/(?!2015-05)\d|^/inscriptions/\d+/2015-(?!05-06|05-13|05-27|04-29)")
"""Months and days are without end: those around today are walked."""
RANDOM = re.compile(r"[\w.-]{60,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bv=[0-9a-f]{10}")
"""Tokens and the like, in which four digits may stand by chance."""


@dataclass
class Household:
    """A family, and words of its own that nobody else may read."""

    login: str
    last_name: str
    iban: str
    family_id: int = 0
    own_child: int = 0
    shared_child: int = 0
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        name = self.login
        return {
            "street": f"17 rue {name.title()}-Cachée",
            "mobile": {"petit": "06 39 98 11 27", "moreau": "06 39 98 55 38"}[name],
            "home phone": {"petit": "05 36 49 22 84", "moreau": "05 36 49 66 93"}[name],
            "e-mail": f"{name}@courriel-{name}.example",
            "employer": f"Entreprise {name.title()} et Fils",
            "end of the IBAN": self.iban[-4:],
            "quotient": {"petit": "1873", "moreau": "1654"}[name],
            "income": {"petit": "31977", "moreau": "28866"}[name],
            "message": f"Fil confidentiel {name}",
            "invoice": {"petit": "98,76", "moreau": "54,32"}[name],
            "own child": f"Enfant{name.title()}",
        }


PETIT = Household("petit", "PETIT", "FR7630001007941234567890185")
MOREAU = Household("moreau", "MOREAU", "FR1420041010050500013M02606")


def settle() -> tuple[Household, Household]:
    """Both households, as the town hall knows them; nothing asked yet."""
    with db.transaction() as writing:
        made = [_household(one) for one in (PETIT, MOREAU)]
        families = [writing.get_one(Family, one.family_id) for one in made]
        shared = planning.child("Jade", "PETIT", date(2009, 3, 4), *families, school="École Jean-Moulin")
        club = activity("Club partagé", weekdays=weekday_bits(2), approval="manual")
        for number, (one, family) in enumerate(zip(made, families, strict=True)):
            writing.get_one(Custody, (shared.id, family.id)).note = f"Jugement gardé par {one.login}"
            weeks = {"even_weeks": 4, "odd_weeks": 0} if number else {"even_weeks": 0, "odd_weeks": 4}
            planning.enrol(shared, club, family, date(2014, 9, 1), **weeks)
            child = planning.child(one.words["own child"], one.last_name, date(2010, 1, 2), family)
            row = planning.enrol(child, club, family, date(2014, 9, 1))
            planning.past_booking(row, PAST, state=BookingState.ABSENT_BILLED)
            one.own_child, one.shared_child = child.id, shared.id
        activity("Atelier libre", weekdays=weekday_bits(2))
    return made[0], made[1]


def _household(of: Household) -> Household:
    words = of.words
    family = people.family(situation="Séparé")
    civility = Civility.MADAME if of is PETIT else Civility.MONSIEUR
    adult = people.adult(family, 1, civility, of.last_name, "Camille", login=people.account(of.login))
    adult.email, adult.address, adult.postal_code, adult.city = (
        words["e-mail"],
        words["street"],
        "31400",
        "Saint-Jean",
    )
    adult.phone_mobile, adult.phone_home, adult.employer = words["mobile"], words["home phone"], words["employer"]
    money = {"iban": of.iban, "quotient": words["quotient"], "tax_income": words["income"]}
    db.session.add(Finances(family_id=family.id, **money))
    cents = int(words["invoice"].replace(",", ""))
    Invoice.issue(family, series="AL", issued_on=date(2015, 4, 8), due_on=date(2015, 5, 30), total_cents=cents)
    thread = Thread(family_id=family.id, structure=db.session.query(Structure).first(), subject=words["message"])
    thread.messages.append(Message(sender=Sender.STRUCTURE, body=words["message"]))
    db.session.add(thread)
    return Household(of.login, of.last_name, of.iban, family.id)


def live(client, of: Household) -> None:
    """Logged in as this household: ask for something of every kind, and join papers. Notes its secrets."""
    name, words = of.login, of.words
    said = {
        "asked profession": f"Métier de {name}",
        "asked diet": f"régime voulu par {name}",
        "asked treatment": f"Sirop de {name}",
        "reason of an absence": f"Raison de {name}",
        "note of an enrolment": f"Précision de {name}",
        "draft": f"Brouillon de {name}",
        "new child": f"Bébé{name.title()}",
    }
    answers = [
        send(client, "/mon-compte/responsable/modification", profession=said["asked profession"]),
        send(client, "/mon-compte/caf/modification", quotient=words["quotient"][::-1]),
        ask(client, "informations", child_id=of.shared_child, diet=said["asked diet"]),
        ask(client, "sante", child_id=of.shared_child, treatments=said["asked treatment"]),
        ask(client, "assurance", child_id=of.own_child, insurer="MAIF"),
        send(client, "/enfants/ajout", last_name=of.last_name, first_name=said["new child"], birth_date="2012-09-02"),
        _enrolment(client, of, said["note of an enrolment"]),
        _day(client, of, "reservation", date(2015, 5, 6)),
        _proof(client, of),
        give_document(client, of.shared_child, name),
        give_document(client, of.own_child, name),
        send(client, f"/enfants/{of.shared_child}/dossier/lunettes", glasses_when=said["draft"], suite="plus-tard"),
        client.send_form("/planning/calendrier", {}),
        client.send_form("/mes-donnees/copie", {}, page="/mes-donnees"),
    ]
    assert [answer.status_code for answer in answers] == [303] * len(answers)
    with db.transaction() as writing:
        row = writing.query(Enrolment).filter_by(child_id=of.own_child).one()
        planning.past_booking(row, date(2015, 5, 27))
        db.session.flush()
        assert writing.query(Booking).filter_by(enrolment_id=row.id).count() == 2
    absence = {"motif": said["reason of an absence"], "confirmation": "y"}
    assert _day(client, of, "absence", date(2015, 5, 27), **absence).status_code == 303
    of.secrets = {**words, **said}


def _enrolment(client, of: Household, note: str):
    url = f"/enfants/{of.shared_child}/inscription"
    page = client.get(url).text
    number = re.search(r'<option value="(\d+)">Atelier libre', page)[1]
    form = {**shown(page, url), "prestation": number, "premier": "2015-05-06", "jours": "2", "precision": note}
    return client.post(url, data=form)


def _day(client, of: Household, what: str, day: date, **fields: str):
    number = db.session.query(Enrolment.id).filter_by(child_id=of.own_child).one()[0]
    return client.send_form(f"/inscriptions/{number}/{day}/{what}", fields)


def _proof(client, of: Household):
    number = db.session.query(Enrolment.id).filter_by(child_id=of.own_child).one()[0]
    url = f"/inscriptions/{number}/{PAST}/justificatif"
    return client.send_form(url, _file(of.login), content_type="multipart/form-data")


def give_document(client, child_id: int, name: str):
    insurance = DocumentKind.name.startswith("Attestation d’assurance")
    number = db.session.query(DocumentKind.id).filter(insurance).one()[0]
    page = f"/enfants/{child_id}/documents"
    return client.send_form(f"{page}/{number}", _file(name), page=page, content_type="multipart/form-data")


def _file(name: str) -> dict[str, tuple[io.BytesIO, str]]:
    return {"fichier": (io.BytesIO(PDF + name.encode()), "papier.pdf")}


@dataclass
class Walk:
    """What a person found on the way: the addresses that opened with all that they tell, and where forms go."""

    told: dict[str, str] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)

    @property
    def addresses(self) -> set[str]:
        return set(self.told)


def walk(client, start: str = "/") -> Walk:
    """Follow every link from the home page on."""
    found, waiting, seen = Walk(), deque([start]), {start}
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        if answer.status_code == 303:
            found.told[address], following = "", [answer.location]
        else:
            assert answer.status_code == 200, f"{address}: {answer.status_code}"
            found.told[address] = words_of(answer)
            html = answer.text if answer.mimetype == "text/html" else ""
            following = re.findall(r'\bhref="([^"]+)"', html)
            found.actions |= {unescape(one) for one in re.findall(r'<form[^>]*\bmethod="post"[^>]*', html)}
        for one in following:
            target = urldefrag(unescape(one))[0]
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or not parts.path.startswith("/") or target in seen:
                continue
            if not PASSED_BY.match(parts.path) and not NEAR.match(parts.path):
                seen.add(target)
                waiting.append(target)
    actions = (re.search(r'\baction="([^"]+)"', one) for one in found.actions)
    found.actions = {one[1] for one in actions if one and not PASSED_BY.match(one[1])}
    return found


def words_of(answer) -> str:
    """All that an answer tells, a PDF's or an archive's too; blanks are left out."""
    if answer.mimetype == "application/pdf" and answer.data.count(b"%%EOF"):
        pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
        text = " ".join(page.extract_text() for page in pages)
    elif answer.mimetype == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        text = " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    else:
        text = unescape(answer.get_data(as_text=True)) if answer.mimetype.startswith("text/") else repr(answer.data)
        text = RANDOM.sub(" ", text)
    return bare(text)


def bare(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]", "", text)
