"""An inscription: a child in an activity, paid by a household, from a day on, with its usual week."""

from datetime import date, timedelta

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import clock, db
from app.columns import ERASED_WITH
from app.formats import short_date
from app.models.enrolments.terms import Terms
from app.models.families import Child, Custody, Family
from app.models.town import Activity

A_MONTH = timedelta(days=31)
"""Before a child comes and after it left, how long who looks after it may open its file (docs/permissions.md)."""


class Enrolment(db.Base):
    """The household must be one of the child's. Each of two households has its own, with its own weeks."""

    __tablename__ = "enrolment"
    __table_args__ = (
        ForeignKeyConstraint(["child_id", "family_id"], ["custody.child_id", "custody.family_id"]),
        # What a booking repeats, so that the database can forbid two of one child on one day.
        UniqueConstraint("id", "child_id", "activity_id"),
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="ends_after_it_begins"),
        CheckConstraint("even_weeks BETWEEN 0 AND 127 AND odd_weeks BETWEEN 0 AND 127", name="weeks"),
        Index("ix_enrolment_child_id", "child_id", "first_day"),
        Index(None, "family_id"),
        Index(None, "activity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), info=ERASED_WITH)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    """The household that pays."""
    first_day: Mapped[date] = mapped_column(index=True)
    last_day: Mapped[date | None] = mapped_column(index=True)
    even_weeks: Mapped[int] = mapped_column(default=0)
    """Usual weekdays (bit 0 is Monday) of the weeks whose ISO number is even."""
    odd_weeks: Mapped[int] = mapped_column(default=0)

    child: Mapped[Child] = relationship()
    activity: Mapped[Activity] = relationship()
    family: Mapped[Family] = relationship(overlaps="child")

    @classmethod
    def current_of_family(cls, family_id: int, day: date) -> list["Enrolment"]:
        """« Inscriptions en cours » of the family's children on this day, whoever pays, to come included."""
        current = (
            select(cls)
            .join(Custody, (Custody.child_id == cls.child_id) & (Custody.family_id == family_id))
            .where(cls.lasting(day))
            .options(
                joinedload(cls.child),
                joinedload(cls.activity).joinedload(Activity.structure),
                joinedload(cls.family).joinedload(Family.adults),
            )
            .order_by(cls.child_id, cls.activity_id)
        )
        return list(db.session.scalars(current).unique())

    @classmethod
    def lasting(cls, day: date | ColumnElement[date]) -> ColumnElement[bool]:
        """In a query, those that have not ended before this day; some may begin after it."""
        return or_(cls.last_day.is_(None), cls.last_day >= day)

    @classmethod
    def around(cls, day: date) -> ColumnElement[bool]:
        """In a query, those that last on this day, will within a month, or did a month ago."""
        return cls.lasting(day - A_MONTH) & (cls.first_day <= day + A_MONTH)

    def is_around(self, day: date) -> bool:
        """Whether it lasts on this day, will within a month, or did a month ago."""
        return self.first_day <= day + A_MONTH and (self.last_day is None or self.last_day >= day - A_MONTH)

    @property
    def responsible(self) -> str:
        """« DUPONT JEAN »: who pays, as the guide's column names them."""
        return self.family.adults[0].listed_name

    @property
    def terms(self) -> Terms:
        """What it says of its days, leaves apart (see `Leave`)."""
        return Terms(self.first_day, self.last_day, self.even_weeks, self.odd_weeks)

    @property
    def usual(self) -> str:
        """« lundi, mardi ; semaines impaires : mercredi » ; empty without a usual week."""
        return self.terms.usual

    @property
    def dates(self) -> str:
        """« depuis le 01/09/2014 », « du 01/09/2014 au 03/07/2015 »."""
        if self.last_day is not None:
            return f"du {short_date(self.first_day)} au {short_date(self.last_day)}"
        return f"{'à partir du' if self.first_day > clock.today() else 'depuis le'} {short_date(self.first_day)}"

    def covers(self, day: date) -> bool:
        return self.terms.covers(day)

    def is_usual(self, day: date) -> bool:
        """Whether the pattern has this day. The parity is the ISO number printed on French calendars."""
        return self.terms.is_usual(day)


class Leave(db.Base):
    """A congé that an agent recorded: the child does not come, and nothing is billed."""

    __tablename__ = "leave"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True, info=ERASED_WITH)
    first_day: Mapped[date]
    last_day: Mapped[date]

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    @classmethod
    def of_enrolment(cls, enrolment_id: int) -> list["Leave"]:
        """In the order of days."""
        mine = select(cls).where(cls.enrolment_id == enrolment_id)
        return list(db.session.scalars(mine.order_by(cls.first_day)))
