"""Settings, from the environment (PREAU_*) and a .env file beside wsgi.py; the environment wins.

What is missing or wrong is gathered as French sentences in `Settings.problems`: `flask doctor` prints them,
and the server refuses to start with them.
"""

import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigurationError(Exception):
    """The portal cannot start with these settings; the message is a list of French sentences."""


@dataclass(frozen=True)
class Settings:
    """All that the outside decides. `docs/installation.md` explains each in French."""

    demo: bool
    data_dir: Path
    database_url: str
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    base_url: str
    today: date | None = None
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    agent_totp_required: bool = False
    problems: tuple[str, ...] = ()

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def mails_dir(self) -> Path:
        """Where the demonstration town's mails are laid when no mail server is set."""
        return self.data_dir / "mails"

    def require_valid(self) -> None:
        """Raises ConfigurationError with every problem found."""
        if self.problems:
            raise ConfigurationError("\n".join(f"- {problem}" for problem in self.problems))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, *, demo: bool | None = None) -> "Settings":
        """Read the settings. `demo` overrides PREAU_ENV (`flask demo` always works on a demonstration)."""
        if environ is None:
            dotenv = {key: value for key, value in dotenv_values(ROOT / ".env").items() if value is not None}
            environ = {**dotenv, **os.environ}
        return _Reader(environ, demo).settings()


class _Reader:
    """Turns texts into settings and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str], demo: bool | None) -> None:
        self.environ = environ
        self.problems: list[str] = []
        mode = self.text("PREAU_ENV") or "production"
        if mode not in ("production", "demo"):
            self.problems.append(f"PREAU_ENV vaut « {mode} » : écrivez production ou demo.")
        self.demo = demo if demo is not None else mode == "demo"
        self.data_dir = Path(self.text("PREAU_DATA_DIR") or ROOT / "instance").expanduser().absolute()

    def text(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def settings(self) -> Settings:
        secret_key, encryption_keys = self.secrets()
        return Settings(
            demo=self.demo,
            data_dir=self.data_dir,
            database_url=self.database_url(),
            secret_key=secret_key,
            encryption_keys=encryption_keys,
            base_url=self.base_url(),
            today=self.today(),
            smtp_url=self.smtp_url(),
            mail_from=self.mail_from(),
            trusted_proxies=self.trusted_proxies(),
            agent_totp_required=self.agent_totp(),
            problems=tuple(self.problems),
        )

    def secrets(self) -> tuple[str, tuple[str, ...]]:
        key = self.text("PREAU_SECRET_KEY")
        keys = tuple(part.strip() for part in self.text("PREAU_ENCRYPTION_KEYS").split(",") if part.strip())
        if self.demo and not (key and keys):
            made = _demo_secrets(self.data_dir / "demo-secrets.env")
            key, keys = key or made["PREAU_SECRET_KEY"], keys or (made["PREAU_ENCRYPTION_KEYS"],)
        for name, values in (("PREAU_SECRET_KEY", (key,)), ("PREAU_ENCRYPTION_KEYS", keys or ("",))):
            if not all(values):
                self.problems.append(f"{name} manque : écrivez-y une valeur donnée par « flask secrets ».")
            elif not self.demo and any(len(value) < 32 for value in values):
                self.problems.append(f"{name} est trop court : il faut au moins 32 caractères tirés au hasard.")
        return key, keys

    def database_url(self) -> str:
        in_the_folder = f"sqlite:///{self.data_dir / 'preau.db'}"
        url = self.text("PREAU_DATABASE_URL").replace("postgres://", "postgresql://", 1)
        try:
            known = not url or make_url(url).get_backend_name() in ("sqlite", "postgresql")
        except (ArgumentError, ValueError):  # ValueError: a port that is no number
            known = False
        if not known:
            self.problems.append(
                "PREAU_DATABASE_URL n’a pas la forme postgresql://utilisateur:motdepasse@serveur/base (ou sqlite:///…)."
            )
            return in_the_folder
        return url or in_the_folder

    def base_url(self) -> str:
        url = self.text("PREAU_BASE_URL").rstrip("/")
        if url and _is_address(url, "http", "https"):
            return url
        if url:
            self.problems.append(f"PREAU_BASE_URL n’est pas une adresse http:// ou https:// : « {url} ».")
        elif urlsplit(url).path or urlsplit(url).query or urlsplit(url).username:
            self.problems.append(f"PREAU_BASE_URL ne doit rien porter après le nom du serveur : « {url} ».")
        elif not self.demo:
            self.problems.append(
                "PREAU_BASE_URL manque : écrivez l’adresse du portail, par exemple https://famille.ma-commune.fr."
            )
        return f"http://127.0.0.1:{self.text('PORT') or '8000'}"

    def today(self) -> date | None:
        value = self.text("PREAU_TODAY")
        if not value:
            return None
        if not self.demo:
            self.problems.append("PREAU_TODAY ne sert qu’aux démonstrations : retirez-le.")
            return None
        try:
            day = date.fromisoformat(value)
            if day.isoformat() != value or not 1990 <= day.year <= 2100:
                raise ValueError(value)
            return day
        except ValueError:
            self.problems.append(f"PREAU_TODAY n’est pas une date AAAA-MM-JJ : « {value} ».")
            return None

    def smtp_url(self) -> str:
        url = self.text("PREAU_SMTP_URL")
        if url and not _is_address(url, "smtp", "smtps"):
            self.problems.append(
                "PREAU_SMTP_URL n’a pas la forme smtp://utilisateur:motdepasse@serveur:587 (ou smtps://…:465) ; "
                "dans le mot de passe, « @ » s’écrit %40, « # » %23, « / » %2F et « : » %3A."
            )
            return ""
        if not url and not self.demo:
            self.problems.append("PREAU_SMTP_URL manque : sans serveur de courriel, aucun message ne partira.")
        return url

    def mail_from(self) -> str:
        address = self.text("PREAU_MAIL_FROM")
        if address and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
            self.problems.append(f"PREAU_MAIL_FROM doit être une adresse seule, nom@domaine.fr : « {address} ».")
            return ""
        return address

    def trusted_proxies(self) -> tuple[Network, ...]:
        networks: list[Network] = []
        for part in self.text("PREAU_TRUSTED_PROXIES").split(","):
            if not part.strip():
                continue
            try:
                networks.append(ipaddress.ip_network(part.strip(), strict=False))
            except ValueError:
                self.problems.append(f"PREAU_TRUSTED_PROXIES : « {part.strip()} » n’est pas une adresse réseau.")
        return tuple(networks)

    def agent_totp(self) -> bool:
        value = self.text("PREAU_AGENT_TOTP") or "optional"
        if value not in ("optional", "required"):
            self.problems.append(f"PREAU_AGENT_TOTP vaut « {value} » : écrivez optional ou required.")
        return value == "required"


def _is_address(url: str, *schemes: str) -> bool:
    try:
        told = urlsplit(url)
        return told.scheme in schemes and bool(told.hostname) and told.port != 0
    except ValueError:  # a port that is no number, the lone bracket of an IPv6 address
        return False


def _demo_secrets(path: Path) -> dict[str, str]:
    """Secrets of a demonstration: made once, kept in its data folder, never in its database."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, new_secrets())
        return {key: value or "" for key, value in dotenv_values(path).items()}
    except OSError:  # an unwritable data folder is flask doctor's to tell
        return dict(line.split("=", 1) for line in new_secrets())


def _write_once(path: Path, lines: list[str]) -> None:
    """Whole or not at all, and never twice: the server and the worker may start at the same instant."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # readable by its owner alone
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def new_secrets() -> list[str]:
    """Two lines for a .env file."""
    return [f"{name}={secrets.token_urlsafe(48)}" for name in ("PREAU_SECRET_KEY", "PREAU_ENCRYPTION_KEYS")]
