"""Someone of the town hall: a role, and for some roles the structures that they work for."""

from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import db
from app.models.account import Account
from app.models.permission import LIMITED_TO_STRUCTURES, TABLE, Permission, Role
from app.models.structure import Structure

agent_structure = Table(
    "agent_structure",
    db.Base.metadata,
    Column("agent_id", ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True),
    Column("structure_id", ForeignKey("structure.id"), primary_key=True),
)


class Agent(db.Base):
    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    role: Mapped[Role]

    account: Mapped[Account] = relationship(back_populates="agent")
    structures: Mapped[list[Structure]] = relationship(secondary=agent_structure, order_by=Structure.name)

    @property
    def role_label(self) -> str:
        return self.role.label

    def may(self, permission: Permission) -> bool:
        return permission in TABLE[self.role]

    @property
    def scope(self) -> tuple[int, ...] | None:
        """The structures beyond which this agent sees nothing; None for who sees all of the town."""
        if self.role not in LIMITED_TO_STRUCTURES:
            return None
        return tuple(structure.id for structure in self.structures)
