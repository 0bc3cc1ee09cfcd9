"""Logging in: what is counted, what is answered. One sentence for every refusal, and how long it lasts."""

from dataclasses import dataclass

from app import clock, db
from app.formats import clock_time, duration, long_date
from app.models import password, two_factor
from app.models.account import Account, identifiant_key
from app.models.event import Event
from app.models.throttle import LIMITS, Kind, Standing, Throttle
from app.models.town import Town


@dataclass(frozen=True)
class Refusal:
    sentence: str
    retry_after: int = 0
    """Seconds before a new try is worth it; 0 when one may try at once."""


def authenticate(identifiant: str, typed: str, *, address: str) -> Account | Refusal:
    """Check a password. Opens its own transactions: the hash (40 ms) is computed between them, outside of any.

    The try is counted before it is checked. Locked: the password is not even looked at. In the pause: it is,
    but the answer is the same right or wrong.
    """
    key = identifiant_key(identifiant)
    with db.transaction():
        by_address = Throttle.begin("address", address)
        by_name = Standing(0) if by_address.locked_for else Throttle.begin("identifiant", key)
        account = Account.named(identifiant)
        stored = account.password_hash if account else None
    if by_address.locked_for:
        return _locked("Trop d’essais manqués depuis cette connexion internet", by_address)
    if by_name.locked_for:
        return _locked("Trop d’essais manqués : cet identifiant est verrouillé", by_name)
    if not password.verify(stored, typed):
        return _wrong(by_name, account)
    with db.transaction():
        Throttle.forgive("address", address)
        account = Account.named(identifiant)
        if account is None or account.password_hash != stored:  # changed between the two looks
            return _wrong(by_name, account)
        if by_name.wait:
            Throttle.forgive("identifiant", key)
            return _too_soon(by_name.wait)
        Throttle.clear("identifiant", key)
        return _expired(account) if account.one_time_password_expired else account


def confirm_password(account: Account, typed: str) -> Refusal | None:
    """Check the password of someone already logged in, under the same count; None when right. Own transactions."""
    with db.transaction():
        standing = Throttle.begin("identifiant", account.identifiant_key)
        stored = db.session.get_one(Account, account.id).password_hash
    if standing.locked_for:
        return _locked("Trop d’essais manqués : votre compte est verrouillé", standing)
    if not password.verify(stored, typed):
        return Refusal("Ce n’est pas votre mot de passe actuel.")
    with db.transaction():
        Throttle.clear("identifiant", account.identifiant_key)
    return None


def check_code(account: Account, code: str) -> Refusal | None:
    """Spend a code of the agent's phone, or a recovery code; None when right. Inside a transaction."""
    standing = Throttle.begin("code", str(account.id))
    if standing.locked_for:
        return _locked("Trop de codes faux : ce compte est verrouillé", standing)
    if standing.wait:
        return _too_soon(standing.wait)
    if not two_factor.accepts(account, code):
        return Refusal(
            "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, ou utilisez un code de secours."
        )
    return None


def _wrong(standing: Standing, account: Account | None) -> Refusal:
    limit = LIMITS[Kind.IDENTIFIANT]
    left = standing.tries_left(Kind.IDENTIFIANT)
    if not left:
        with db.transaction():
            Event.record("account_locked", subject=account)
        return _locked(
            "Trop d’essais manqués : cet identifiant est verrouillé",
            Standing(standing.failures, locked_for=limit.lock_for.total_seconds()),
        )
    sentence = "Identifiant ou mot de passe incorrect."
    pause = limit.pause(standing.failures).total_seconds()
    if pause:
        tries = "un essai" if left == 1 else f"{left} essais"
        sentence += (
            f" Attendez {duration(pause)} avant de réessayer ; encore {tries} avant un verrouillage "
            f"de {duration(limit.lock_for.total_seconds())}."
        )
    return Refusal(sentence, retry_after=int(pause))


def _locked(what: str, standing: Standing) -> Refusal:
    until = clock.now().timestamp() + standing.locked_for
    at = clock_time(clock.now().fromtimestamp(until, tz=clock.PARIS))
    return Refusal(
        f"{what} pendant {duration(standing.locked_for)}, jusqu’à {at}. "
        "Pour entrer tout de suite, demandez un lien avec « Mot de passe oublié ? ».",
        retry_after=int(standing.locked_for) + 1,
    )


def _too_soon(wait: float) -> Refusal:
    return Refusal(
        f"Après plusieurs essais manqués, une pause est imposée : attendez encore {duration(wait)}, puis réessayez.",
        retry_after=int(wait) + 1,
    )


def _expired(account: Account) -> Refusal:
    assert account.one_time_until is not None
    town = Town.current()
    call = f", ou appelez le {town.contact_phone}" if town.contact_phone else ""
    return Refusal(
        f"Ce mot de passe provisoire n’est plus valable depuis le {long_date(account.one_time_until.date())}. "
        f"Demandez un lien avec « Mot de passe oublié ? »{call}."
    )
