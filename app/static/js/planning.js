// The planning: one context menu for its cells, a dialog for what is asked there, the arrow keys, one week on a phone.
// Without this file every cell is a link to a page that offers the same.
const LONG_PRESS = 600; // milliseconds
const [planning, menu, dialog, flash] = ["planning", "menu", "dialog", "flash"].map((id) => document.getElementById(id));
const PHONE = matchMedia("(max-width: 39.99rem)");

// --- Moving about: one tab stop, arrows between cells, pages between months.

const stop = (cell) => cell.querySelector("a") ?? cell;
const isShown = (cell) => cell.dataset.day && cell.offsetWidth > 0;
const lines = () => [...planning.tBodies]
  .flatMap((body) => [...body.rows])
  .map((row) => [...row.cells].filter(isShown))
  .filter((cells) => cells.length);

const beTheStop = (cell) => {
  planning.querySelectorAll('[tabindex="0"]').forEach((other) => { other.tabIndex = -1; });
  stop(cell).tabIndex = 0;
};

const goTo = (cell) => {
  beTheStop(cell);
  stop(cell).focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
};

const arrange = () => {
  planning.querySelectorAll("td[data-day]").forEach((cell) => {
    if (!stop(cell).hasAttribute("tabindex")) stop(cell).tabIndex = -1;
  });
  const chosen = planning.querySelector('[tabindex="0"]')?.closest("td");
  if (chosen && isShown(chosen)) return;
  const cells = lines().flat();
  const first = cells.find((cell) => cell.matches(".today")) ?? cells[0];
  if (first) beTheStop(first);
};

const MOVES = {
  ArrowLeft: (row, column) => [row, column - 1],
  ArrowRight: (row, column) => [row, column + 1],
  ArrowUp: (row, column) => [row - 1, column],
  ArrowDown: (row, column) => [row + 1, column],
  Home: (row) => [row, 0],
  End: (row) => [row, -1],
};
const MONTHS = { PageUp: "prev", PageDown: "next" };

// The same row and day of the other month, which finds its cell again by the address's #.
const turnTo = (rel, cell) => {
  const link = document.querySelector(`.month-nav [rel="${rel}"]`);
  if (!link) return;
  const month = new URL(link.href).pathname.split("/").pop();
  location.assign(`${link.href}#c-${cell.dataset.enrolment}-${month}${cell.dataset.day.slice(7)}`);
};

const arrive = () => {
  const [, enrolment, month] = location.hash.match(/^#c-(\d+)-(\d{4}-\d{2})/) ?? [];
  if (!enrolment) return;
  const row = planning.querySelectorAll(`td[data-enrolment="${enrolment}"][data-day^="${month}"]`);
  const cell = document.getElementById(location.hash.slice(1)) ?? [...row].at(-1);
  if (!cell) return;
  if (PHONE.matches) showWeek(cell.className.match(/\bw(\d)/)[1]);
  goTo(cell);
};

const onKey = (event) => {
  const cell = event.target.closest("td[data-day]");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const opens = event.key === " " || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
  if (opens) ask(cell);
  else if (MONTHS[event.key]) turnTo(MONTHS[event.key], cell);
  else if (MOVES[event.key]) {
    const grid = lines();
    const at = grid.findIndex((cells) => cells.includes(cell));
    const [row, column] = MOVES[event.key](at, grid[at].indexOf(cell));
    const next = event.key === "End" ? grid[row].at(-1) : grid[row]?.[column];
    if (next) goTo(next);
  } else return;
  event.preventDefault();
};

// --- One week on a phone: the others are in the page already.

const weeks = document.querySelector(".weeks");

const showWeek = (index) => {
  planning.dataset.week = index;
  for (const link of weeks.querySelectorAll("[data-shows]")) {
    if (link.dataset.shows === index) {
      link.setAttribute("aria-current", "true");
      history.replaceState(history.state, "", link.href);
    } else link.removeAttribute("aria-current");
  }
  arrange();
};

const onWeek = (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const step = { prev: -1, next: 1 }[link.rel] ?? 0;
  const index = link.dataset.shows ?? String(Number(planning.dataset.week) + step);
  if (!weeks.querySelector(`[data-shows="${index}"]`)) return; // another month
  event.preventDefault();
  showWeek(index);
};

// --- The menu of a cell, rendered by the server.

let current; // the cell whose menu is asked for, or open
const isOpen = () => menu.matches(":popover-open");

const closeMenu = ({ refocus = false } = {}) => {
  const cell = current && document.getElementById(current.id);
  current = undefined;
  if (isOpen()) menu.hidePopover();
  menu.replaceChildren();
  if (!cell) return;
  stop(cell).removeAttribute("aria-expanded");
  if (refocus) goTo(cell);
};

const place = () => {
  if (!current || !isOpen()) return;
  const { clientWidth, clientHeight } = document.documentElement;
  const cell = current.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = cell.bottom + 4;
  const top = below + height <= clientHeight - 8 ? below : Math.max(8, cell.top - height - 4);
  menu.style.top = `${Math.min(top, Math.max(8, clientHeight - height - 8))}px`;
  menu.style.left = `${Math.max(8, Math.min(cell.left, clientWidth - width - 8))}px`;
};

const entries = () => [...menu.querySelectorAll('[role="menuitem"]')];

const ask = async (cell) => {
  const link = cell.querySelector("a");
  if (!link || cell === current) return;
  closeMenu();
  current = cell;
  beTheStop(cell);
  link.focus({ preventScroll: true });
  link.setAttribute("aria-busy", "true");
  await htmx.ajax("GET", link.getAttribute("href"), { source: menu, target: menu, swap: "innerHTML" });
  link.removeAttribute("aria-busy");
  if (cell !== current) return; // another cell was asked meanwhile
  if (!menu.childElementCount) { // an error: #flash says which
    current = undefined;
    return;
  }
  link.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place();
  entries().forEach((entry) => { entry.tabIndex = -1; });
  entries()[0]?.focus({ preventScroll: true });
};

const onMenuKey = (event) => {
  const all = entries();
  const at = all.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (next !== undefined) all.at(next % all.length)?.focus();
  else if (event.key === "Escape") closeMenu({ refocus: true });
  else if (event.key === " ") document.activeElement.click();
  else if (event.key === "Tab") {
    closeMenu({ refocus: true }); // and on from the cell
    return;
  } else return;
  event.preventDefault();
};

// --- The dialog, opened and closed by what the server puts in it or takes out.

let asked; // the id of the cell that the dialog is about

const showOrClose = () => {
  if (dialog.open && !dialog.childElementCount) dialog.close();
  else if (!dialog.open && dialog.childElementCount) {
    asked = current?.id;
    closeMenu({ refocus: true });
    dialog.setAttribute("aria-labelledby", "dialog-title");
    dialog.showModal();
    (dialog.querySelector("textarea") ?? dialog.querySelector('[type="submit"]'))?.focus();
  }
  arrange();
};

const onDialogClosed = () => {
  dialog.replaceChildren();
  const cell = document.getElementById(asked);
  if (cell) goTo(cell);
};

// What is said floats at the bottom of the window; inside the dialog when it is open, where the rest is out of reach.
const sayNearby = () => {
  if (!flash.childElementCount) return;
  if (dialog.open && dialog.childElementCount) {
    const body = dialog.querySelector(".dialog-body");
    body.querySelectorAll(":scope > .flash").forEach((old) => old.remove());
    body.prepend(...flash.children);
    return;
  }
  flash.dataset.floating = "";
  for (const message of flash.children) {
    if (!message.querySelector(".flash-close")) message.append(document.getElementById("flash-close").content.cloneNode(true));
  }
};

const start = () => {
  planning.setAttribute("role", "grid");
  arrange();
  addEventListener("load", () => setTimeout(arrive)); // after the browser's own way to the #
  planning.addEventListener("keydown", onKey);
  planning.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td[data-day]");
    if (cell) beTheStop(cell);
  });
  weeks.addEventListener("click", onWeek);
  PHONE.addEventListener("change", arrange);

  const cellOf = (event) => event.target.closest("td[data-day]:has(a)");
  planning.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(cell);
  });
  planning.addEventListener("contextmenu", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    event.preventDefault();
    ask(cell);
  });
  let press;
  const release = () => clearTimeout(press);
  planning.addEventListener("touchstart", (event) => {
    const cell = cellOf(event);
    if (cell) press = setTimeout(ask, LONG_PRESS, cell);
  }, { passive: true });
  for (const end of ["touchend", "touchmove", "touchcancel"]) planning.addEventListener(end, release, { passive: true });

  menu.addEventListener("keydown", onMenuKey);
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  document.addEventListener("pointerdown", (event) => {
    if (isOpen() && !menu.contains(event.target)) closeMenu();
  });
  addEventListener("resize", place);
  addEventListener("scroll", place, { capture: true, passive: true });

  document.addEventListener("htmx:after:swap", showOrClose);
  dialog.addEventListener("close", onDialogClosed);
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });
  new MutationObserver(sayNearby).observe(flash, { childList: true });
  flash.addEventListener("click", (event) => event.target.closest(".flash-close")?.closest(".flash").remove());

  const legend = document.getElementById("legende");
  if (PHONE.matches && location.hash !== "#legende") legend.open = false;
  addEventListener("beforeprint", () => { legend.open = true; });
  for (const link of document.querySelectorAll('a[href="#legende"]')) link.addEventListener("click", () => { legend.open = true; });
};

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
if (planning && menu.showPopover) start();
