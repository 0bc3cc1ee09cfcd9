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

const enhance = (root) => {
  root.querySelectorAll("[data-reveal]").forEach(addReveal);
  focusErrors(root);
};

enhance(document);
document.addEventListener("htmx:after:swap", () => enhance(document));
