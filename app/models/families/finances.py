"""What a household earns, is paid by the CAF, and pays from: encrypted, texts as a form writes them."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.columns import ERASED_WITH, Encrypted


class Finances(db.Base):
    """Amounts are whole euros (« 32450 »), days in ISO, answers « oui » or « non »; None where nothing was said."""

    __tablename__ = "finances"

    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), primary_key=True, info=ERASED_WITH)
    tax_income: Mapped[str | None] = mapped_column(Encrypted)
    tax_parts: Mapped[str | None] = mapped_column(Encrypted)
    tax_year: Mapped[str | None] = mapped_column(Encrypted)
    fund: Mapped[str | None] = mapped_column(Encrypted)
    fund_number: Mapped[str | None] = mapped_column(Encrypted)
    regime: Mapped[str | None] = mapped_column(Encrypted)
    quotient: Mapped[str | None] = mapped_column(Encrypted)
    quotient_on: Mapped[str | None] = mapped_column(Encrypted)
    bank_holder: Mapped[str | None] = mapped_column(Encrypted)
    iban: Mapped[str | None] = mapped_column(Encrypted)
    bic: Mapped[str | None] = mapped_column(Encrypted)
    direct_debit: Mapped[str | None] = mapped_column(Encrypted)
