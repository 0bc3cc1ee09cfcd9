"""Undoing a change of the address that opens an account. The former address, which is told of the change, gets a
link that is good for a week: whoever took the account by another address loses it, and its password with it.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app import clock, crypto, db
from app.crypto import UnreadableSecretError
from app.models.accounts.account import EMAIL_RETURN_LIFE, Account
from app.models.accounts.password_reset import PasswordReset
from app.models.event import Event


@dataclass(frozen=True)
class EmailReturn:
    account: Account
    former: str

    @classmethod
    def live(cls, token: str, *, lock: bool = False) -> "EmailReturn | None":
        """What this link undoes, unless it is a week old, older than the last return, or the address is back already.

        Another change of address does not end it: whoever made the first could make two.
        """
        try:
            account_id, former, said = json.loads(crypto.decrypt(token))
            made_at = datetime.fromisoformat(said)
        except (UnreadableSecretError, ValueError):
            return None
        account = db.session.get(Account, account_id, with_for_update=lock or None)
        if account is None or account.email == former or made_at + EMAIL_RETURN_LIFE < clock.now():
            return None
        return None if cls._returned_since(account, made_at) else cls(account, former)

    @staticmethod
    def _returned_since(account: Account, made_at: datetime) -> bool:
        about = (Event.kind == "email_returned", Event.subject_kind == "account", Event.subject_id == account.id)
        return db.session.scalar(select(Event.id).where(*about, Event.at >= made_at).limit(1)) is not None

    def carry_out(self, unknown_hash: str, *, address: str) -> None:
        """The former address is back, nobody is inside any more, and a link to a new password goes to it.

        `unknown_hash`: of a password that nobody knows. The address that goes is told nothing.
        """
        account = self.account
        account.owner.email = self.former
        account.password_hash, account.one_time_until = unknown_hash, None
        account.end_sessions()
        account.end_links()
        Event.record("email_returned", subject=account, address=address)
        PasswordReset.request(account.identifiant)
