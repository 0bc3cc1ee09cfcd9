"""A form that added to a request, or changed it. Sent again, it gets the receipt of that request."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.columns import ERASED_WITH


class Amendment(db.Base):
    __tablename__ = "amendment"

    submission: Mapped[str] = mapped_column(primary_key=True)
    """The form's own number. That of the form which made the request stands on the request."""
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True, info=ERASED_WITH)
