"""`flask purge`: what is kept no longer (app.models.privacy.retention). It prints French for the town's technician.

Numbers and codes only: its output may end in a log.
"""

import click

from app import clock
from app.commands import needs_database
from app.formats import long_date
from app.models.privacy import retention
from app.models.retention_rule import SHOWN, Due, Rule


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Dire ce qui serait effacé, sans rien effacer.")
@needs_database
def purge(dry_run: bool) -> None:
    """Efface ce dont la durée de conservation est passée (docs/installation.md). Sans danger deux fois de suite."""
    if dry_run:
        found = retention.rehearse(clock.today(), _say)
        click.echo("C’était un essai : rien n’est effacé." if found else "Il n’y a rien à effacer.")
    else:
        done = retention.purge(clock.today(), _say)
        click.echo("C’est fait." if done else "Il n’y avait rien à effacer.")


def _say(rule: Rule, count: int, some: list[Due]) -> None:
    if not count:
        return
    click.echo(f"{rule.label} : {count}")
    for said in dict.fromkeys(f"{one.about}, depuis le {long_date(one.since)}" for one in some):
        click.echo(f"  - {said.removeprefix(', ')}")
    if count > SHOWN:
        click.echo("  - …")
