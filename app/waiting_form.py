"""A form that was sent once its session had ended: it waits, sealed, in the page where one logs in, and nowhere else.

Passwords and codes are left out, and files cannot wait: the form asks for them again.
"""

import json
from dataclasses import dataclass

from flask import request

from app import crypto, opened_for
from app.crypto import UnreadableSecretError


@dataclass(frozen=True)
class WaitingForm:
    address: str
    fields: list[tuple[str, str]]
    mark: str
    """For whom its page was opened."""
    had_files: bool

    @classmethod
    def of_request(cls) -> "WaitingForm":
        fields = [(name, value) for name, value in opened_for.kept() if not name.endswith("csrf_token")]
        had_files = any(one.filename for one in request.files.values())
        return cls(request.full_path.rstrip("?"), fields, opened_for.mark_sent(), had_files)

    def sealed(self) -> str:
        return crypto.encrypt(json.dumps([self.address, self.fields, self.mark, self.had_files]))

    @classmethod
    def opened(cls, sealed: str | None) -> "WaitingForm | None":
        """None for nothing, and for what we did not seal."""
        try:
            address, fields, mark, had_files = json.loads(crypto.decrypt(sealed or ""))
        except (UnreadableSecretError, ValueError):
            return None
        return cls(address, [(name, value) for name, value in fields], mark, had_files)

    @property
    def token(self) -> str:
        """Of this session, for whom its page was opened."""
        return opened_for.marked(self.mark)
