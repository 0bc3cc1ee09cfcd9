// Says, as one types, which rules of the list the password meets. The server judges all of them again.
const rules = {
  length: (value) => [...value].length >= 8,
  upper: (value) => /\p{Lu}/u.test(value),
  lower: (value) => /\p{Ll}/u.test(value),
  digit: (value) => /[0-9]/.test(value),
};

const watch = (input) => {
  const items = [...document.getElementById(input.dataset.checklist).querySelectorAll("[data-rule]")]
    .filter((item) => item.dataset.rule in rules);
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.closest(".field").append(status);

  let speak;
  input.addEventListener("input", () => {
    for (const item of items) {
      const met = rules[item.dataset.rule](input.value);
      item.dataset.met = input.value ? String(met) : "unknown";
      item.querySelector("[data-verdict]").textContent = !input.value ? "" : met ? " : respecté" : " : non respecté";
    }
    const count = items.filter((item) => item.dataset.met === "true").length;
    clearTimeout(speak);
    speak = setTimeout(() => {
      status.textContent = `${count} critère${count > 1 ? "s" : ""} respecté${count > 1 ? "s" : ""} sur ${items.length}`;
    }, 800);
  });
};

document.querySelectorAll("[data-checklist]").forEach(watch);
