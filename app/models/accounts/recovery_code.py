"""Recovery codes: ten single-use codes for the day the agent's phone is lost."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, crypto, db

HOW_MANY = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class RecoveryCode(db.Base):
    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_digest: Mapped[str]
    used_at: Mapped[datetime | None]

    @classmethod
    def renew(cls, account_id: int) -> list[str]:
        """Ten new codes, shown once; the earlier ones are dead."""
        db.session.execute(delete(cls).where(cls.account_id == account_id))
        codes = [_new_code() for _ in range(HOW_MANY)]
        db.session.add_all(cls(account_id=account_id, code_digest=_digest(account_id, code)) for code in codes)
        return codes

    @classmethod
    def use(cls, account_id: int, code: str) -> bool:
        """Spend this code; False when it is not one of the account's, or was spent."""
        spent = (
            update(cls)
            .where(
                cls.account_id == account_id,
                cls.code_digest == _digest(account_id, code),
                cls.used_at.is_(None),
            )
            .values(used_at=clock.now())
            .returning(cls.id)
        )
        return db.session.scalars(spent).first() is not None

    @classmethod
    def left(cls, account_id: int) -> int:
        return db.session.scalar(select(func.count()).where(cls.account_id == account_id, cls.used_at.is_(None))) or 0


def _new_code() -> str:
    """Four groups of four: 79 bits, so that their digests tell nothing even to who holds the database."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _digest(account_id: int, code: str) -> str:
    plain = "".join(c for c in code.casefold() if c.isalnum())
    return crypto.digest(f"{account_id}:{plain}")
