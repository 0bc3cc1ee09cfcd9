"""Who asks: an adult of the family, or an agent on their behalf, under the same rules."""

from dataclasses import dataclass

from app.models.accounts import Account, Agent
from app.models.event import Actor
from app.models.families.family import Adult


@dataclass(frozen=True)
class Author(Actor):
    adult: Adult
    agent: Agent | None = None
    """The agent who acts for the family; None when the adult does."""
    address: str = ""

    @property
    def account(self) -> Account | None:
        return self.agent.account if self.agent else self.adult.account

    @property
    def name(self) -> str:
        """« JEAN DUPONT (Père) », or « Claire Vidal, du service, pour la famille »."""
        if self.agent is not None:
            return f"{self.agent.name}, du service, pour la famille"
        return f"{self.adult.full_name} ({self.adult.quality})" if self.adult.quality else self.adult.full_name
