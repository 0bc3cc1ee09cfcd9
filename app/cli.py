"""The `flask` commands. What they print is for the town's technician, in French."""

import re
import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import StatementError

from app import config, db, doctor, keys, schema
from app.commands import needs_database, needs_settings
from app.models.accounts import Account, Agent, Role, password, second_factor
from app.models.accounts.account import MAILBOX
from app.models.accounts.clerk import Clerk
from app.models.documents import DocumentKind
from app.models.event import Event
from app.models.jobs import Job
from app.models.reviews import StandardReason
from app.models.town import Town
from app.purge import purge
from app.worker import Worker

database = AppGroup("db", help="La base de données : mise à niveau, état, photographie.")
jobs = AppGroup("jobs", help="Les tâches de fond qui attendent un regard.")


def init_app(app: Flask) -> None:
    from app.demo.command import demo_command  # noqa: PLC0415 - builds an app of its own

    for command in (demo_command, diagnose, worker, create_admin, town, two_factor_off, new_secrets, purge):
        app.cli.add_command(command)
    app.cli.add_command(database)
    app.cli.add_command(jobs)


@click.command("doctor")
@with_appcontext
def diagnose() -> None:
    """Dit ce qui ne va pas dans cette installation."""
    checks = doctor.examine(current_app.config["PREAU"])
    for check in checks:
        click.echo(f"{'✓' if check.good else '✗'} {check.sentence}")
    if not all(check.good for check in checks):
        sys.exit(1)


@click.command("worker")
@click.option("--once", is_flag=True, help="Faire ce qui est dû maintenant, puis s’arrêter.")
@needs_settings
def worker(once: bool) -> None:
    """Fait les travaux de fond : courriels, rappels, ménage."""
    working = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    if once:
        working.run_all()
    else:
        working.run_until_stopped()


@click.command("create-admin")
@click.option("--identifiant", prompt="Identifiant", help="Ce qu’il tapera pour se connecter.")
@click.option("--name", "name", prompt="Prénom et nom")
@click.option("--email", prompt="Adresse de courriel", default="", show_default=False)
@click.option("--town", "town_name", default="", help="Nom de la commune, à la première installation.")
@needs_database
def create_admin(identifiant: str, name: str, email: str, town_name: str) -> None:
    """Crée un compte d’administration et affiche son mot de passe provisoire."""
    if not identifiant.strip() or not name.strip():
        raise click.ClickException("il faut un identifiant et un nom.")
    if email.strip() and not re.fullmatch(MAILBOX, email):
        raise click.ClickException("l’adresse de courriel n’a pas la forme nom@domaine.fr, sans accent.")
    if Account.named(identifiant) is not None:
        raise click.ClickException(f"l’identifiant « {identifiant.strip()} » est déjà pris.")
    one_time = password.one_time()
    hashed = password.hash_password(one_time)
    with db.transaction() as writing:
        if writing.get(Town, 1) is None:
            writing.add(Town(name=town_name or "Ma commune"))
        DocumentKind.seed()
        StandardReason.seed()
        account = Account.create(identifiant, hashed, one_time=True)
        writing.add(Agent(account=account, name=name.strip(), email=email.strip(), role=Role.ADMINISTRATION))
        Event.record("admin_created", subject=account)
    click.echo(f"Compte créé. Identifiant : {identifiant.strip()}")
    click.echo(f"Mot de passe provisoire (60 jours, à changer à la première connexion) : {one_time}")


@click.command("town")
@click.argument("changes", nargs=-1, metavar="[CHAMP=VALEUR]…")
@needs_database
def town(changes: tuple[str, ...]) -> None:
    """Montre ce que les pages disent de la commune, ou le change : flask town contact_phone="05 61 00 00 00"."""
    pairs = dict(change.partition("=")[::2] for change in changes)
    unknown = sorted(set(pairs) - set(Town.EDITABLE))
    if unknown:
        raise click.ClickException(f"champ inconnu : {', '.join(unknown)}. Champs : {', '.join(Town.EDITABLE)}.")
    with db.transaction() as writing:
        row = writing.get(Town, 1) or Town(name="Ma commune")
        writing.add(row)
        try:
            for name, value in pairs.items():
                setattr(row, name, value.strip().replace("\\n", "\n"))
            writing.flush()
        except (ValueError, StatementError):
            raise click.ClickException(f"valeur impossible pour {name} : « {value} ».") from None
    for name in Town.EDITABLE:
        click.echo(f"{name} = {getattr(row, name) or ''}")


@click.command("two-factor-off")
@click.argument("identifiant")
@needs_database
def two_factor_off(identifiant: str) -> None:
    """Désactive la double authentification d’un agent qui a perdu son téléphone et ses codes de secours."""
    with db.transaction():
        account = Account.named(identifiant)
        if account is None or account.agent is None or not account.has_second_factor:
            raise click.ClickException(f"« {identifiant} » n’a pas de double authentification.")
        second_factor.disable(account, by=Clerk(account.agent, "flask two-factor-off"))
    click.echo("La double authentification est désactivée. Vérifiez par téléphone que la demande venait de l’agent.")


@click.command("secrets")
def new_secrets() -> None:
    """Tire au hasard les secrets à écrire dans le fichier .env."""
    for line in config.new_secrets():
        click.echo(line)


@database.command("upgrade")
@needs_settings
def upgrade() -> None:
    """Crée la base, ou l’amène à la version du programme. Sans danger si elle y est déjà."""
    current_app.config["PREAU"].data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    schema.upgrade(db.engine())
    try:
        keys.seal()
    except keys.WrongKeysError as error:
        raise click.ClickException(str(error)) from None
    click.echo("La base de données est à jour.")


@database.command("photograph")
def photograph() -> None:
    """Écrit schema.sql d’après les modèles (développement)."""
    schema.PHOTOGRAPH.write_text(schema.photograph(db.make_engine("sqlite://")), encoding="utf-8")


@database.command("revise")
@click.argument("message")
def revise(message: str) -> None:
    """Écrit une migration d’après l’écart entre les modèles et la base (développement)."""
    schema.write_migration(db.engine(), message)


@jobs.command("list")
@needs_database
def list_jobs() -> None:
    """Liste ce qui a échoué, ou dont on ne sait pas comment c’est fini."""
    for job in Job.for_a_look():
        click.echo(f"{job.id}  {job.kind}  {job.state}  {job.attempts} essai(s)  {job.last_error}")


@jobs.command("retry")
@click.argument("job_id", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="Toutes celles qui attendent un regard.")
@needs_database
def retry_job(job_id: int | None, every: bool) -> None:
    """Remet une tâche dans la file, après l’avoir regardée."""
    with db.transaction():
        chosen = [job for job in Job.for_a_look() if every or job.id == job_id]
        for job in chosen:
            job.try_again()
    if not chosen:
        raise click.ClickException("aucune tâche n’attend un regard." if every else _no_job(job_id))
    for job in chosen:
        click.echo(f"La tâche n° {job.id} est de nouveau dans la file.")


def _no_job(job_id: int | None) -> str:
    return f"aucune tâche n° {job_id} n’attend un regard." if job_id else "donnez le numéro d’une tâche, ou --all."
