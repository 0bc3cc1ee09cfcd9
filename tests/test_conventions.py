"""The house polices itself: what every route, module and file must be."""

import ast
import base64
import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest
from flask import url_for

from app.models.accounts import Account, Permission, Role
from app.models.accounts.permission import TABLE
from tests.conftest import text_of

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
MODULES = sorted(APP.rglob("*.py"))

# What anyone may open, and why.
PUBLIC = {
    "auth.login": "the way in",
    "auth.open_session": "the way in",
    "auth.second_factor": "second step of the way in",
    "auth.check_second_factor": "second step of the way in",
    "auth.logout": "leaving needs no permission",
    "password.forgot": "the way in when one forgot",
    "password.request_reset": "the way in when one forgot",
    "password.reset": "the token is the key",
    "password.use_reset": "the token is the key",
    "password.email_return": "the token is the key",
    "password.return_email": "the token is the key",
    "public.help": "help",
    "public.accessibility": "legal",
    "public.legal": "legal",
    "public.privacy": "legal",
    "public.health": "for supervisors",
    "public.calendar_feed": "the token is the key",
}
WRITES_ON_GET = {
    "agent.request_proof",
    "agent.request_page",
    "agent.child_health",
    "agent.child_document",
    "agent.child_section",
    "agent.document_file",
}
# The same for all (a publication), or one's own whatever the address says (a month).
SHARED = {"parent.publication", "parent.planning", "parent.planning_csv", "parent.account_section"}
# Leads to a page that is the same for all.
LEADS_ON = {"parent.reopen_many_days"}
# Jean Dupont's own rows, in the guide's town.
VALUES = {
    "publication_id": 1,
    "token": "a-token",
    "filename": "favicon.svg",
    "enrolment_id": 1,
    "day": date(2015, 5, 6),
    "month": date(2015, 5, 1),
    "request_id": 1,
    "family_id": 1,
    "adult_id": 1,
    "child_id": 1,
    "agent_id": 1,
    "line_id": 1,
    "batch_id": 1,
    "reason_id": 1,
    "leave_id": 1,
    "section": "responsable",
    "step": "sante",
    "kind_id": 1,
    "document_id": 1,
    "topic": "informations",
    "export_id": 1,
    "mode": "regulier",
}

pytestmark = pytest.mark.sqlite_only


def endpoints(app):
    return list(app.url_map.iter_rules())


def guard_of(app, endpoint: str) -> str | None:
    blueprint = endpoint.rpartition(".")[0]
    for check in app.before_request_funcs.get(blueprint, ()):
        if hasattr(check, "guards"):
            return check.guards
    return getattr(app.view_functions[endpoint], "guards", None)


def address(app, rule) -> str:
    with app.test_request_context():
        return url_for(rule.endpoint, **{name: VALUES[name] for name in rule.arguments})


def test_every_endpoint_is_guarded_or_public_for_a_reason(app):
    for rule in endpoints(app):
        guarded = guard_of(app, rule.endpoint)
        assert bool(guarded) != (rule.endpoint in PUBLIC), rule.endpoint
        if rule.endpoint.startswith(("parent.", "agent.")):
            assert guarded == rule.endpoint.partition(".")[0]


def test_no_one_logged_out_gets_past_a_guard(app, client):
    for rule in endpoints(app):
        if rule.endpoint in PUBLIC:
            continue
        method = "GET" if "GET" in rule.methods else "POST"
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/connexion").text)[1]
        answer = client.open(
            address(app, rule), method=method, data={"csrf_token": token} if method == "POST" else None
        )
        if method == "POST":  # the login page keeps what was sent
            assert (answer.status_code, 'name="password"' in answer.text) == (401, True), rule.endpoint
            continue
        assert answer.status_code == 303, rule.endpoint
        assert answer.location.startswith("/connexion"), rule.endpoint


def test_each_side_is_closed_to_the_other(app, client):
    client.log_in("jean.dupont")
    for rule in endpoints(app):
        if rule.endpoint.startswith("agent.") and "GET" in rule.methods:
            assert client.get(address(app, rule)).status_code == 403, rule.endpoint
    client.log_out()
    client.log_in("guichet")
    for rule in endpoints(app):
        if rule.endpoint.startswith("parent.") and "GET" in rule.methods and rule.rule != "/":
            assert client.get(address(app, rule)).status_code == 403, rule.endpoint
    assert client.get("/").location == "/agent/"


def test_a_stranger_gets_404_on_each_row_of_a_family(app, client):
    """A new parents' address with an id belongs to SHARED (the same for all) or has its owner's id in VALUES."""
    client.log_in("durand")
    for rule in endpoints(app):
        if rule.endpoint.startswith("parent.") and "GET" in rule.methods and rule.arguments:
            expected = 200 if rule.endpoint in SHARED else 303 if rule.endpoint in LEADS_ON else 404
            assert client.get(address(app, rule)).status_code == expected, rule.endpoint


def test_every_url_part_is_typed_and_every_url_kebab_case(app):
    for rule in endpoints(app):
        for part in rule.rule.split("/"):
            if part.startswith("<"):
                assert ":" in part or part == "<token>", f"{rule.rule}: give {part} a type"
            else:
                assert re.fullmatch(r"[a-z0-9-]*(\.[a-z]+)?", part), rule.rule


def test_get_writes_nothing_but_where_it_says_so(app):
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "writes_on_get")}
    assert marked == WRITES_ON_GET


def test_no_mutation_passes_without_a_csrf_token(app, client):
    client.log_in("jean.dupont")
    for rule in endpoints(app):
        if "POST" in rule.methods and not rule.endpoint.startswith("agent."):
            answer = client.post(address(app, rule))
            if rule.endpoint == "auth.check_second_factor":  # no password was given: back to the start
                assert answer.location == "/connexion"
            elif rule.endpoint == "auth.open_session":  # logged in already: home, and nothing else
                assert answer.location == "/"
            elif rule.endpoint in ("password.use_reset", "password.return_email"):  # no such link
                assert answer.status_code == 404
            else:
                assert answer.status_code in (400, 422), rule.endpoint
                assert "ouverte depuis longtemps" in text_of(answer), rule.endpoint
    assert client.get("/").status_code == 200  # still logged in: none of them did anything


def test_every_view_is_short_and_annotated():
    for path in (APP / "blueprints").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("bp." in ast.unparse(d) for d in node.decorator_list):
                assert node.returns is not None, f"{path}:{node.lineno}"
                assert all(a.annotation for a in node.args.args), f"{path}:{node.lineno}"
                assert node.end_lineno - node.lineno <= 20, f"{path.name}:{node.name} is long"


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_imports_go_one_way():
    core = {APP / f"{name}.py" for name in ("db", "clock", "crypto", "columns", "triggers", "formats")}
    for path in [*(APP / "models").rglob("*.py"), *core]:
        for name in imports_of(path):
            assert name.partition(".")[0] not in ("flask", "flask_login", "flask_wtf", "werkzeug"), f"{path}: {name}"
            assert not name.startswith(("app.blueprints", "app.integrations", "app.access", "app.htmx")), (
                f"{path}: {name}"
            )
    for path in core:
        assert not any(name.startswith("app.models") for name in imports_of(path)), path
    for path in (APP / "blueprints" / "parent").rglob("*.py"):
        assert not any(name.startswith("app.blueprints.agent") for name in imports_of(path)), path


def test_there_is_one_commit():
    found = [
        path.relative_to(APP).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert found == ["db.py"]


def test_no_file_is_a_drawer():
    long = {path.name: lines for path in MODULES if (lines := len(path.read_text().splitlines())) > 260}
    assert not long


def test_only_the_worker_sends_mail():
    users = {
        path.name for path in MODULES if any("integrations.mail" in n or n == "smtplib" for n in imports_of(path))
    }
    assert users <= {"mail.py", "worker.py", "tasks.py", "doctor.py"}


def test_only_the_clock_knows_what_time_it_is():
    for path in MODULES:
        if path.name not in ("clock.py", "logs.py"):
            assert not re.search(r"date\.today\(|datetime\.now\(|utcnow\(", path.read_text()), path


def test_vendored_files_are_what_their_record_says():
    record = json.loads((APP / "static" / "vendor" / "vendor.json").read_text())
    assert {"app/static/vendor/htmx.min.js", "tests/vendor/axe.min.js"} <= set(record)
    for name, told in record.items():
        digest = hashlib.sha384((ROOT / name).read_bytes()).digest()
        assert told["sha384"] == "sha384-" + base64.b64encode(digest).decode(), name
        assert "sourceMappingURL" not in (ROOT / name).read_text(errors="ignore"), name


def test_no_registry_is_named_anywhere():
    hosts = re.compile(r"registry\.npmjs|files\.pythonhosted|pypi\.org|deb\.debian")
    for path in [*ROOT.glob("*.lock"), *(ROOT / "bin").glob("[!_]*"), ROOT / "Makefile", ROOT / "pyproject.toml"]:
        assert not hosts.search(path.read_text()), path


def test_templates_hold_nothing_that_the_policy_forbids():
    for path in (APP / "templates").rglob("*.html"):
        if "mail" in path.parts:
            continue
        source = path.read_text()
        for forbidden in ("style=", "hx-on", "onclick", "javascript:", "|safe", "<style"):
            assert forbidden not in source, f"{path}: {forbidden}"


def test_each_agents_page_is_open_to_the_roles_of_the_table_and_closed_to_the_others(app, client):
    """Route × role. What a page needs stands on its view; a view that says nothing is closed to everyone."""
    for identifiant in ("guichet", "animation", "regie", "admin"):
        client.log_in(identifiant)
        with app.app_context():
            agent = Account.named(identifiant).agent
            allowed = {permission: agent.may(permission) for permission in Permission} | {None: True}
        for rule in endpoints(app):
            view = app.view_functions[rule.endpoint]
            if rule.endpoint.startswith("agent."):
                assert hasattr(view, "permissions"), f"{rule.endpoint}: say @access.needs(…)"
                method = "GET" if "GET" in rule.methods else "POST"
                token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/agent/profil").text)[1]
                answer = client.open(address(app, rule), method=method, data={"csrf_token": token})
                closed = answer.status_code == 403
                assert closed != any(allowed[one] for one in view.permissions), f"{identifiant} on {rule.endpoint}"
        client.log_out("/agent/profil")


def test_the_document_of_permissions_is_the_table():
    rows = [
        [permission.label, *("oui" if permission in TABLE[role] else "" for role in Role)]
        for permission in Permission
    ]
    written = (ROOT / "docs" / "permissions.md").read_text()
    for row in rows:
        assert "| " + " | ".join(row) + " |" in written, row


SPACED = re.compile(r"[\w’»)}\]%€] (?=[:;!?»](?:[\s<\"'.,)}{]|$))|« ")
"""A plain space where French wants one that does not break."""
TERMINAL = {"cli.py", "commands.py", "config.py", "doctor.py", "purge.py", "command.py", "serve.py"}
"""What they say is read in a terminal, and searched there."""


def test_no_line_of_french_breaks_before_its_sign():
    found = []
    for path in (*APP.rglob("*.html"), *APP.rglob("*.txt"), *APP.rglob("*.typ")):
        if path.parent.name != "models":
            shown = re.sub(r"\{#.*?#\}|//.*?$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
            found += [f"{path.name}: {line.strip()[:80]}" for line in shown.splitlines() if SPACED.search(line)]
    for path in MODULES:
        if path.name not in TERMINAL:
            found += [
                f"{path.name}: {said[:80]}" for said in _said(ast.parse(path.read_text())) if SPACED.search(said)
            ]
    assert found == []


def _said(tree: ast.Module) -> list[str]:
    """The texts of a module, but for its docstrings."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in texts if id(node) not in alone]
