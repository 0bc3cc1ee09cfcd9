"""What the families of Saint-Jean earn, pay from and do for a living, and what they asked to be changed of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from stdnum import iban as iban_number

from app import clock, db
from app.demo import planning
from app.models.accounts import Agent, Role
from app.models.families import Adult, Family, Finances
from app.models.families.sections.account import BANQUE, CAF, CONJOINT, FISCALES, RESPONSABLE
from app.models.families.sections.section import Section
from app.models.families.sections.values import Sheet
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine

WORK = (
    ("Employés", "Secrétaire", "Boulangerie du Centre"),
    ("Professions intermédiaires", "Bibliothécaire", "Médiathèque des Lilas"),
    ("Cadres", "Architecte", "Ateliers Lafitte"),
    ("Ouvriers", "Ébéniste", "Bois et Fils"),
    ("Artisans, commerçants", "Fleuriste", ""),
    ("Sans activité", "", ""),
)
"""CSP, profession, employer: words that agree with a woman and with a man."""


@dataclass(frozen=True)
class Story:
    """What was asked of a section, in the three ways in which it may end."""

    section: Section
    accepted: Mapping[str, str]
    """By field, what the file said before."""
    refused: Mapping[str, str]
    reason: str
    pending: Mapping[str, str]


def fill(families: Sequence[Family]) -> None:
    """Inside the caller's transaction, once adults and agents stand."""
    chance = random.Random(1901)  # its own, so that the rest of the town stays as it is
    for number, family in enumerate(families):
        _settle(family, chance, is_known=number < 6 or chance.random() < 0.7)
    db.session.flush()
    guichet = db.session.query(Agent).filter_by(role=Role.GUICHET).one()
    dupont, martin, durand, *apart = families[:5]
    for family in (dupont, martin):
        for story in _stories():
            _tell(family, story, guichet, ("accepted", "refused", "pending"))
    for family, states in ((durand, ("pending",)), (apart[0], ("refused",)), (apart[1], ("accepted",))):
        for story in _stories():
            _tell(family, story, guichet, states)
    _old(dupont, guichet)
    _conjoint_asked(durand)


def account_number(number: int) -> str:
    """An IBAN whose two keys are right, of a bank that does not exist."""
    bank, branch, account = 12345, 31400, number
    key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05d}{branch:05d}{account:011d}{key:02d}"
    return f"FR{iban_number.calc_check_digits(f'FR00{bban}')}{bban}"


def _settle(family: Family, chance: random.Random, *, is_known: bool) -> None:
    for adult in family.adults:
        adult.quality = "Père" if adult.civility == "Monsieur" else "Mère"
        adult.csp, adult.profession, adult.employer = chance.choice(WORK)
        adult.allows_sms, adult.allows_email = chance.random() < 0.6, True
    if not is_known:
        return
    year = clock.today().year - 2
    db.session.add(
        Finances(
            family_id=family.id,
            tax_income=str(chance.randrange(9, 62) * 1000 + chance.randrange(1000)),
            tax_parts=chance.choice(("1,5", "2", "2,5", "3")),
            tax_year=str(year),
            fund="caf",
            fund_number=f"{chance.randrange(10**6, 10**7)}",
            regime="general",
            quotient=str(chance.randrange(280, 1900)),
            quotient_on=f"{clock.today().year}-01-15",
            bank_holder=family.adults[0].full_name,
            iban=account_number(family.id * 7919),
            bic="PREAFRPP",
            direct_debit=chance.choice(("oui", "non")),
        )
    )


def _stories() -> tuple[Story, ...]:
    return (
        Story(
            RESPONSABLE,
            accepted={"address": "3 impasse du Four", "phone_home": ""},
            refused={"last_name": "LAVAL"},
            reason="Il manque un acte d’état civil : apportez-le au service.",
            pending={"profession": "Journaliste", "employer": "Commune de Saint-Jean"},
        ),
        Story(
            CONJOINT,
            accepted={"phone_mobile": "06 39 98 55 55"},
            refused={"email": "autre@famille.example"},
            reason="Cette adresse est celle d’une autre famille.",
            pending={"employer": "Pharmacie de la Place"},
        ),
        Story(
            FISCALES,
            accepted={"tax_income": "31200"},
            refused={"tax_parts": "5"},
            reason="L’avis d’imposition joint est celui d’une autre année.",
            pending={"tax_income": "28450"},
        ),
        Story(
            CAF,
            accepted={"quotient": "1204"},
            refused={"fund_number": "7654321"},
            reason="L’attestation est illisible\u00a0: envoyez-la de nouveau.",
            pending={"quotient": "742", "quotient_on": clock.today().isoformat()},
        ),
        Story(
            BANQUE,
            accepted={"bic": "AGRIFRPP"},
            refused={"iban": account_number(424242)},
            reason="Le titulaire de ce compte n’est pas dans votre dossier.",
            pending={"iban": account_number(31400), "direct_debit": "oui"},
        ),
    )


def _tell(family: Family, story: Story, guichet: Agent, states: Sequence[str]) -> None:
    sheet = Sheet(story.section, family.id)
    if not sheet.exists:
        return
    now = sheet.texts()
    if "accepted" in states:
        lines = [_line(story.section, name, was, now[name]) for name, was in story.accepted.items()]
        _send(family, story.section.kind, lines, days=12, by=guichet)
    if "refused" in states:
        lines = [_line(story.section, name, now[name], wanted) for name, wanted in story.refused.items()]
        _send(family, story.section.kind, lines, days=8, by=guichet, reason=story.reason)
    if "pending" in states:
        lines = [_line(story.section, name, now[name], wanted) for name, wanted in story.pending.items()]
        _send(family, story.section.kind, [line for line in lines if line.before != line.after], days=1)


def _old(family: Family, guichet: Agent) -> None:
    """Decided more than a month ago: shown when one asks for it."""
    line = _line(RESPONSABLE, "phone_work", "05 36 49 77 77", "")
    _send(family, RequestKind.RESPONSABLE, [line], days=60, by=guichet)


def _conjoint_asked(family: Family) -> None:
    values = {"civility": "Monsieur", "last_name": "GARCIA", "first_name": "Paul", "phone_mobile": "06 39 98 12 34"}
    field = CONJOINT.makes
    assert field is not None
    line = RequestLine(kind=CONJOINT.kind, field=field.name, before="", after=field.text(values))
    _send(family, CONJOINT.kind, [line], days=1)


def _line(section: Section, name: str, before: str, after: str) -> RequestLine:
    return RequestLine(kind=section.kind, field=name, before=before, after=after)


def _send(
    family: Family,
    kind: RequestKind,
    lines: list[RequestLine],
    *,
    days: int,
    by: Agent | None = None,
    reason: str = "",
) -> None:
    """By an agent: decided two days after it was sent, refused when there is a reason."""
    if not lines:
        return
    sent = clock.local_now() - timedelta(days=days)
    for line in lines:
        if by is not None:
            line.state = LineState.REFUSED if reason else LineState.ACCEPTED
            line.decision_reason, line.decider, line.decided_at = reason, by, sent + timedelta(days=2)
    sender = db.session.query(Adult).filter_by(family_id=family.id, rank=1).one()
    planning.send(family.id, sender, kind, lines, at=sent)
