"""Making invented people, and what the town publishes, for both demonstrations."""

import itertools
from collections.abc import Iterator
from datetime import date
from functools import cache

from app import clock, db
from app.demo import PASSWORD
from app.french_order import unaccented
from app.integrations import pdf, storage
from app.models.accounts import Account, Agent, Role, password
from app.models.families import Adult, Civility, Family
from app.models.town import Publication, Town

numbers: Iterator[int] = itertools.count(1001001818400)


@cache
def _hash() -> str:
    """One hash for all: 40 ms each would make the demonstration slow to build."""
    return password.hash_password(PASSWORD)


def account(identifiant: str, *, one_time: bool = False) -> Account:
    return Account.create(identifiant, _hash(), one_time=one_time)


def family(number: int | None = None, situation: str = "") -> Family:
    made = Family(number=str(number or next(numbers)), situation=situation)
    db.session.add(made)
    return made


def adult(
    of: Family,
    rank: int,
    civility: Civility,
    last_name: str,
    first_name: str,
    *,
    login: Account | None = None,
) -> Adult:
    mailbox = unaccented(f"{first_name}.{last_name}").replace(" ", "-").replace("’", "")
    made = Adult(
        family=of,
        account=login,
        rank=rank,
        civility=civility,
        last_name=last_name,
        first_name=first_name,
        email=f"{mailbox}@famille.example",
    )
    db.session.add(made)
    return made


def agents() -> None:
    for identifiant, name, role in (
        ("guichet", "Claire Vidal", Role.GUICHET),
        ("animation", "Karim Haddad", Role.ANIMATION),
        ("regie", "Sylvie Marchand", Role.REGIE),
        ("admin", "Hélène Roux", Role.ADMINISTRATION),
    ):
        agent = Agent(account=account(identifiant), name=name, role=role, email=f"{identifiant}@saint-jean.example")
        db.session.add(agent)


def saint_jean(welcome: str) -> Town:
    """The invented town. Its website is a name that leads nowhere (RFC 2606)."""
    made = Town(
        id=1,
        name="Saint-Jean",
        service_name="Guichet unique enfance-jeunesse",
        website_url=None,
        welcome_message=welcome,
        contact_phone="05 61 00 00 00",
        contact_email="guichetunique@saint-jean.example",
        address="Mairie de Saint-Jean\n1 place de la Mairie\n31400 Saint-Jean",
        opening_hours="du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h",
        siret="213 104 888 00012",
        publication_director="Le maire de Saint-Jean",
        hosting="Le portail est hébergé par la mairie de Saint-Jean, dans ses locaux.",
        dpo_name="Délégué à la protection des données de Saint-Jean",
        dpo_email="dpo@saint-jean.example",
        is_demo=True,
    )
    db.session.add(made)
    return made


def publications(titles: dict[str, date]) -> list[Publication]:
    """Publications with real files. Slow (PDF): call it outside the transaction, add its result inside."""
    return [_publication(title, day) for title, day in titles.items()]


def _publication(title: str, day: date) -> Publication:
    content = pdf.render(
        "fiche-inscription",
        {
            "town": "Saint-Jean",
            "service": "Guichet unique enfance-jeunesse",
            "phone": "05 61 00 00 00",
            "email": "guichetunique@saint-jean.example",
            "year": f"{day.year}-{day.year + 1}",
        },
    )
    return Publication(
        title=title,
        filename="fiche-inscription.pdf",
        content_type="application/pdf",
        size=len(content),
        storage_key=storage.save(content),
        published_on=min(day, clock.today()),
    )
