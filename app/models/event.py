"""The journal: who did what, when, from where. Append-only (domain.md §7)."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db, triggers
from app.columns import EncryptedJSON

if TYPE_CHECKING:
    from app.models.accounts import Account


class EventGroup(enum.Enum):
    """What agents look for in the journal: its name in an address, and its title. In the order of the page."""

    LOGINS = ("connexions", "Connexions et mots de passe")
    ACCOUNTS = ("comptes", "Comptes et lettres")
    REQUESTS = ("demandes", "Demandes")
    DOCUMENTS = ("pieces", "Pièces")
    FAMILIES = ("familles", "Dossiers des familles")
    ENROLMENTS = ("inscriptions", "Inscriptions")

    def __init__(self, slug: str, title: str) -> None:
        self.slug, self.title = slug, title


@dataclass(frozen=True)
class EventWords:
    """The French of the events that a package writes. Each declares it in its `event_words.py`, and
    app.models.journal.words gathers them.
    """

    kinds: Mapping[EventGroup, Mapping[str, str]] = field(default_factory=dict)
    """What each kind of event says, by group."""
    details: Mapping[str, str] = field(default_factory=dict)
    """The names of what changed: the keys of `before` and `after`."""
    values: Mapping[str, str] = field(default_factory=dict)
    """The French of what changed, where the journal keeps a code for it."""
    never: frozenset[str] = frozenset()
    """Details that nobody writes; should someone err, or have erred, they still show nowhere."""


class Event(db.Base):
    __tablename__ = "event"
    __table_args__ = (Index(None, "subject_kind", "subject_id"), Index(None, "family_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    # A column, not a relationship: the journal outlives what it speaks of.
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    family_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(default="")
    before: Mapped[Any | None] = mapped_column(EncryptedJSON)
    after: Mapped[Any | None] = mapped_column(EncryptedJSON)

    @classmethod
    def record(
        cls,
        kind: str,
        *,
        actor: "Account | None" = None,
        subject: Any = None,
        family_id: int | None = None,
        address: str = "",
        before: Any = None,
        after: Any = None,
    ) -> None:
        """Write one line. `subject` is a stored row, `family_id` whose history it belongs to.

        `before` and `after` are kept encrypted; never health.
        """
        db.session.add(
            cls(
                kind=kind,
                actor_id=actor.id if actor else None,
                subject_kind=subject.__tablename__ if subject is not None else None,
                subject_id=subject.id if subject is not None else None,
                family_id=family_id,
                address=address,
                before=before,
                after=after,
            )
        )


class Actor(ABC):
    """Who does something, as the journal names them: an account (or none) and the network address of their page."""

    @property
    @abstractmethod
    def account(self) -> "Account | None":
        """Whom the journal names."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Empty where there is no page."""

    def note(
        self, kind: str, subject: Any = None, *, family_id: int | None = None, before: Any = None, after: Any = None
    ) -> None:
        """Write one line of the journal in their name: see `Event.record`."""
        Event.record(
            kind,
            actor=self.account,
            subject=subject,
            family_id=family_id,
            address=self.address,
            before=before,
            after=after,
        )


triggers.refuse_updates("event")
triggers.refuse_early_deletes("event", "at", years=1)  # domain.md §7: logs, 6 to 12 months
