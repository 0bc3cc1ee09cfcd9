"""Someone of the town hall: a role, and for some roles the structures that they work for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from app import db
from app.models.accounts import second_factor
from app.models.accounts.account import Account
from app.models.accounts.permission import LIMITED_TO_STRUCTURES, TABLE, Permission, Role
from app.models.refusal import RefusedError
from app.models.town import Structure

if TYPE_CHECKING:
    from app.models.accounts.clerk import Clerk

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

    def may_any(self, permissions: Iterable[Permission | None]) -> bool:
        """Whether the role has one of these; None is everybody's."""
        return any(one is None or self.may(one) for one in permissions)

    @property
    def scope(self) -> tuple[int, ...] | None:
        """The structures beyond which this agent sees nothing; None for who sees all of the town."""
        if self.role not in LIMITED_TO_STRUCTURES:
            return None
        return tuple(structure.id for structure in self.structures)

    @classmethod
    def all(cls) -> list["Agent"]:
        """Every agent, by name, with account and structures: two queries."""
        wanted = select(cls).options(joinedload(cls.account), selectinload(cls.structures))
        return list(db.session.scalars(wanted.order_by(cls.name)))

    @classmethod
    def find(cls, agent_id: int) -> "Agent | None":
        """With the account."""
        return db.session.scalars(select(cls).where(cls.id == agent_id).options(joinedload(cls.account))).first()

    @classmethod
    def open(cls, details: "Details", *, identifiant: str, password_hash: str, by: "Clerk") -> "Agent":
        """A new agent, with a one-time password. Raises RefusedError when the identifiant is taken."""
        try:
            with db.session.begin_nested():
                account = Account.create(identifiant, password_hash, one_time=True)
        except IntegrityError:
            raise RefusedError(f"L’identifiant «\u00a0{identifiant.strip()}\u00a0» est déjà pris.") from None
        agent = cls()
        agent._take(details)
        agent.account = account
        db.session.add(agent)
        db.session.flush()
        by.note("agent_created", agent, after={"identifiant": account.identifiant, **agent._told()})
        return agent

    def change(self, details: "Details", *, by: "Clerk") -> None:
        """Raises RefusedError when nobody would be left to administrate."""
        if details.role is not Role.ADMINISTRATION:
            self._leave_an_administrator()
        before = self._told()
        if details.email != self.email:
            self.account.change_email(details.email, by=by)
        self._take(details)
        after = self._told()
        changed = [name for name in after if before[name] != after[name]]
        if changed:
            by.note(
                "agent_changed",
                self,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )

    def lock(self, *, by: "Clerk") -> None:
        """Raises RefusedError for oneself, and when nobody would be left to administrate."""
        self._be_another_than(by)
        self._leave_an_administrator()
        self.account.lock(by=by)

    def give_one_time(self, password_hash: str, *, by: "Clerk") -> None:
        """Raises RefusedError for oneself, and for a locked account."""
        self._be_another_than(by)
        self.account.give_one_time(password_hash, by=by)

    def drop_second_factor(self, *, by: "Clerk") -> None:
        """For one who lost the phone. Raises RefusedError for oneself: that needs a code."""
        self._be_another_than(by)
        if self.account.has_second_factor:
            second_factor.disable(self.account, by=by)

    def _be_another_than(self, by: "Clerk") -> None:
        if by.agent.id == self.id:
            raise RefusedError("Ce compte est le vôtre\u00a0: passez par «\u00a0Mon profil\u00a0».")

    def _leave_an_administrator(self) -> None:
        """Two administrators who put each other out at the same time: the second is refused."""
        open_ones = select(Agent).join(Account).where(Agent.role == Role.ADMINISTRATION, Account.locked_at.is_(None))
        rows = open_ones.order_by(Agent.id).with_for_update().execution_options(populate_existing=True)
        if {agent.id for agent in db.session.scalars(rows)} == {self.id}:
            raise RefusedError(f"{self.name} est seul à l’administration\u00a0: nommez d’abord quelqu’un d’autre.")

    def _take(self, details: "Details") -> None:
        self.name, self.email, self.role = details.name, details.email, details.role
        wanted = details.structure_ids if details.role in LIMITED_TO_STRUCTURES else ()
        self.structures = list(db.session.scalars(select(Structure).where(Structure.id.in_(wanted))))

    def _told(self) -> dict[str, Any]:
        """What the journal keeps of an agent."""
        return {"name": self.name, "role": self.role_label, "structures": [one.name for one in self.structures]}


@dataclass(frozen=True)
class Details:
    """What an administrator says of an agent."""

    name: str
    email: str
    role: Role
    structure_ids: Sequence[int] = ()
    """Kept only for a role that is limited to structures."""
