"""What the town hall knows of the children of Saint-Jean: persons, glasses, health, authorisations, insurance; and
what their parents asked to be changed, or made, and that waits.
"""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app import clock, db
from app.demo import planning
from app.models.durations import school_year_end
from app.models.enrolments import Enrolment
from app.models.enrolments.terms import Terms
from app.models.families import Adult, Child, Contact, ContactRole, Family
from app.models.families.sections.child import (
    AUTHORISATIONS,
    CHILD,
    CONSENTS,
    ENROLMENT,
    GLASSES,
    HEALTH,
    INSURANCE,
    NEW_CHILD,
    PERSONS,
)
from app.models.families.sections.section import Section
from app.models.families.sections.values import Sheet, Signature
from app.models.requests import RequestLine
from app.models.town import Activity
from app.models.town.activity import weekday_bits

GIRLS = frozenset(("Emma", "Jade", "Louise", "Alice", "Lina", "Rose"))
FRIENDS = (
    ("Monique", "grand-mère"),
    ("Gérard", "grand-père"),
    ("Sylvie", "tante"),
    ("Karim", "oncle"),
    ("Josette ROUSSET", "voisine"),
    ("Amélie CARRIER", "nourrice"),
)
"""Who may come for a child; of one's own name, but for those who have another."""
INSURERS = ("Mutuelle des Écoles", "Assurances du Midi", "Prévoyance Lauragaise")
DOCTORS = (("Dr Lefort", "05 36 49 12 34"), ("Dr Nadir", "05 36 49 12 35"), ("Dr Castaing", "05 36 49 12 36"))
ALLERGIES = (
    ("food", "Arachide : ni cacahuète ni huile d’arachide ; son stylo d’adrénaline est dans son sac."),
    ("food", "Œufs crus : pas de mousse ni de mayonnaise."),
    ("drug", "Pénicilline : le dire aux secours."),
    ("other", "Piqûres de guêpe : appeler le 15 si le visage gonfle."),
)


def fill(families: Sequence[Family]) -> None:
    """Inside the caller's transaction, once the children and their enrolments stand."""
    chance = random.Random(2005)  # its own, so that the rest of the town stays as it is
    known: set[int] = set()
    for number, family in enumerate(families):
        for child in Child.of_family(family.id):
            if child.id not in known:  # the other household's already
                known.add(child.id)
                _settle(child, family, chance, whole=number < 5)
    db.session.flush()
    martin, durand, petit, moreau = families[1:5]
    first, second = Child.of_family(martin.id)[:2]
    db.session.add(Contact(child_id=second.id, role=ContactRole.FORBIDDEN, name="Bruno MARTIN", link="oncle"))
    collects, _ = json.loads(Sheet(PERSONS, martin.id, first.id).text(PERSONS.field("contacts")))
    wanted = [collects, ["emergency", "Inès CARPENTIER", "marraine", "06 39 98 40 41"]]
    _ask(martin, PERSONS, {"contacts": json.dumps(wanted, ensure_ascii=False)}, first)
    _ask(martin, HEALTH, {"treatments": "Ventoline, deux bouffées avant le sport"}, first)
    _ask(martin, NEW_CHILD, {"child": _newborn("MARTIN", "Gaspard")})
    for child in Child.of_family(durand.id)[:1]:
        _ask_to_enrol(durand, child)
    for shared in Child.of_family(petit.id)[:1]:  # both parents wait for an answer about the same field
        _ask(petit, CHILD, {"diet": "sans viande"}, shared)
        _ask(moreau, CHILD, {"diet": "sans porc"}, shared)
        _ask(petit, GLASSES, {"glasses": "oui", "glasses_when": "En classe et pour lire"}, shared)


def _settle(child: Child, family: Family, chance: random.Random, *, whole: bool) -> None:
    """The first families' files are whole; of the others some things are not known, as in any town hall."""
    child.sex = "fille" if child.first_name in GIRLS else "garçon"
    child.birth_place = chance.choice(("Toulouse", "Saint-Jean", "Muret"))
    signed = Signature(family.adults[0].full_name, clock.today() - timedelta(days=chance.randrange(20, 200)))
    year = school_year_end(clock.today())
    sick = whole or chance.random() < 0.2
    doctor, phone = chance.choice(DOCTORS)
    sections: tuple[tuple[Section, Mapping[str, str], float], ...] = (
        (PERSONS, {"contacts": _contacts(child, chance)}, 0.7),
        (GLASSES, {"glasses": "oui" if chance.random() < 0.3 else "non"}, 0.5),
        (HEALTH, {"doctor": doctor, "doctor_phone": phone, **(_health(child, chance) if sick else {})}, 0.8),
        (AUTHORISATIONS, {name: _answer(name, child, chance) for name in CONSENTS}, 0.8),
        (
            INSURANCE,
            {
                "insurer": chance.choice(INSURERS),
                "insurance_number": f"S{chance.randrange(10**6, 10**7)}",
                "insured_from": date(year.year - 1, 9, 1).isoformat(),
                "insured_until": year.isoformat(),
            },
            0.6,
        ),
    )
    for section, texts, share in sections:
        if whole or chance.random() < share:
            _write(section, family, child, texts, signed)


def _write(section: Section, family: Family, child: Child, texts: Mapping[str, str], signed: Signature) -> None:
    sheet = Sheet(section, family.id, child.id)
    for name, text in texts.items():
        sheet.write(section.field(name), text, signed=signed)


def _answer(name: str, child: Child, chance: random.Random) -> str:
    if name == "leaves_alone":
        return "oui" if child.age_on(clock.today()) > 8 else "non"
    return chance.choice(("oui", "non")) if name.startswith("image_") else "oui"


def _contacts(child: Child, chance: random.Random) -> str:
    """Two persons around the child."""
    rows = [
        [
            role,
            name if " " in name else f"{name} {child.last_name}",
            link,
            f"06 39 98 {chance.randrange(10, 100)} {chance.randrange(10, 100)}",
        ]
        for role, (name, link) in zip(("collects", "emergency"), chance.sample(FRIENDS, 2), strict=True)
    ]
    return json.dumps(rows, ensure_ascii=False)


def _health(child: Child, chance: random.Random) -> dict[str, str]:
    given = date(child.birth_date.year + 1, 3, 12).isoformat()
    ends = school_year_end(clock.today()).isoformat()
    rows = {
        "alerts": [list(chance.choice(ALLERGIES))],
        "pais": [[ends, "Au moindre doute, appeler le 15 puis les parents."]] if chance.random() < 0.5 else [],
        "vaccinations": [["DTP", given], ["ROR", given]],
    }
    return {name: json.dumps(found, ensure_ascii=False) for name, found in rows.items() if found}


def _newborn(last_name: str, first_name: str) -> str:
    """A child who goes to school next September."""
    born = date(clock.today().year - 3, 5, 12)
    return json.dumps(
        {"last_name": last_name, "first_name": first_name, "sex": "garçon", "birth_date": born.isoformat()}
    )


def _ask(family: Family, section: Section, wanted: Mapping[str, str], child: Child | None = None) -> None:
    """What the first adult asked yesterday, and waits for."""
    now = Sheet(section, family.id, child.id).texts() if child else {}
    lines = [
        RequestLine(kind=section.kind, field=name, before=now.get(name, ""), after=text)
        for name, text in wanted.items()
        if text != now.get(name)
    ]
    sender = db.session.query(Adult).filter_by(family_id=family.id, rank=1).one()
    made = planning.send(family.id, sender, section.kind, lines, at=clock.local_now() - timedelta(days=1))
    made.child_id = child.id if child else None


def _ask_to_enrol(family: Family, child: Child) -> None:
    """In the first activity in which the child is not enrolled, on Wednesdays or its own days."""
    mine = db.session.query(Enrolment.activity_id).filter_by(child_id=child.id, family_id=family.id)
    free = db.session.query(Activity).filter(Activity.id.not_in(mine), Activity.min_age.is_(None))
    activity = free.order_by(Activity.id).first()
    if activity is None:
        return
    first = clock.today() + timedelta(days=14)
    week = weekday_bits(2) & activity.weekdays or activity.weekdays
    terms = Terms(first, school_year_end(first), week, week)
    record = {
        "activity_id": str(activity.id),
        "activity": activity.name,
        "structure": activity.structure.name,
        "first_day": first.isoformat(),
        "last_day": school_year_end(first).isoformat(),
        "even_weeks": str(week),
        "odd_weeks": str(week),
        "usual": terms.usual,
        "note": "Elle y retrouve une amie.",
    }
    _ask(family, ENROLMENT, {"enrolment": json.dumps(record, ensure_ascii=False)}, child)
