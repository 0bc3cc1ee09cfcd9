"""Logging in: what is counted, what is answered. One sentence for every refusal, and how long it lasts."""

from dataclasses import dataclass
from datetime import timedelta

from app import clock, crypto, db
from app.formats import clock_time, duration, long_date
from app.models.accounts import password, second_factor
from app.models.accounts.account import Account, identifiant_key
from app.models.accounts.throttle import LIMITS, Attempt, Throttle, ThrottleKind, network
from app.models.town import Town


@dataclass(frozen=True)
class Refusal:
    sentence: str
    retry_after: int = 0
    """Seconds before a new try is worth it; 0 when one may try at once."""


# What a lock stops, and what one can do meanwhile.
IDENTIFIANT_LOCKED = (
    "cet identifiant est verrouillé",
    "Pour entrer tout de suite, demandez un lien avec «\u00a0Mot de passe oublié\u202f? » ou, si vous êtes agent, un "
    "mot de passe provisoire à l’administration du portail.",
)
CONFIRMATION_LOCKED = ("cette action est verrouillée", "Réessayez ensuite\u202f; le reste du portail est à vous.")
CODES_LOCKED = ("les codes sont refusés", "Réessayez ensuite, ou demandez à l’administration du portail.")

CLOSED = Refusal("Ce compte est fermé par la mairie. Appelez le service pour en savoir plus.")
MERGED = Refusal(
    "Vous aviez deux dossiers, la mairie les a réunis : entrez avec votre autre identifiant, qui ouvre tout. "
    "Si vous ne le connaissez pas, appelez le service."
)
PASSWORD_CHANGED = Refusal("Le mot de passe vient de changer\u00a0: recommencez avec le nouveau.")


def authenticate(identifiant: str, typed: str, *, address: str, browser: str = "") -> Account | Refusal:
    """Check a password. Opens its own transactions: the hash (40 ms) is computed between them, outside of any.

    The try is counted before it is checked; locked or in the pause, the password is not even looked at. Tries in a
    `browser` that this identifiant is known to have used are counted apart.
    """
    with db.transaction():
        account = Account.named(identifiant)
        stored = account.password_hash if account else None
        by_address = Throttle.begin("address", network(address))
        key = _counted_by(identifiant, stored, browser)
        by_name = Attempt(0) if by_address.locked_for else Throttle.begin("identifiant", key)
    if by_address.locked_for:
        return _address_locked(by_address)
    stopped = _stopped(by_name, IDENTIFIANT_LOCKED)
    if stopped:
        return stopped
    if not password.verify(stored, typed):
        return _wrong("Identifiant ou mot de passe incorrect.", by_name, IDENTIFIANT_LOCKED)
    with db.transaction():
        Throttle.forgive("address", network(address))
        Throttle.clear("identifiant", key)
        account = Account.named(identifiant)
        if account is None or account.password_hash != stored:  # changed between the two looks
            return PASSWORD_CHANGED
        return _shut(account) or account


def _counted_by(identifiant: str, stored: str | None, browser: str) -> str:
    """In a known browser by password as well: a new one, from a link or a letter, starts afresh."""
    key = identifiant_key(identifiant)
    return f"{key} {browser} {crypto.digest(stored)}" if browser and stored else key


def confirm_password(account: Account, typed: str) -> Refusal | None:
    """Check the password of someone already logged in; None when right. Own transactions."""
    with db.transaction():
        # A count of its own: a stranger who fails at the login page must not hinder who is already in.
        attempt = Throttle.begin("confirmation", str(account.id))
        stored = db.session.get_one(Account, account.id).password_hash
    stopped = _stopped(attempt, CONFIRMATION_LOCKED)
    if stopped:
        return stopped
    if not password.verify(stored, typed):
        return _wrong("Ce n’est pas votre mot de passe actuel.", attempt, CONFIRMATION_LOCKED)
    with db.transaction():
        Throttle.clear("confirmation", str(account.id))
    return None


def check_code(account: Account, code: str) -> Refusal | None:
    """Spend a code of the agent's phone, or a recovery code; None when right. Inside a transaction."""
    if account.locked_at is not None:
        return CLOSED
    attempt = Throttle.begin("code", str(account.id))
    stopped = _stopped(attempt, CODES_LOCKED)
    if stopped or second_factor.accepts(account, code):
        return stopped
    wrong = "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, ou utilisez un code de secours."
    return _wrong(wrong, attempt, CODES_LOCKED)


def _stopped(attempt: Attempt, what: tuple[str, str]) -> Refusal | None:
    """The refusal of a try that is not looked at: during a lock, or during the pause."""
    if attempt.locked_for:
        return _locked(attempt.locked_for, what)
    if attempt.wait:
        pause = "Une pause est imposée après plusieurs essais manqués\u00a0: cet essai n’a pas été vérifié."
        return Refusal(f"{pause} {_what_comes_next(attempt)}", retry_after=int(attempt.wait))
    return None


def _wrong(sentence: str, attempt: Attempt, what: tuple[str, str]) -> Refusal:
    limit = LIMITS[ThrottleKind.IDENTIFIANT]
    if not attempt.tries_left(ThrottleKind.IDENTIFIANT):
        return _locked(limit.lock_for.total_seconds(), what)
    pause = limit.pause(attempt.failures).total_seconds()
    return Refusal(f"{sentence} {_what_comes_next(attempt)}" if pause else sentence)


def _what_comes_next(attempt: Attempt) -> str:
    limit, left = LIMITS[ThrottleKind.IDENTIFIANT], attempt.tries_left(ThrottleKind.IDENTIFIANT)
    pause = duration(limit.pause(attempt.failures).total_seconds())
    tries = "un essai" if left == 1 else f"{left} essais"
    return (
        f"Attendez {pause} avant de réessayer\u202f; encore {tries} avant un verrouillage "
        f"de {duration(limit.lock_for.total_seconds())}."
    )


def _locked(seconds: float, what: tuple[str, str]) -> Refusal:
    return Refusal(
        f"Trop d’essais manqués\u00a0: {what[0]} pendant {duration(seconds)}, jusqu’à {_hour_in(seconds)}. {what[1]}",
        retry_after=int(seconds) + 1,
    )


def _address_locked(attempt: Attempt) -> Refusal:
    return Refusal(
        "Trop d’essais manqués depuis cette connexion internet\u00a0: elle est bloquée pendant "
        f"{duration(attempt.locked_for)}, jusqu’à {_hour_in(attempt.locked_for)}. "
        "Réessayez ensuite, ou passez par une autre connexion.",
        retry_after=int(attempt.locked_for) + 1,
    )


def _hour_in(seconds: float) -> str:
    return clock_time(clock.now() + timedelta(seconds=seconds))


def _shut(account: Account) -> Refusal | None:
    """Why this account opens nothing, though the password is right; None when it does."""
    if account.locked_at is not None:
        return CLOSED
    if account.merged_away:
        return MERGED
    return _expired(account) if account.one_time_password_expired else None


def _expired(account: Account) -> Refusal:
    assert account.one_time_until is not None
    town = Town.current()
    call = f", ou appelez le {town.contact_phone}" if town.contact_phone else ""
    return Refusal(
        f"Ce mot de passe provisoire n’est plus valable depuis le {long_date(account.one_time_until.date())}. "
        f"Demandez un lien avec «\u00a0Mot de passe oublié\u202f? »{call}."
    )
