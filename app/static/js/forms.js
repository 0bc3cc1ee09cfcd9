// Small helps for forms; every form works without them.
const focusErrors = (root) => {
  const summary = root.querySelector("[data-error-summary]");
  if (!summary || summary.hasAttribute("tabindex")) return;
  summary.tabIndex = -1;
  summary.focus();
};

const icon = (source, name) => {
  const svg = source.cloneNode(true);
  const use = svg.firstElementChild;
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + name));
  return svg;
};

const addReveal = (box) => {
  const input = box.querySelector("input");
  const model = document.querySelector("svg.icon");
  if (!input || !model || box.querySelector("button")) return;
  const button = document.createElement("button");
  button.type = "button";
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.replaceChildren(icon(model, visible ? "eye-off" : "eye"));
    button.title = visible ? "Masquer le mot de passe" : "Afficher le mot de passe";
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A password left readable must not be offered again by the browser as plain text.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
};

// A file that is too big is said at once, and not sent: the server would only refuse it after the wait.
const tooBig = (input) => [...input.files].find((file) => file.size > Number(input.dataset.maxBytes));

const weigh = (input) => {
  const file = tooBig(input);
  const id = `${input.id}-size`;
  document.getElementById(id)?.remove();
  const described = (input.getAttribute("aria-describedby") ?? "").replace(id, "").trim();
  input.removeAttribute("aria-invalid");
  if (described) input.setAttribute("aria-describedby", described);
  else input.removeAttribute("aria-describedby");
  if (!file) return;
  const told = document.createElement("p");
  const [weight, most] = [file.size, Number(input.dataset.maxBytes)].map((bytes) => (bytes / 1e6).toLocaleString("fr-FR", { maximumFractionDigits: 1 }));
  told.id = id;
  told.className = "field-errors";
  told.setAttribute("role", "alert");
  told.textContent = `Ce fichier pèse ${weight}\u00a0Mo, et ${most}\u00a0Mo au plus sont acceptés. Choisissez-en un plus léger.`;
  input.setAttribute("aria-describedby", `${described} ${id}`.trim());
  input.setAttribute("aria-invalid", "true");
  input.after(told);
};

const addScales = (input) => {
  if (input.dataset.weighed) return;
  input.dataset.weighed = "yes";
  input.addEventListener("change", () => weigh(input));
  input.form?.addEventListener("submit", (event) => {
    if (!tooBig(input)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    weigh(input);
    input.focus();
  }, { capture: true });
};

const enhance = (root) => {
  root.querySelectorAll("[data-max-bytes]").forEach(addScales);
  root.querySelectorAll("[data-reveal]").forEach(addReveal);
  focusErrors(root);
};

enhance(document);
document.addEventListener("htmx:after:swap", () => enhance(document));
