"""A browser's window onto the app of the test itself: no server, no login page, and a town for each test.

What the browser asks goes to the test's own client, which checks every page and fragment that it fetches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff

from playwright.sync_api import BrowserContext, Page, Route

ORIGIN = "http://localhost"
READ = """([region, besides]) => {
  const lines = [];
  const say = (words) => {
    const text = words.replace(/[ \\t\\r\\n]+/g, " ").trim();
    if (text) lines.push(text);
  };
  // What a fragment does not answer for, or what scripts add to each page.
  const apart = (element) => element.matches(`#flash, #menu, #dialog, script${besides && ", "}${besides}`);
  const token = (element) => element.matches("[name=csrf_token], [name=submission]");
  const told = (element) => [...element.attributes]
    .filter(({ name }) => !["tabindex", "data-htmx-powered", "value", "checked", "selected"].includes(name))
    .map(({ name, value }) => [name, name === "class" ? value.replace(/\\bhtmx-\\S+/g, "").trim() : value])
    .filter(([name, value]) => !value.includes("X-CSRFToken") && !(name === "class" && value === ""))
    .map(([name, value]) => `${name}="${value}"`).sort();
  const held = (element) => [
    element.checked ? "checked" : "",
    element.matches("input, select, textarea, option") && !token(element) ? `holds "${element.value}"` : "",
  ].filter(Boolean);
  const read = (element) => {
    if (apart(element)) return;
    say(`<${[element.localName, ...told(element), ...held(element)].join(" ")}>`);
    let words = "";
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) words += node.data;
      else if (node.nodeType === Node.ELEMENT_NODE) {
        say(words);
        words = "";
        read(node);
      }
    }
    say(words);
  };
  document.body.normalize();
  if (region === "body") say(document.title);
  read(document.querySelector(region));
  return lines;
}"""
"""The page as lines: its text, its elements, what its fields hold."""
FILLED_IN = """(form) => [...form.elements].filter((field) => field.name && field.type !== "hidden")
  .map(({ name, value, checked }) => ({ name, value, checked }))"""
FILL_IN_AND_SEND = """(form, told) => {
  for (const { name, value, checked } of told) {
    for (const field of [...form.elements].filter((one) => one.name === name)) {
      if (!["checkbox", "radio"].includes(field.type)) field.value = value;
      else if (field.value === value) field.checked = checked;
    }
  }
  form.submit();
}"""
ANSWERS = "document.addEventListener('htmx:finally:request', () => { window.answers = (window.answers ?? 0) + 1; })"


class Window:
    """Someone's browser: `page` is what they see, `client` what answers."""

    def __init__(self, context: BrowserContext, client) -> None:
        self.context, self.client = context, client
        context.route("**/*", self._answer)
        context.add_init_script(ANSWERS)
        self.page = context.new_page()

    def _answer(self, route: Route) -> None:
        request = route.request
        headers = {name: value for name, value in request.headers.items() if name != "accept-encoding"}
        address = request.url.removeprefix(ORIGIN)
        try:
            answer = self.client.open(address, method=request.method, headers=headers, data=request.post_data_buffer)
        except BaseException:
            route.abort()  # the test fails at once, for this reason
            raise
        if request.is_navigation_request() and answer.location:  # where it leads is not routed by every browser
            route.fulfill(
                content_type="text/html", body=f'<meta http-equiv="refresh" content="0;url={answer.location}">'
            )
            return
        kept = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
        route.fulfill(status=answer.status_code, headers=kept, body=answer.data)

    def open(self, address: str) -> Page:
        self.page.goto(f"{ORIGIN}{address}")
        return self.page

    @contextmanager
    def fragment(self) -> Iterator[None]:
        """What is done inside is answered by htmx: wait until the page is as the answer makes it."""
        before = self.page.evaluate("window.answers ?? 0")
        yield
        self.page.wait_for_function("before => window.answers > before", arg=before)

    def is_fresh(self, apart: str = "") -> None:
        """The page is what opening its address shows, elements of this kind apart."""
        other = self.context.new_page()
        other.goto(self.page.url)
        self._are_the_same(other, "body", apart)

    def is_as_sent(self, form: str, region: str) -> None:
        """This part of the page is what the form, filled in as it is, is answered by when no script sends it."""
        other = self.context.new_page()
        other.goto(self.page.url)
        with other.expect_navigation():
            other.locator(form).evaluate(FILL_IN_AND_SEND, self.page.locator(form).evaluate(FILLED_IN))
        self._are_the_same(other, region)

    def _are_the_same(self, other: Page, region: str, apart: str = "") -> None:
        here, there = (page.evaluate(READ, [region, apart]) for page in (self.page, other))
        other.close()
        assert here == there, "\n".join(unified_diff(there, here, "a fresh page", "after the fragment", n=2))
