"""A structure d'accueil: the place and the team that look after children ("Accueil de Loisirs ALSH")."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from app import db


class Structure(db.Base):
    __tablename__ = "structure"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")

    @classmethod
    def all(cls) -> list["Structure"]:
        return list(db.session.scalars(select(cls).order_by(cls.name)))
