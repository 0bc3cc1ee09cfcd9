"""A child's dossier as a parent fills it in: its steps, the draft kept between two visits, and what sending asks.

Of the draft only what the parent touched is kept: the rest is read from the file each time, and so never stale.
"""

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select

from app import clock, db
from app.models import change
from app.models.author import Author
from app.models.change import Key, Wish
from app.models.child import Child, Custody
from app.models.dui import DuiDraft
from app.models.edit import Texts
from app.models.family import Family
from app.models.refusal import RefusedError
from app.models.request import Request, RequestLine
from app.models.request_kind import RequestKind
from app.models.section import Field, Section
from app.models.sections import OF_CHILD, named
from app.models.sheet import Sheet

DOCUMENTS, SENDING = "documents", "envoi"
STEPS = (*(section.slug for section in OF_CHILD), DOCUMENTS, SENDING)
"""In order, by their addresses."""
_TITLES = {DOCUMENTS: "Documents", SENDING: "Relire et envoyer"}


class Progress(enum.Enum):
    TO_DO = "à faire"
    BEGUN = "commencée"
    DONE = "faite"


@dataclass(frozen=True)
class Step:
    slug: str
    title: str
    number: int
    """From 1."""
    progress: Progress


@dataclass(frozen=True)
class Asked:
    """A field that sending would ask to change; shown as a line of a request is."""

    asked_field: Field
    before: str
    after: str
    amends: bool
    """Whether an earlier request about it still waits."""

    @property
    def field(self) -> str:
        return self.asked_field.name


@dataclass
class Dossier:
    child: Child
    family_id: int

    @cached_property
    def draft(self) -> DuiDraft | None:
        return db.session.get(DuiDraft, (self.child.id, self.family_id))

    @cached_property
    def pending(self) -> dict[Key, RequestLine]:
        """What the household asked already of this child's file, and that waits for its answer."""
        return change.pending(self.family_id, self.child.id)

    @property
    def steps(self) -> list[Step]:
        return [Step(slug, _title(slug), number, self._progress(slug)) for number, slug in enumerate(STEPS, start=1)]

    def step(self, slug: str) -> Step:
        return self.steps[STEPS.index(slug)]

    @property
    def done(self) -> int:
        """How many steps are."""
        return sum(step.progress is Progress.DONE for step in self.steps)

    @property
    def next_step(self) -> Step:
        """The first that is not done; at the end, the sending."""
        return next(step for step in self.steps if step.progress is not Progress.DONE)

    def standing(self, section: Section) -> Texts:
        """What the file says, or what was asked already where an answer is awaited."""
        texts = self._sheet(section).texts()
        return {name: self._stands(section, name, text) for name, text in texts.items()}

    def shown(self, section: Section) -> Texts:
        """What the step's form shows: the draft, else what stands."""
        return {**self.standing(section), **self.kept(section)}

    def kept(self, section: Section) -> Texts:
        """What the draft holds of this section."""
        found: Texts = self._answers.get(section.slug, {}).get("wanted", {})
        return {name: text for name, text in found.items() if name in section.names}

    @property
    def asked(self) -> list[tuple[Section, list[Asked]]]:
        """What sending would ask, by section, in the order of the steps."""
        found = [(section, self._asked_of(section)) for section in OF_CHILD]
        return [(section, changes) for section, changes in found if changes]

    def keep(self, slug: str, touched: Texts, *, page: str, done: bool) -> None:
        """Note what the parent changed in this step, in place of what they had. Inside a transaction.

        Not `done`: the page saved by itself. That never comes after what the parent saved from the same `page`.
        Raises RefusedError.
        """
        self._hold()
        steps = dict(self._answers)
        known = steps.get(slug, {})
        if not done and known.get("page") == page:
            return
        held = {"done": True, "page": page} if done else {name: known.get(name) for name in ("done", "page")}
        steps[slug] = {**held, "wanted": touched}
        if self.draft is None:
            self.draft = DuiDraft(child_id=self.child.id, family_id=self.family_id)
            db.session.add(self.draft)
        self.draft.answers, self.draft.updated_at = steps, clock.local_now()

    def send(self, *, by: Author, submission: str) -> Request:
        """Ask for all of it in one request, and forget the draft. Inside a transaction; sent twice, it is one.

        Raises RefusedError when nothing is changed.
        """
        sent = Request.already_sent(submission, self.family_id)
        if sent is not None:
            return sent
        self._hold()
        wishes = [Wish(self._sheet(section), self.kept(section), {}) for section in OF_CHILD]
        made = change.ask(RequestKind.DUI, wishes, by=by, submission=submission)
        self._delete()
        return made

    def forget(self) -> None:
        """Begin anew: the file stays as it is. Inside a transaction."""
        self._hold()
        self._delete()

    def _asked_of(self, section: Section) -> list[Asked]:
        wanted, found = self.kept(section), []
        texts = self._sheet(section).texts() if wanted else {}
        for field in section.fields:
            now, waits = texts.get(field.name, ""), (section.kind, field.name) in self.pending
            if field.name in wanted and wanted[field.name] != self._stands(section, field.name, now):
                found.append(Asked(field, now, wanted[field.name], waits))
        return found

    def _delete(self) -> None:
        if self.draft is not None:
            db.session.delete(self.draft)
            self.draft = None

    def _hold(self) -> None:
        """One at a time in a household, of two parents or of two pages; then read the draft afresh."""
        if not Family.hold_open(self.family_id):
            raise RefusedError("Votre dossier vient d’être réuni à un autre : rechargez la page, puis recommencez.")
        here = (Custody.child_id == self.child.id, Custody.family_id == self.family_id)
        db.session.scalar(select(Custody.child_id).where(*here).with_for_update(key_share=True))
        self.draft = db.session.get(DuiDraft, (self.child.id, self.family_id), populate_existing=True)

    @property
    def _answers(self) -> dict[str, Any]:
        return self.draft.answers if self.draft is not None else {}

    def _stands(self, section: Section, name: str, text: str) -> str:
        line = self.pending.get((section.kind, name))
        return text if line is None else line.after or ""

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
