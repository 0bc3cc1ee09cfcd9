"""Letters that give an adult an identifiant and a one-time password.

Database and disk keep only the hash of a password. Until it is printed, the password travels in the page of the
agent who asked for it, sealed with the town's key: closed, the page takes it away, and nobody else reads it. A draft
is sealed before its account is made: sent twice, or again after a server was killed, it gives the same account the
same password. A letter is printed only as long as its password is the account's.
"""

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import crypto, db
from app.models.accounts import AccountState, Agent, password
from app.models.accounts.clerk import Clerk
from app.models.families import Adult
from app.models.letters import family_accounts

CHUNK = 25
"""Letters that are made in one go: a second of hashing."""


@dataclass(frozen=True)
class Draft:
    """The password that an adult is about to receive."""

    adult_id: int
    password: str
    password_hash: str

    @classmethod
    def of(cls, adult_id: int) -> "Draft":
        """Takes 40 ms: never inside a transaction."""
        chosen = password.one_time()
        return cls(adult_id, chosen, password.hash_password(chosen))


@dataclass(frozen=True)
class Parcel:
    """Some drafts of one agent, and whether they may replace a password that was never used."""

    agent_id: int
    drafts: tuple[Draft, ...]
    renews: bool = False

    def seal(self) -> str:
        drafts = [[one.adult_id, one.password, one.password_hash] for one in self.drafts]
        return crypto.encrypt(json.dumps({"letters_of": self.agent_id, "renews": self.renews, "drafts": drafts}))

    @classmethod
    def open(cls, sealed: str, agent: Agent) -> "Parcel | None":
        """None for what was not sealed for this agent."""
        try:
            told = json.loads(crypto.decrypt(sealed))
        except (crypto.UnreadableSecretError, ValueError):
            return None
        if not isinstance(told, dict) or told.get("letters_of") != agent.id:
            return None
        return cls(agent.id, tuple(Draft(*one) for one in told["drafts"]), told["renews"])

    def deliver(self, *, by: Clerk) -> None:
        """Make the accounts. Done already, or made by someone else meanwhile, one stays as it is."""
        drafts = {draft.adult_id: draft for draft in self.drafts}
        for adult in family_accounts.locked(by.agent, list(drafts)):
            new_hash = drafts[adult.id].password_hash
            if adult.account is None:
                family_accounts.open_account(adult, new_hash, by=by)
            elif self.renews and adult.account.password_hash != new_hash and waits(adult):
                adult.account.give_one_time(new_hash, by=by)


def waits(adult: Adult) -> bool:
    """Whether the adult was given a one-time password that never served."""
    states = (AccountState.NEW, AccountState.RENEWED, AccountState.LAPSED)
    return adult.account is not None and adult.account.state in states


@dataclass(frozen=True)
class Letter:
    """What is printed."""

    adult: Adult
    identifiant: str
    password: str
    valid_until: date

    @classmethod
    def all(cls, parcels: list[Parcel]) -> list["Letter"]:
        """The letters whose password is still the account's, by name: one query."""
        drafts = {draft.adult_id: draft for parcel in parcels for draft in parcel.drafts}
        wanted = select(Adult).where(Adult.id.in_(drafts)).order_by(Adult.last_name, Adult.first_name, Adult.id)
        whole = wanted.options(joinedload(Adult.family), joinedload(Adult.account))
        return [
            cls(adult, account.identifiant, drafts[adult.id].password, account.one_time_until.date())
            for adult in db.session.scalars(whole)
            if (account := adult.account) is not None
            and account.password_hash == drafts[adult.id].password_hash
            and account.one_time_until is not None
            and account.locked_at is None
        ]

    @property
    def to(self) -> list[str]:
        """The lines of the window of the envelope; the town in capitals, as the post asks."""
        adult = self.adult
        town = f"{adult.postal_code} {adult.city.upper()}".strip()
        lines = [f"{adult.civility.value} {adult.first_name} {adult.last_name}", *adult.address.splitlines(), town]
        return [line.strip() for line in lines if line.strip()]

    @classmethod
    def note_printed(cls, parcels: list[Parcel], *, by: Clerk) -> None:
        """A line of the journal for each family."""
        for adult in (letter.adult for letter in cls.all(parcels)):
            by.note("letter_printed", adult, family_id=adult.family_id)
