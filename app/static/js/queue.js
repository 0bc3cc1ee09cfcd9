// Keyboard shortcuts of the agents' queue: only while the focus is in the list, and until switched off (WCAG 2.1.4).
const KEY = "preau-queue-shortcuts";
const on = () => localStorage.getItem(KEY) !== "off";

const move = (list, from, step) => {
  const links = [...list.querySelectorAll("[data-queue-link]")];
  links[Math.min(Math.max(links.indexOf(from) + step, 0), links.length - 1)]?.focus();
};

document.addEventListener("keydown", (event) => {
  const list = event.target.closest("[data-queue]");
  if (!list || !on() || event.ctrlKey || event.altKey || event.metaKey) return;
  const row = event.target.closest("li");
  const link = row.querySelector("[data-queue-link]");
  const acts = {
    j: () => move(list, link, 1),
    k: () => move(list, link, -1),
    x: () => row.querySelector("[type=checkbox]")?.click(),
  };
  const act = acts[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

const offer = () => {
  const help = document.querySelector("[data-shortcuts]");
  if (!help) return;
  help.hidden = false;
  const box = help.querySelector("input");
  box.checked = on();
  box.addEventListener("change", () => localStorage.setItem(KEY, box.checked ? "on" : "off"));
};

offer();
document.addEventListener("htmx:after:swap", offer);
