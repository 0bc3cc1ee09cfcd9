"""Pièces: the documents that families give, and what the town hall thinks of each. Verbs: inside a transaction."""

import enum
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, db
from app.columns import ERASED_WITH, Encrypted
from app.models.accounts import Agent
from app.models.accounts.clerk import Clerk
from app.models.documents.kind import DocumentKind, DocumentSubject
from app.models.event import Actor
from app.models.families import Adult, Authority, Child, Custody, Family
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.refusal import ALREADY_USED, GONE, RefusedError
from app.models.upload import EXTENSIONS, MAX_BYTES, Paper


class DocumentState(enum.StrEnum):
    RECEIVED = "received"
    VALID = "valid"
    REFUSED = "refused"
    REPLACED = "replaced"
    """The household gave another one before it was checked. Its row stays: an agent may be looking at it."""


class Document(db.Base):
    """A document that a family gave. « Attendue » and « périmée » are not stored: see the checklist."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refused_with_a_reason"),
        CheckConstraint("(state IN ('received', 'replaced')) = (checked_at IS NULL)", name="checked_when_decided"),
        CheckConstraint(f"size BETWEEN 1 AND {MAX_BYTES}", name="size"),
        Index(None, "family_id", "kind_id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("document_kind.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), info=ERASED_WITH)
    """The household that gave it, and the only one that may open the file."""
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True, info=ERASED_WITH)
    given_by: Mapped[int] = mapped_column(ForeignKey("adult.id"))
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    submission: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.RECEIVED)
    content_type: Mapped[str]
    size: Mapped[int]
    """Bytes, before encryption."""
    storage_key: Mapped[str | None] = mapped_column(unique=True)
    """None once the file was deleted: checked, or replaced."""
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    reason: Mapped[str | None] = mapped_column(Encrypted)
    """The agent's own words, that may be about health."""
    valid_until: Mapped[date | None]

    kind: Mapped[DocumentKind] = relationship()
    family: Mapped[Family] = relationship()
    child: Mapped[Child | None] = relationship()
    giver: Mapped[Adult] = relationship()
    checker: Mapped[Agent | None] = relationship()

    @classmethod
    def give(cls, kind: DocumentKind, child: Child, paper: Paper, *, by: Author, submission: str) -> "Document":
        """Give a document about this child, or about the household where the kind says so.

        It replaces one that was not checked yet. Sent twice, it is one. Raises RefusedError.
        """
        family_id = by.adult.family_id
        if kind.retired_at is not None:
            raise RefusedError("Ce document n’est plus demandé.")
        _lock_household(family_id)
        sent = db.session.scalars(select(cls).where(cls.submission == submission)).first()
        if sent is not None and sent.family_id != family_id:
            raise RefusedError(ALREADY_USED)
        if sent is not None:
            return sent
        about = child.id if kind.subject is DocumentSubject.CHILD else None
        replaced = [one for one in cls._of(kind.id, family_id, about) if one.state is DocumentState.RECEIVED]
        for one in replaced:
            one.state = DocumentState.REPLACED
            one._forget_file()
        made = cls(
            kind=kind,
            family_id=family_id,
            child_id=about,
            given_by=by.adult.id,
            given_at=clock.local_now(),
            submission=submission,
            **asdict(paper),
        )
        db.session.add(made)
        db.session.flush()
        made._note("piece_given", by)
        return made

    @classmethod
    def of_adult(cls, adult: Adult, document_id: int) -> "Document | None":
        """A document that their household gave, of itself or of a child over whom they have a say; None otherwise."""
        found = db.session.scalars(select(cls).where(cls.id == document_id, cls.family_id == adult.family_id)).first()
        if found is None or found.child_id is None or Child.of_adult(adult, found.child_id):
            return found
        return None

    @classmethod
    def kept_of(cls, child: Child, document_id: int) -> "Document | None":
        """A document of this child's health that was kept for those who look after it; None for any other."""
        found = db.session.scalars(select(cls).where(cls.id == document_id, cls.child_id == child.id)).first()
        return found if found is not None and found.is_kept else None

    @classmethod
    def locked(cls, document_id: int) -> "Document | None":
        """The document, to decide about: nobody else does until the transaction ends."""
        found = db.session.get(cls, document_id)
        if found is None:
            return None
        return next(one for one in cls._of(found.kind_id, found.family_id, found.child_id) if one.id == document_id)

    def validate(self, *, by: Clerk, valid_until: date | None) -> None:
        """It is good, until that day. Raises RefusedError for one decided already, or a day that is past."""
        if self.kind.months_valid is not None and valid_until is None:
            raise RefusedError("Écrivez jusqu’à quand ce document est valable.")
        if valid_until is not None and valid_until < clock.today():
            raise RefusedError("Cette date est passée\u00a0: le document est déjà périmé. Refusez-le plutôt.")
        self._decide(DocumentState.VALID, by)
        self.valid_until = valid_until
        if not self.kind.keeps_file:
            self._forget_file()
        for one in self._of(self.kind_id, self.family_id, self.child_id):
            if one is not self and one.state is DocumentState.VALID:  # the team needs the newest only
                one._forget_file()
        after = {"valid_until": valid_until.isoformat()} if valid_until else {}
        self._note("piece_validated", by, **after)
        self._tell_the_family()

    def refuse(self, *, by: Clerk, reason: str) -> None:
        """It cannot be taken, and the family reads why. Raises RefusedError without a reason."""
        if not reason.strip():
            raise RefusedError("Un refus doit dire pourquoi.")
        said = reason.strip()
        self._decide(DocumentState.REFUSED, by)
        self.reason = said
        self._forget_file()
        after = {} if self.kind.is_health else {"reason": said}
        self._note("piece_refused", by, **after)
        self._tell_the_family()

    def note_reading(self, *, by: Clerk) -> None:
        """The journal keeps who opened the family's paper."""
        self._note("piece_read", by)

    @property
    def is_kept(self) -> bool:
        """Whether those who look after the child open the file: of its health, validated, and kept for them."""
        for_the_team = self.kind.keeps_file and self.kind.is_health and self.child_id is not None
        return for_the_team and self.state is DocumentState.VALID and self.storage_key is not None

    @property
    def filename(self) -> str:
        """What the browser saves it as. The name that the parent gave it is never kept."""
        return f"document-{self.id}.{EXTENSIONS[self.content_type]}"

    @property
    def given_on(self) -> date:
        """The local day."""
        return clock.local_day(self.given_at)

    @classmethod
    def _of(cls, kind_id: int, family_id: int, child_id: int | None) -> list["Document"]:
        """All that this household gave of this kind, locked until the transaction ends."""
        mine = select(cls).where(cls.kind_id == kind_id, cls.family_id == family_id)
        mine = mine.where(cls.child_id == child_id if child_id is not None else cls.child_id.is_(None))
        rows = mine.order_by(cls.id).with_for_update().execution_options(populate_existing=True)
        db.session.flush()  # what this transaction wrote is not to be lost by reading afresh
        return list(db.session.scalars(rows))

    def _decide(self, state: DocumentState, by: Clerk) -> None:
        if self.state is DocumentState.REPLACED:
            raise RefusedError("La famille a remplacé ce document entre-temps\u00a0: ouvrez le nouveau.")
        if self.state is not DocumentState.RECEIVED:
            said = "validé" if self.state is DocumentState.VALID else "refusé"
            who = f" par {self.checker.name}" if self.checker else ""
            raise RefusedError(f"Ce document est déjà {said}{who}.")
        self.state, self.checked_at, self.checker = state, clock.local_now(), by.agent

    def _forget_file(self) -> None:
        if self.storage_key is not None:
            Job.forget_file(self.storage_key)
            self.storage_key = None

    def _note(self, kind: str, by: Actor, **more: str) -> None:
        """Of health, the journal says nothing, not even what kind of document it is."""
        db.session.flush()
        about = {"piece": self.kind.journal_name, **({"child": self.child.first_name} if self.child else {})}
        by.note(kind, self, family_id=self.family_id, after={**about, **more})

    def _tell_the_family(self) -> None:
        """A mail with a link: never what the document is, nor the reason."""
        stayed = self.giver.family_id == self.family_id  # who left learns nothing more
        adult = self.giver if stayed else next(iter(self.family.adults), None)
        if adult is not None and adult.news_email:
            Job.post_mail(adult.news_email, "piece_checked", child=self.child_id or _first_child(adult))


def _lock_household(family_id: int) -> None:
    """One document at a time in a household: of two sent at once, the second replaces the first."""
    family = select(Family.merged_into).where(Family.id == family_id).with_for_update(key_share=True)
    if db.session.scalars(family).one() is not None:
        raise RefusedError(GONE)


def _first_child(adult: Adult) -> int | None:
    """One whose page this adult may open: it shows the household's documents too."""
    mine = (
        select(Child.id)
        .join(Authority, Authority.child_id == Child.id)
        .join(Custody, Custody.child_id == Child.id)
        .where(Authority.adult_id == adult.id, Custody.family_id == adult.family_id)
    )
    found: int | None = db.session.scalar(mine.order_by(Child.birth_date, Child.id).limit(1))
    return found
