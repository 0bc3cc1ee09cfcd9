"""A child's dossier as a parent fills it in: its steps, the draft kept between two visits, and what sending asks.

Of the draft only what the parent touched is kept, with what stood there then: the rest is read from the file each
time, and so never stale.
"""

import enum
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import clock, db
from app.models.changes import change
from app.models.changes.dui import DraftChange, DuiDraft, merged
from app.models.changes.three_way import FieldKey, Wish, standing
from app.models.documents.checklist import runs_today
from app.models.families import Child, Custody, Family
from app.models.families.author import Author
from app.models.families.sections.catalogue import OF_CHILD, named
from app.models.families.sections.child import HEALTH
from app.models.families.sections.section import FieldKind, Section
from app.models.families.sections.values import Sheet
from app.models.refusal import GONE, RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.stale import ChangedMeanwhileError, Texts

DOCUMENTS, SENDING = "documents", "envoi"
STEPS = (*(section.slug for section in OF_CHILD), DOCUMENTS, SENDING)
"""In order, by their addresses."""
_TITLES = {DOCUMENTS: "Documents", SENDING: "Relire et envoyer"}
_MOVED = (
    "Ce dossier a changé depuis que cette page est ouverte\u00a0: relisez ce que vous demandez, puis envoyez de "
    "nouveau."
)


class Progress(enum.Enum):
    TO_DO = "à faire"
    BEGUN = "commencée"
    DONE = "faite"


@dataclass(frozen=True)
class DossierStep:
    slug: str
    title: str
    number: int
    """From 1."""
    progress: Progress


@dataclass
class Dossier:
    child: Child
    family_id: int

    @cached_property
    def draft(self) -> DuiDraft | None:
        return db.session.get(DuiDraft, (self.child.id, self.family_id))

    @cached_property
    def sent(self) -> Request | None:
        """The one that the household sent last, and did not withdraw."""
        mine = select(Request).where(Request.family_id == self.family_id, Request.child_id == self.child.id)
        kept = Request.lines.any(RequestLine.state != LineState.WITHDRAWN)
        found = mine.where(Request.kind == RequestKind.DUI, kept).options(selectinload(Request.lines))
        return db.session.scalars(found.order_by(Request.id.desc()).limit(1)).first()

    @property
    def under_way(self) -> bool:
        """Whether it is to fill in: it was never sent, or something was changed since."""
        return self.draft is not None or self.sent is None

    @cached_property
    def pending(self) -> dict[FieldKey, RequestLine]:
        """What the household asked already of this child's file, and that waits for its answer."""
        return change.pending(self.family_id, self.child.id)

    @property
    def steps(self) -> list[DossierStep]:
        return [
            DossierStep(slug, _title(slug), number, self._progress(slug))
            for number, slug in enumerate(STEPS, start=1)
        ]

    def step(self, slug: str) -> DossierStep:
        return self.steps[STEPS.index(slug)]

    @property
    def done(self) -> int:
        """How many steps are."""
        return sum(step.progress is Progress.DONE for step in self.steps)

    @property
    def next_step(self) -> DossierStep:
        """The first that is not done; at the end, the sending."""
        return next(step for step in self.steps if step.progress is not Progress.DONE)

    def said(self, section: Section) -> Texts:
        """What the file says, whatever waits."""
        return self._sheet(section).texts()

    def standing(self, section: Section) -> Texts:
        """What the file says, or what was asked already where an answer is awaited."""
        return standing(self._sheet(section), self.pending)

    def shown(self, section: Section) -> Texts:
        """What the step's form shows: the draft, else what stands."""
        stands = self.standing(section)
        return stands | self._wanted(section, stands)

    @property
    def has_pai(self) -> bool:
        """Whether it says that the child has one today."""
        found = HEALTH.field("pais").value(self.shown(HEALTH)["pais"])
        return runs_today(row["ends_on"] for row in found)

    @property
    def asked(self) -> list[tuple[Section, list[DraftChange]]]:
        """What sending would ask, by section, in the order of the steps."""
        found = [(section, self._asked_of(section)) for section in OF_CHILD]
        return [(section, changes) for section, changes in found if changes]

    @property
    def stamp(self) -> str:
        """What sending would ask, as the parent reads it."""
        told = [(one.field, one.before, one.stands, one.after) for _, changes in self.asked for one in changes]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def keep(self, slug: str, texts: Texts, *, seen: Texts, page: str, done: bool) -> None:
        """Note what the parent changed in this step since the page showed what they had `seen`; the rest of the draft
        stays. Inside a transaction.

        Not `done`: the page saved by itself. That never comes after what the parent saved from the same `page`.
        Raises RefusedError.
        """
        self._lock()
        steps, section = dict(self._answers), named(slug, OF_CHILD)
        known = steps.get(slug, {})
        if not done and known.get("page") == page:
            return
        kept = {"done": True, "page": page} if done else {name: known.get(name) for name in ("done", "page")}
        if section is not None:
            stands, shown = self.standing(section), self.shown(section)
            kept |= merged(known, section, texts, seen=seen, page=page, stands=stands, shown=shown)
        steps[slug] = kept
        if self.draft is None:
            self.draft = DuiDraft(child_id=self.child.id, family_id=self.family_id)
            db.session.add(self.draft)
        self.draft.answers, self.draft.updated_at = steps, clock.local_now()

    def send(self, *, by: Author, submission: str, stamp: str) -> Request:
        """Ask for all of it in one request, and forget the draft. Inside a transaction; sent twice, it is one.

        Raises RefusedError when nothing is changed, or when it is not what the page with this `stamp` showed.
        """
        self._lock()
        sent = Request.already_sent(submission, self.family_id)
        if sent is not None:
            return sent
        if not self.asked and self.sent is not None and self.sent.open:
            return self.sent  # from another page: what was asked waits there
        if self.asked and stamp != self.stamp:
            raise RefusedError(_MOVED)
        try:
            made = change.ask(RequestKind.DUI, [self._wish(one) for one in OF_CHILD], by=by, submission=submission)
        except ChangedMeanwhileError as changed:
            raise RefusedError(_MOVED) from changed
        self._delete()
        return made

    def confirm(self, *, by: Author) -> None:
        """Say that the file is right as it stands: the draft goes, and the journal tells who read it. Inside a
        transaction; said twice, it is one. Raises RefusedError when something is asked.
        """
        self._lock()
        if self.asked:
            raise RefusedError(_MOVED)
        if self.draft is None:
            return
        self._delete()
        by.note("dui_confirmed", self.child, family_id=self.family_id)

    def forget(self) -> None:
        """Begin anew: the file stays as it is. Inside a transaction."""
        self._lock()
        self._delete()

    def _asked_of(self, section: Section) -> list[DraftChange]:
        if not self._kept(section, "wanted"):
            return []
        sheet, wish, seen = self._sheet(section), self._wish(section), self._kept(section, "seen")
        found = []
        for field in section.fields:
            stands, after = wish.seen[field.name], wish.wanted.get(field.name)
            if after is not None and after != stands:
                overtaken = field.kind is not FieldKind.ROWS and seen.get(field.name, stands) != stands
                waits = (section.kind, field.name) in self.pending
                found.append(DraftChange(field, sheet.text(field), after, stands, waits, overtaken))
        return found

    def _kept(self, section: Section, what: str) -> Texts:
        """What the draft holds of this section: its `wanted` texts, or what was `seen` there."""
        found: Texts = self._answers.get(section.slug, {}).get(what, {})
        return {name: text for name, text in found.items() if name in section.names}

    def _wanted(self, section: Section, stands: Texts) -> Texts:
        """What the draft asks; of rows, within those that stand now."""
        found, seen = self._kept(section, "wanted"), self._kept(section, "seen")
        for name, text in found.items():
            if section.field(name).kind is FieldKind.ROWS:
                found[name] = section.field(name).joined(stands[name], seen.get(name, stands[name]), text)
        return found

    def _wish(self, section: Section) -> Wish:
        stands = self.standing(section)
        return Wish(self._sheet(section), self._wanted(section, stands), stands)

    def _delete(self) -> None:
        if self.draft is not None:
            db.session.delete(self.draft)
            self.draft = None

    def _lock(self) -> None:
        """One at a time in a household, of two parents or of two pages; then read the draft afresh."""
        if not Family.lock_open(self.family_id):
            raise RefusedError(GONE)
        here = (Custody.child_id == self.child.id, Custody.family_id == self.family_id)
        db.session.scalar(select(Custody.child_id).where(*here).with_for_update(key_share=True))
        self.draft = db.session.get(DuiDraft, (self.child.id, self.family_id), populate_existing=True)

    @property
    def _answers(self) -> dict[str, Any]:
        return self.draft.answers if self.draft is not None else {}

    def _sheet(self, section: Section) -> Sheet:
        return Sheet(section, self.family_id, self.child.id)

    def _progress(self, slug: str) -> Progress:
        known = self._answers.get(slug)
        if known is None:
            return Progress.TO_DO
        return Progress.DONE if known.get("done") else Progress.BEGUN


def _title(slug: str) -> str:
    section = named(slug, OF_CHILD)
    return section.title if section else _TITLES[slug]
