// A session that ended: one logs in beside the page, which then sends what waits. And before it ends, a warning.
const dialog = document.getElementById("log-in-here");
const flash = document.getElementById("flash");
const LIMIT = Number(document.body.dataset.idleSeconds) * 1000;
const WARNING = 120_000;
const USED = "preau-used"; // when any tab of this browser last used the session; nothing else is kept there

let waiting; // what was not sent: a form, the button that sent it, and whether it sends itself at each change

const renew = (token) => {
  for (const field of document.querySelectorAll('[name="csrf_token"]')) field.value = field.value.replace(/^[^~]*/, token);
  const name = "data-hx-headers:inherited";
  const headers = JSON.parse(document.body.getAttribute(name));
  headers["X-CSRFToken"] = headers["X-CSRFToken"].replace(/^[^~]*/, token);
  document.body.setAttribute(name, JSON.stringify(headers));
};

const sendAgain = () => {
  const { form, submitter, byItself } = waiting ?? {};
  waiting = undefined;
  if (!form?.isConnected) return;
  if (byItself) htmx.trigger(form, "change");
  else form.requestSubmit(submitter?.isConnected ? submitter : undefined);
};

const showOrGoOn = () => {
  const renewed = dialog.querySelector("[data-renewed-token]");
  if (renewed) {
    renew(renewed.dataset.renewedToken);
    dialog.close();
    sendAgain();
  } else if (dialog.childElementCount && !dialog.open) {
    dialog.setAttribute("aria-labelledby", "log-in-here-title");
    dialog.showModal();
    dialog.querySelector("input:not([type=hidden])").focus();
  }
};

document.addEventListener("htmx:before:response", (event) => {
  const { request, response, sourceElement } = event.detail.ctx;
  if (!response.headers.get("Preau-Answer")) return;
  if (response.status === 401 && !dialog.contains(sourceElement)) {
    const byItself = Boolean(sourceElement.dataset.hxTrigger?.includes("change"));
    waiting = { form: request.method === "GET" ? null : request.form, submitter: request.submitter, byItself };
  } else if (response.status < 400 && !request.headers["HX-Poll"]) use();
});
document.addEventListener("htmx:after:swap", showOrGoOn);
dialog.addEventListener("close", () => dialog.replaceChildren());
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-later]")) dialog.close();
});

// --- Two minutes before it ends.

const use = () => {
  localStorage.setItem(USED, String(Date.now()));
  flash.querySelector("[data-session-ends]")?.remove();
};

const warn = () => {
  const idle = Date.now() - Number(localStorage.getItem(USED));
  const shown = flash.querySelector("[data-session-ends]");
  if (idle < LIMIT - WARNING) shown?.remove(); // used in another tab
  else if (idle < LIMIT && !shown) {
    flash.append(document.getElementById("session-ends").content.cloneNode(true));
    htmx.process(flash);
  }
};

use();
setInterval(warn, 10_000);
