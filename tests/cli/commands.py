"""What the tests of doctor share."""

import subprocess
import sys
from itertools import count
from pathlib import Path

from app import db
from app.models.jobs import Job
from tests.conftest import settings
from tests.servers import ROOT

KEY = settings(Path("/nowhere")).encryption_keys[0]


_numbers = count(1)


def fail_a_job():
    with db.transaction():
        Job.enqueue("note", {"n": 1})
    with db.transaction():
        job = Job.claim()
        db.session.flush()
        Job.give_up(job.id, job.lease_token, "refus définitif 550 à RCPT TO")
    return job.id


def in_a_process(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def create_admin(flask, app, identifiant="chef", **options):
    arguments = ["--identifiant", identifiant, "--name", "Anne Chef", "--email", "chef@saint-jean.example"]
    return flask("create-admin", *arguments, *options.get("more", ()), app=app)
