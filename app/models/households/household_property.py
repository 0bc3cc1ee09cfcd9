"""What a household has in its file besides its people: its money, papers, drafts. Where they go when two files become
one, or one becomes two. Inside a transaction; nothing is lost.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update

from app import db
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentState
from app.models.exports import DataExport
from app.models.families import Adult, Family, Finances
from app.models.families.sections.account import BANQUE, CAF, FISCALES

_MONEY = {
    "informations fiscales": FISCALES.names,
    "informations CAF": CAF.names,
    "coordonnées bancaires": BANQUE.names,
}
"""Each goes as a whole: an account number is of its holder, a quotient of its date."""
_NONE = "0"
"""No organisme de rattachement."""


def differing(kept_id: int, absorbed_id: int) -> list[str]:
    """What of their money both files say, and not alike: « coordonnées bancaires »."""
    ours, theirs = (_said(family_id) for family_id in (kept_id, absorbed_id))
    return [name for name in _MONEY if ours[name] and theirs[name] and ours[name] != theirs[name]]


def pool(kept: Family, absorbed: Family, people: Mapping[int, int]) -> None:
    """Give what `absorbed` has to the kept file, which keeps its own where both have some; `people` says which adult
    is whom there.
    """
    if kept.attached_to == _NONE:
        kept.attached_to = absorbed.attached_to
    _pool_money(kept.id, absorbed.id)
    for adult_id, one_id in people.items():
        db.session.execute(update(Document).where(Document.given_by == adult_id).values(given_by=one_id))
        db.session.execute(update(DataExport).where(DataExport.adult_id == adult_id).values(adult_id=one_id))
    db.session.execute(update(Document).where(Document.family_id == absorbed.id).values(family_id=kept.id))
    for draft in db.session.scalars(select(DuiDraft).where(DuiDraft.family_id == absorbed.id)).all():
        move_draft(draft, child_id=draft.child_id, family_id=kept.id)


def part(leaving: Adult, old_id: int, new: Family, children: Collection[int]) -> None:
    """`leaving` takes along what they gave of the household, and, for the children (ids) who leave it, what they gave
    and began to fill in.
    """
    given = Document.family_id == old_id, Document.given_by == leaving.id
    theirs = Document.child_id.is_(None) | Document.child_id.in_(children)
    db.session.execute(update(Document).where(*given, theirs).values(family_id=new.id))
    begun = select(DuiDraft).where(DuiDraft.family_id == old_id, DuiDraft.child_id.in_(children))
    for draft in db.session.scalars(begun).all():
        move_draft(draft, child_id=draft.child_id, family_id=new.id)


def move_draft(draft: DuiDraft, *, child_id: int, family_id: int) -> None:
    """To another record, or another file. Of two drafts of one child, what only one says is kept."""
    there = db.session.get(DuiDraft, (child_id, family_id))
    if there is None:
        there = DuiDraft(child_id=child_id, family_id=family_id, answers=draft.answers, updated_at=draft.updated_at)
        db.session.add(there)
    else:
        there.answers = _joined(there.answers, draft.answers)
    db.session.delete(draft)
    db.session.flush()


def has_money(family_id: int) -> bool:
    return any(_said(family_id).values())


def documents(family_id: int) -> int:
    """How many documents this household gave."""
    given = Document.family_id == family_id, Document.state != DocumentState.REPLACED
    return db.session.scalar(select(func.count()).where(*given)) or 0


def _said(family_id: int) -> dict[str, tuple[str | None, ...]]:
    """By group, what the file says; empty for nothing."""
    row = db.session.get(Finances, family_id)
    found = {name: tuple(getattr(row, field, None) for field in fields) for name, fields in _MONEY.items()}
    return {name: said if any(said) else () for name, said in found.items()}


def _pool_money(kept_id: int, absorbed_id: int) -> None:
    ours, theirs = _said(kept_id), _said(absorbed_id)
    wanted = [name for name in _MONEY if theirs[name] and not ours[name]]
    if not wanted:
        return
    row = db.session.get(Finances, kept_id)
    if row is None:
        row = Finances(family_id=kept_id)
        db.session.add(row)
    for name in wanted:
        for field, said in zip(_MONEY[name], theirs[name], strict=True):
            setattr(row, field, said)


def _joined(ours: dict[str, dict[str, object]], theirs: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """By step; of a field that both say, ours stands."""
    found = {**theirs, **ours}
    for step in ours.keys() & theirs.keys():
        both = {**theirs[step], **ours[step]}
        said = {name: (theirs[step].get(name) or {}, ours[step].get(name) or {}) for name in ("wanted", "seen")}
        found[step] = both | {name: {**one, **other} for name, (one, other) in said.items()}  # type: ignore[dict-item]
    return found
