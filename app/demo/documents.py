"""Documents of the demonstrations' files, in every state, and a dossier begun online."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

from app import clock, db
from app.integrations import pdf, proofs
from app.models.accounts import Agent, Role
from app.models.changes.dossier import Dossier
from app.models.documents import Document, DocumentKind, DocumentState, DocumentSubject
from app.models.families import Adult, Child, Family
from app.models.upload import Paper

_INSURANCE = "Attestation d’assurance"
_HOME = "Justificatif de domicile"
_VACCINES = "Page des vaccinations du carnet de santé"
_PAI = "Protocole du PAI (projet d’accueil individualisé)"
_UNREADABLE = "La photo est floue\u00a0: on ne lit pas les dates. Reprenez-la à la lumière."
_OTHERS = 12
"""How many other families wait for a check."""


def papers(count: int = 20) -> list[Paper]:
    """Files for `fill` to take. Slow: call it outside the transaction, give its result inside."""
    told = {"town": "Saint-Jean", "service": "", "phone": "", "email": "", "year": "(document inventé)"}
    content = pdf.render("fiche-inscription", told)
    return [proofs.keep(content) for _ in range(count)]


def guide(dupont: Family, kept: list[Paper]) -> None:
    """The guide's child: an insurance to be checked, and nothing else yet. Inside a transaction."""
    DocumentKind.seed()
    db.session.flush()
    (lea,) = Child.of_family(dupont.id)
    _give(_INSURANCE, dupont, lea, iter(kept), age=3)


def fill(families: list[Family], kept: list[Paper]) -> None:
    """Saint-Jean's. Inside a transaction, once the children stand."""
    DocumentKind.seed()
    db.session.flush()
    files, today = iter(kept), clock.today()
    dupont, martin, durand, petit = families[:4]
    first, second = Child.of_family(martin.id)[:2]
    _check(_give(_INSURANCE, martin, first, files, age=40), until=today + timedelta(days=300))
    _check(_give(_PAI, martin, first, files, age=60), until=today + timedelta(days=200))
    _give(_VACCINES, martin, first, files, age=1)
    _check(_give(_INSURANCE, martin, second, files, age=350), until=today + timedelta(days=12))
    _check(_give(_HOME, martin, None, files, age=9), reason=_UNREADABLE)
    for child in Child.of_family(durand.id)[:1]:
        _check(_give(_INSURANCE, durand, child, files, age=400), until=today - timedelta(days=34))
    for child in Child.of_family(petit.id)[:1]:  # the other household sees that it is valid, and no more
        _check(_give(_INSURANCE, petit, child, files, age=20), until=today + timedelta(days=330))
    _give(_HOME, dupont, None, files, age=2)
    for number, family in enumerate(families[8 : 8 + _OTHERS]):
        for child in Child.of_family(family.id)[:1]:
            name = (_INSURANCE, _HOME, _VACCINES)[number % 3]
            _give(name, family, None if name == _HOME else child, files, age=number)
    touched = {"doctor": "Dr Lefort", "doctor_phone": "05 36 49 12 34"}
    Dossier(second, martin.id).keep("informations", {}, seen={}, page="demo-1", done=True)
    Dossier(second, martin.id).keep("sante", touched, seen={}, page="demo-2", done=True)


def forget_unused(kept: list[Paper]) -> None:
    """Delete the files that nothing took, or that were checked. After the transaction."""
    for paper in kept:
        proofs.forget_unless_claimed(paper)


def _give(name: str, family: Family, child: Child | None, files: Iterator[Paper], *, age: int) -> Document:
    """As this family gave it, so many days ago."""
    kind = db.session.query(DocumentKind).filter_by(name=name).one()
    adult = db.session.query(Adult).filter_by(family_id=family.id, rank=1).one()
    paper = next(files)
    made = Document(
        kind=kind,
        family_id=family.id,
        child_id=child.id if child and kind.subject is DocumentSubject.CHILD else None,
        given_by=adult.id,
        given_at=clock.local_now() - timedelta(days=age, hours=2),
        submission=f"demo-{paper.storage_key}",
        **asdict(paper),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _check(document: Document, *, until: date | None = None, reason: str = "") -> None:
    """As an agent decided the day after, without the mails of today."""
    document.checker = db.session.query(Agent).filter_by(role=Role.GUICHET).one()
    document.checked_at = document.given_at + timedelta(days=1)
    document.state = DocumentState.REFUSED if reason else DocumentState.VALID
    document.valid_until, document.reason = until, reason or None
    if not document.kind.keeps_file:
        document.storage_key = None
