"""A form as a browser would send it back: what it shows, hidden fields included."""

from collections import defaultdict

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


def shown(page: str, action: str) -> dict[str, list[str]]:
    """The fields of the form of this page that posts to `action`, with their values."""
    root = html5lib.parse(page)
    (form,) = (one for one in root.iter(f"{HTML}form") if one.get("action") == action and one.get("method") == "post")
    values: dict[str, list[str]] = defaultdict(list)
    for field in form.iter():
        if field.tag == f"{HTML}input" and field.get("name"):
            if field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None:
                values[field.get("name")].append(field.get("value") or "")
        elif field.tag == f"{HTML}textarea":
            values[field.get("name")].append(field.text or "")
        elif field.tag == f"{HTML}select":
            chosen = [one.get("value") for one in field.iter(f"{HTML}option") if one.get("selected") is not None]
            values[field.get("name")] += chosen or [next(field.iter(f"{HTML}option")).get("value")]
    return values


def send(client, url: str, **changes: str | list[str]):
    """Open the page, change these fields, send the form."""
    return send_on(client, client.get(url).text, url, **changes)


def send_on(client, page: str, url: str, **changes: str | list[str]):
    """Send the form of a page that was opened before."""
    return client.post(url, data={**shown(page, url), **changes})
