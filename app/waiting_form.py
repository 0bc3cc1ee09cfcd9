"""A form that was sent once its session had ended: it waits, sealed, in the page where one logs in, and nowhere else.

Passwords and codes are left out, and files cannot wait: the form asks for them again. It waits for the browser that
sent it, from a page of ours: another site would have its own form sent in the name of whoever logs in.
"""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request, session

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
    def of_request(cls) -> "WaitingForm | None":
        """What this request brings; None when no page of ours sent it. Browsers say so of every form."""
        sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
        if urlsplit(sender).netloc != request.host:
            return None
        fields = [(name, value) for name, value in opened_for.kept() if not name.endswith("csrf_token")]
        had_files = any(one.filename for one in request.files.values())
        return cls(request.full_path.rstrip("?"), fields, opened_for.mark_sent(), had_files)

    def sealed(self) -> str:
        """For this browser alone: its cookie holds the number that is sealed with the form."""
        number = session.setdefault("waits", secrets.token_urlsafe(12))
        return crypto.encrypt(json.dumps([number, self.address, self.fields, self.mark, self.had_files]))

    @classmethod
    def opened(cls, sealed: str | None) -> "WaitingForm | None":
        """None for nothing, for what we did not seal, and for what waits in another browser. Before the login, which
        begins a new cookie."""
        try:
            number, address, fields, mark, had_files = json.loads(crypto.decrypt(sealed or ""))
        except (UnreadableSecretError, ValueError):
            return None
        if number != session.get("waits"):
            return None
        return cls(address, [(name, value) for name, value in fields], mark, had_files)

    @property
    def token(self) -> str:
        """Of this session, for whom its page was opened."""
        return opened_for.marked(self.mark)
