"""An agent who does something at the town hall: the `by` of the agents' verbs."""

from dataclasses import dataclass

from app.models.accounts.account import Account
from app.models.accounts.agent import Agent
from app.models.event import Actor


@dataclass(frozen=True)
class Clerk(Actor):
    agent: Agent
    address: str = ""

    @property
    def account(self) -> Account:
        return self.agent.account
