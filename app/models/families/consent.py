"""An authorisation that a parent gives or refuses for a child: who said so, and when."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.columns import ERASED_WITH


class Consent(db.Base):
    """`kind` is one of app.models.families.sections.child.CONSENTS. What nobody has answered has no row."""

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint("signatory <> ''", name="signed"),)

    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), primary_key=True, info=ERASED_WITH)
    kind: Mapped[str] = mapped_column(primary_key=True)
    granted: Mapped[bool]
    signed_on: Mapped[date]
    """The local day on which the parent asked for it."""
    signatory: Mapped[str]
