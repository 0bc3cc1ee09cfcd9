"""One-time codes (TOTP, RFC 6238) that protect an agent's account on top of the password."""

import secrets
import time
from typing import TYPE_CHECKING

import pyotp

from app.models.accounts.account import Account
from app.models.accounts.recovery_code import RecoveryCode
from app.models.accounts.throttle import Throttle

if TYPE_CHECKING:
    from app.models.accounts.clerk import Clerk

STEP = 30
_DRIFT = 1  # steps of tolerance for a phone whose clock is off


def new_secret() -> str:
    return pyotp.random_base32()


def provisioning_uri(secret: str, account: Account, issuer: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.identifiant, issuer_name=issuer)


def matching_step(secret: str, code: str, *, after: int = 0) -> int | None:
    """The time step at which this code is right, later than `after` (a code serves once); None when wrong."""
    totp, digits = pyotp.TOTP(secret), "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    this = int(time.time()) // STEP
    for step in range(this - _DRIFT, this + _DRIFT + 1):
        if step > after and secrets.compare_digest(totp.at(step * STEP), digits):
            return step
    return None


def enable(account: Account, secret: str, code: str, *, by: "Clerk") -> list[str] | None:
    """Protect the account if the code proves that the phone has the secret: the recovery codes, or None."""
    step = matching_step(secret, code)
    if step is None:
        return None
    account.totp_secret, account.totp_last_step = secret, step
    by.note("two_factor_enabled", account)
    return RecoveryCode.renew(account.id)


def disable(account: Account, *, by: "Clerk") -> None:
    """Ask only for the password from now on. `by`: its owner, or another agent for an owner whose phone is lost."""
    account.totp_secret, account.totp_last_step = None, 0
    RecoveryCode.renew(account.id)  # the printed ones are dead; nobody sees the new ones
    by.note("two_factor_disabled", account)


def accepts(account: Account, code: str) -> bool:
    """Whether this code (of the phone, or a recovery code) is right. Spends it, and clears the count of failures."""
    step = matching_step(account.totp_secret, code, after=account.totp_last_step) if account.totp_secret else None
    if step is not None:
        account.totp_last_step = step
    elif not RecoveryCode.use(account.id, code):
        return False
    Throttle.clear("code", str(account.id))
    return True
