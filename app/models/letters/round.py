"""A round of letters: which families get theirs, some at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from app import clock, db
from app.models.accounts import Account, Agent
from app.models.enrolments import Enrolment, scope
from app.models.families import Adult, Child, Custody, Family
from app.models.town import Activity

LARGEST = 1000
"""Letters of one round: what one page carries, and what one PDF of a minute holds."""


@dataclass(frozen=True)
class Count:
    letters: int
    without_address: int
    """Of them, those that no envelope can take anywhere."""


@dataclass(frozen=True)
class Round:
    """The first responsables of the families without any account; or, `again`, those who never used theirs."""

    again: bool = False
    structure_id: int | None = None
    school: str = ""
    email: str = ""
    """« avec » or « sans » an address of e-mail; else both."""

    def count(self, agent: Agent) -> Count:
        unaddressed = func.count().filter((Adult.address == "") | (Adult.city == ""))
        letters, without = db.session.execute(self._among(select(func.count(), unaddressed), agent)).one()
        return Count(letters, without)

    def next_adults(self, agent: Agent, after: int, limit: int) -> Sequence[int]:
        """The ids of the next ones to write to, after this one."""
        wanted = self._among(select(Adult.id), agent).where(Adult.id > after)
        return db.session.scalars(wanted.order_by(Adult.id).limit(limit)).all()

    def _among(self, wanted: Any, agent: Agent) -> Any:
        wanted = wanted.select_from(Adult).join(Family).where(Adult.rank == 1, Family.merged_into.is_(None))
        wanted = wanted.where(scope.families(agent))
        if self.again:
            wanted = wanted.join(Account, Account.id == Adult.account_id)
            wanted = wanted.where(Account.must_change_password, Account.locked_at.is_(None))
        else:
            wanted = wanted.where(~_has_account())
        if self.structure_id is not None:
            wanted = wanted.where(Family.id.in_(_paying(self.structure_id)))
        if self.school:
            pupils = select(Custody.family_id).join(Child).where(Child.school == self.school)
            wanted = wanted.where(Family.id.in_(pupils))
        if self.email:
            wanted = wanted.where(Adult.email != "" if self.email == "avec" else Adult.email == "")
        return wanted


def schools() -> list[str]:
    """The schools of the children, to choose from."""
    named = select(Child.school).where(Child.school != "").distinct()
    return list(db.session.scalars(named.order_by(Child.school)))


def _has_account() -> ColumnElement[bool]:
    anyone = aliased(Adult)
    return exists().where(anyone.family_id == Family.id, anyone.account_id.is_not(None))


def _paying(structure_id: int) -> Select[int]:
    """The families that pay an enrolment there, now or soon."""
    there = select(Enrolment.family_id).join(Activity).where(Activity.structure_id == structure_id)
    return there.where(Enrolment.lasting(clock.today()))
