// The planning: choosing several cells at once. A mode for fingers; Ctrl and Shift for the mouse and the keyboard.
// Without this file, « Plusieurs jours » is a link to a form that asks the same.
const planning = document.getElementById("planning");
const bar = document.getElementById("selection");
const starter = document.querySelector("[data-select-days]");

const chosen = () => [...planning.querySelectorAll('td[aria-selected="true"]')];
const isOn = () => !bar.hidden;
const mayBeChosen = (cell) => cell?.querySelector("a") !== null;

// What can never be asked: one may choose it by itself, to read why, but a range leaves it out.
const NEVER = ["not_open", "closed", "public_holiday", "short_holiday", "long_holiday", "leave"];
const mayBeAsked = (cell) => mayBeChosen(cell)
  && !NEVER.includes(cell.dataset.state) && cell.dataset.day >= planning.dataset.today;

const say = () => {
  const cells = chosen();
  const count = cells.length;
  bar.querySelector("[data-count]").textContent = count === 0
    ? "Touchez les jours voulus." : `${count} jour${count > 1 ? "s" : ""} choisi${count > 1 ? "s" : ""}`;
  bar.querySelectorAll("button[name]").forEach((button) => { button.disabled = count === 0; });
  bar.querySelector("[data-lines]").replaceChildren(...cells.map((cell) => {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = "ligne";
    input.value = `${cell.dataset.enrolment}:${cell.dataset.day}`;
    return input;
  }));
};

const mark = (cell, on) => {
  if (on) cell.setAttribute("aria-selected", "true");
  else cell.removeAttribute("aria-selected");
};

let anchor; // where a range begins

const toggle = (cell) => {
  mark(cell, cell.getAttribute("aria-selected") !== "true");
  anchor = cell;
  say();
};

const rows = () => [...planning.querySelectorAll("tbody tr")].filter((row) => row.querySelector("td[data-day]"));

// The rectangle between two cells: the days of one row, or the same days of several.
const range = (from, to) => {
  const all = rows();
  const lines = [from, to].map((cell) => all.indexOf(cell.parentElement)).sort((a, b) => a - b);
  const days = [from, to].map((cell) => cell.dataset.day).sort();
  for (const row of all.slice(lines[0], lines[1] + 1)) {
    for (const cell of row.querySelectorAll("td[data-day]")) {
      const within = days[0] <= cell.dataset.day && cell.dataset.day <= days[1];
      if (within && mayBeAsked(cell) && cell.offsetWidth > 0) mark(cell, true);
    }
  }
  say();
};

const begin = () => {
  bar.hidden = false;
  planning.dataset.selecting = "";
  planning.setAttribute("aria-multiselectable", "true");
  starter.setAttribute("aria-pressed", "true");
  say();
};

const end = () => {
  bar.hidden = true;
  delete planning.dataset.selecting;
  planning.removeAttribute("aria-multiselectable");
  starter.setAttribute("aria-pressed", "false");
  chosen().forEach((cell) => mark(cell, false));
  anchor = undefined;
};

const onChoose = (event, cell) => {
  const adds = event.ctrlKey || event.metaKey || event.shiftKey;
  if (!cell || !mayBeChosen(cell) || !(isOn() || adds)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!isOn()) begin();
  if (event.shiftKey && anchor) range(anchor, cell);
  else toggle(cell);
};

if (planning && bar && starter) {
  starter.setAttribute("role", "button");
  starter.setAttribute("aria-pressed", "false");
  starter.addEventListener("click", (event) => {
    event.preventDefault();
    if (isOn()) end();
    else begin();
  });
  starter.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      starter.click();
    }
  });
  const cellOf = (event) => event.target.closest("td[data-day]");
  // Before the planning's own listeners, which open the menu of a cell.
  planning.addEventListener("click", (event) => onChoose(event, cellOf(event)), { capture: true });
  planning.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOn()) end();
    else if (event.key === " " || (event.key === "Enter" && isOn())) onChoose(event, cellOf(event));
  }, { capture: true });
  bar.querySelector("[data-end]").addEventListener("click", () => {
    const back = anchor?.offsetWidth ? anchor.querySelector("a") : starter; // the button goes away with the bar
    end();
    back.focus();
  });
  addEventListener("pageshow", () => { if (isOn()) say(); });
}
