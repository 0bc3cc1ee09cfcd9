"""The code of a request: what is read over the phone, « K7M-3QX »."""

import secrets

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_code() -> str:
    """31 bits of chance; the database refuses one that is in use."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"
