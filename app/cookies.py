"""The session's cookie, as Flask signs it, read whatever its age."""

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner, URLSafeTimedSerializer


class _Signer(TimestampSigner):
    """The age of a cookie counts elsewhere: in its row, and in when it says that it was used. A server whose clock is
    a second behind must not refuse what another one signed."""

    def unsign(self, signed_value: Any, max_age: int | None = None, *args: Any, **kwargs: Any) -> Any:
        return super().unsign(signed_value, None, *args, **kwargs)


class Cookies(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer
