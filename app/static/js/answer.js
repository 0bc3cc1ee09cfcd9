// An answer to a request takes away the button that was pressed, and the focus with it: the title of what was answered
// gets it, from where the next line is one Tab away; of what is gone, the page's title.
let answered;

document.addEventListener("htmx:before:swap", (event) => {
  answered = event.target.closest("#request [id]:has(h2)")?.id;
});

document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement !== document.body) return;
  const title = document.getElementById(answered)?.querySelector("h2") ?? document.querySelector("#request h1");
  title.tabIndex = -1;
  title.focus();
});
