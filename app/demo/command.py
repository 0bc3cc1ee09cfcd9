"""`flask demo`: make or reset the demonstration town."""

import click
from flask import Flask
from flask.cli import ScriptInfo, pass_script_info
from sqlalchemy import Connection, inspect, text

from app import db, demo, schema
from app.config import ConfigurationError, Settings
from app.integrations import storage
from app.turns import LONGEST

_WITH_FILES = {"document", "piece", "proof", "publication"}
"""Tables whose files go with them. `piece`: of a town made by an older version."""


@click.command("demo")
@click.option("--guide", is_flag=True, help="La famille et les pages de la notice (avec PREAU_TODAY=2015-05-04).")
@pass_script_info
def demo_command(loaded: ScriptInfo, guide: bool) -> None:
    """Crée la ville de démonstration, ou la remet à son premier jour."""
    settings = Settings.load(demo=True)
    try:
        settings.require_valid()
    except ConfigurationError as error:
        raise click.ClickException(f"réglages à corriger :\n{error}") from None
    app = _in_demo_mode(loaded.load_app(), settings)
    with app.app_context():
        build(app, guide=guide)
    click.echo(f"Ville de démonstration prête dans {settings.data_dir}. Mot de passe de tous : {demo.PASSWORD}")


def _in_demo_mode(loaded: Flask, settings: Settings) -> Flask:
    """The app that `flask` loaded, or another one where PREAU_ENV does not say that it is a demonstration."""
    if loaded.config["PREAU"] == settings:
        return loaded
    from app import create_app  # noqa: PLC0415 - it imports this module

    return create_app(settings)


def build(app: Flask, *, guide: bool = False) -> None:
    """Erase and fill. Raises click.ClickException for a database that is not a demonstration's."""
    from app.demo import guide as guide_town  # noqa: PLC0415
    from app.demo import town  # noqa: PLC0415

    app.config["PREAU"].data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = db.engine().execution_options(preau_writes=LONGEST)
    with engine.connect() as connection, connection.begin():
        if not schema.is_empty(connection):
            refuse_a_real_town(connection)
            for table in _WITH_FILES & set(inspect(connection).get_table_names()):
                kept = f"SELECT storage_key FROM {table} WHERE storage_key IS NOT NULL"  # noqa: S608 - our own tables
                for key in connection.scalars(text(kept)):
                    storage.delete(key)
            schema.erase(connection)
    schema.upgrade(db.engine())
    (guide_town if guide else town).fill()


def refuse_a_real_town(connection: Connection) -> None:
    try:
        is_demo = connection.execute(text("SELECT is_demo FROM town")).scalar()
        accounts = connection.execute(text("SELECT count(*) FROM account")).scalar()
    except Exception as error:
        raise click.ClickException(
            "cette base de données n’est pas celle d’un portail : rien n’est effacé."
        ) from error
    never_used = is_demo is None and not accounts  # stopped while it was being made
    if not (is_demo or never_used):
        raise click.ClickException("cette base de données n’est pas une démonstration : rien n’est effacé.")
