"""What every page that any test fetches must be."""

import hashlib
import re

import html5lib
from html5lib.constants import namespaces

HTML = f"{{{namespaces['html']}}}"
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}


_ONCE = re.compile(r'(name="(?:csrf_token|submission)"[^>]*value=)"[^"]*"')
_good: set[bytes] = set()


def check(html: str, *, fragment: bool = False) -> None:
    """Raises AssertionError, with a sentence, for a page (or fragment) that breaks a rule of the house."""
    same = hashlib.sha256(_ONCE.sub(r"\1", html).encode()).digest()
    if same not in _good:  # most tests fetch the login page, and reading one takes longer than making it
        _check(html, fragment=fragment)
        _good.add(same)


def _check(html: str, *, fragment: bool) -> None:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True)
    if fragment:  # htmx reads a partial as a template, where a cell may stand alone; html5lib knows no template
        html = re.sub(r"(<hx-partial[^>]*>)\s*(<td.*?</td>)", r"\1<table><tr>\2</tr></table>", html, flags=re.DOTALL)
    root = parser.parseFragment(html) if fragment else parser.parse(html)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    _no_duplicate_ids(elements)
    _fields_are_labelled(elements)
    _forms_say_where_they_go(elements)
    _nothing_inline(elements)
    if not fragment:
        _is_a_page(elements)


def _tags(elements, name):
    return [element for element in elements if element.tag == HTML + name]


def _is_a_page(elements) -> None:
    (title,) = _tags(elements, "title")
    assert title.text, "the page has no title"
    assert len(title.text.strip()) > 5, "the page has no title"
    headings = _tags(elements, "h1")
    assert len(headings) == 1, f"{len(headings)} h1 in « {title.text} »"
    assert _tags(elements, "html")[0].get("lang") == "fr", "the page does not say that it is in French"
    assert len(_tags(elements, "main")) == 1, "the page has no main"


def _no_duplicate_ids(elements) -> None:
    ids = [element.get("id") for element in elements if element.get("id") is not None]
    twice = {one for one in ids if ids.count(one) > 1}
    assert not twice, f"duplicate ids {twice}"
    for element in elements:
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for named in (element.get(attribute) or "").split():
                assert named in ids, f"{attribute} names #{named}, which is not in the page"


def _fields_are_labelled(elements) -> None:
    labelled = {label.get("for") for label in _tags(elements, "label")}
    for field in [*_tags(elements, "input"), *_tags(elements, "select"), *_tags(elements, "textarea")]:
        if field.get("type") in UNLABELLED or field.get("hidden") is not None:
            continue
        named = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        assert named, f"field {field.get('name')} has no label"


def _forms_say_where_they_go(elements) -> None:
    for form in _tags(elements, "form"):
        assert form.get("action"), "a form without action"
        assert form.get("method") in ("get", "post"), "a form without method"
        if form.get("method") == "post":
            names = {field.get("name") for field in form.iter() if isinstance(field.tag, str)}
            assert "csrf_token" in names, f"the form to {form.get('action')} has no csrf_token"


def _nothing_inline(elements) -> None:
    for element in elements:
        inline = [name for name in element.attrib if name == "style" or re.match(r"on|hx-on|data-hx-on", str(name))]
        assert not inline, f"{inline} on {element.tag}: the content security policy forbids it"
        if element.tag == HTML + "script":
            assert element.get("src"), "an inline script"
        for name in ("src", "href", "action"):
            target = element.get(name) or ""
            if name == "src" or element.tag == HTML + "link":
                assert not target.startswith(("http:", "https:", "//")), f"third-party {target}"
