"""Mail, through SMTP. Nothing sends but the worker, from the job table (see app.models.jobs.job).

What is done about each answer of the server: a temporary one (4xx, no connection, too slow) is tried again
later; a definitive one (5xx) is kept for a look; a connection lost after the text was handed over leaves it
unknown whether the mail left, and that too is kept for a look rather than sent twice.
"""

import smtplib
import ssl
from collections.abc import Callable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app, render_template
from jinja2.exceptions import TemplateNotFound

from app.config import Settings
from app.models.town import Town

TIMEOUT = 15  # seconds, for each exchange with the server
DATA_TIMEOUT = 120  # seconds, once the text is handed over: relays examine it before they answer
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SEVEN_BITS = SMTP.clone(cte_type="7bit")  # accents survive any server of the way


class TemporaryError(Exception):
    """Not now: try again later."""


class UnreachableError(TemporaryError):
    """No connection could be opened: the next mail would have to wait as long."""


class DefinitiveError(Exception):
    """The server will not take this mail."""


class UnknownOutcomeError(Exception):
    """The text was handed over and no answer came."""


def compose(payload: dict[str, Any]) -> EmailMessage:
    """The message of a "mail" job: plain text always, HTML beside it; the subject is the text's first line."""
    town, context = Town.current(), payload["context"]
    settings: Settings = current_app.config["PREAU"]
    shown = {"town": town, "base_url": settings.base_url, **context}
    subject, _, text = render_template(f"mail/{payload['template']}.txt", **shown).partition("\n")
    message = EmailMessage()
    message["Subject"] = subject.strip()
    message["To"] = _address(payload["to"])
    sender = settings.mail_from or town.contact_email or f"portail@{urlsplit(settings.base_url).hostname}"
    message["From"] = formataddr((f"Portail famille {town.name}", sender))
    if town.contact_email:
        message["Reply-To"] = town.contact_email
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=urlsplit(settings.base_url).hostname)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    try:
        html = render_template(f"mail/{payload['template']}.html", subject=subject.strip(), **shown)
    except TemplateNotFound:
        return message
    message.add_alternative(html, subtype="html")
    return message


def _address(typed: str) -> Address:
    """Raises DefinitiveError for what is no address, or has accents, which few servers take."""
    try:
        address = Address(addr_spec=typed.strip())
    except (ValueError, IndexError, MessageError):
        address = None
    if address is None or not address.addr_spec.isascii():
        raise DefinitiveError("adresse de courriel impossible")
    return address


def deliver(message: EmailMessage, *, before_handing_over: Callable[[], None]) -> None:
    """Hand a mail to the server, or lay it in a folder when a demonstration has none.

    `before_handing_over` is called at the last moment at which nothing has left yet; it may raise to stop.
    """
    settings: Settings = current_app.config["PREAU"]
    if settings.smtp_url:
        _send(urlsplit(settings.smtp_url), message, before_handing_over)
    elif settings.demo:
        before_handing_over()
        settings.mails_dir.mkdir(parents=True, exist_ok=True)
        name = f"{message['Date'].datetime:%Y%m%d-%H%M%S}-{message['Message-ID'].strip('<>').split('@')[0]}.eml"
        (settings.mails_dir / name).write_bytes(message.as_bytes())
    else:
        raise TemporaryError("PREAU_SMTP_URL manque")


def probe(smtp_url: str) -> None:
    """Whether the mail server answers; raises TemporaryError or DefinitiveError with its words."""
    with _connected(urlsplit(smtp_url)) as server:
        server.noop()


def _send(url: SplitResult, message: EmailMessage, before_handing_over: Callable[[], None]) -> None:
    sender = str(message["From"].addresses[0].addr_spec)
    recipient = str(message["To"].addresses[0].addr_spec)
    with _connected(url) as server:
        _expect(server.mail(sender), "MAIL FROM")
        _expect(server.rcpt(recipient), "RCPT TO")
        before_handing_over()
        try:
            if server.sock is not None:
                server.sock.settimeout(DATA_TIMEOUT)
            answer = server.data(message.as_bytes(policy=SEVEN_BITS))
        except smtplib.SMTPDataError as refused:  # the server declined before the text
            answer = (refused.smtp_code, b"")
        except (smtplib.SMTPServerDisconnected, OSError) as lost:
            raise UnknownOutcomeError(f"connexion perdue pendant l’envoi ({type(lost).__name__})") from lost
        _expect(answer, "DATA")


class _connected:  # noqa: N801 - used as a `with` verb
    """A session with the server: TLS when it offers it, login when the URL has one."""

    def __init__(self, url: SplitResult) -> None:
        self.url = url

    def __enter__(self) -> smtplib.SMTP:
        try:
            return self._open()
        except smtplib.SMTPAuthenticationError as error:
            raise TemporaryError(f"le serveur refuse l’identifiant ({error.smtp_code})") from error
        except smtplib.SMTPResponseException as error:
            raise TemporaryError(f"le serveur répond {error.smtp_code}") from error
        except UnicodeEncodeError as error:
            raise TemporaryError("l’identifiant ou le mot de passe du serveur a des accents") from error
        except (smtplib.SMTPException, OSError) as error:
            raise UnreachableError(f"le serveur ne répond pas ({type(error).__name__})") from error

    def _open(self) -> smtplib.SMTP:
        host, port = self.url.hostname or "", self.url.port
        if self.url.scheme == "smtps":
            self.server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            self.server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT)
        self.server.ehlo()
        if self.url.scheme == "smtp" and self.server.has_extn("starttls"):
            self.server.starttls(context=ssl.create_default_context())
            self.server.ehlo()
        elif self.url.scheme == "smtp" and self.url.username and host not in LOOPBACK:
            raise TemporaryError("le serveur n’offre pas le chiffrement, le mot de passe n’est pas envoyé en clair")
        if self.url.username:
            self.server.login(unquote(self.url.username), unquote(self.url.password or ""))
        return self.server

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self.server.quit()
        except (smtplib.SMTPException, OSError):
            self.server.close()
        if isinstance(error, smtplib.SMTPException | OSError):
            raise TemporaryError(f"le serveur a rompu la connexion ({type(error).__name__})") from error


def _expect(answer: tuple[int, bytes], step: str) -> None:
    code, _words = answer
    if code >= 500:
        raise DefinitiveError(f"refus définitif {code} à {step}")
    if code >= 400 or code < 200:
        raise TemporaryError(f"refus temporaire {code} à {step}")
