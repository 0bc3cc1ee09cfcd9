// What must not be put in the page is said in #flash, and the page keeps what was typed: a lost connection, or an answer
// that is not the portal's (a proxy's error, the welcome page of a network), which does not bear its mark.
const say = (id) => {
  const flash = document.getElementById("flash");
  flash.replaceChildren(document.getElementById(id).content.cloneNode(true));
  flash.scrollIntoView({ block: "nearest" });
};

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) say("offline-message");
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  const mark = ctx.response.headers.get("Preau-Answer");
  if (mark === "sentence") ctx.select = null; // an error of ours, for #flash alone, whatever part of a page was asked
  else if (!mark) {
    event.preventDefault();
    say(ctx.response.status === 413 ? "too-heavy-message" : "foreign-message");
  }
});
