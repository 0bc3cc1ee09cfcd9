// What htmx could not show is said in #flash: a lost connection, or an error page that is not one of ours.
const say = (id) => {
  const flash = document.getElementById("flash");
  flash.replaceChildren(document.getElementById(id).content.cloneNode(true));
  flash.scrollIntoView({ block: "nearest" });
};

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) say("offline-message");
});

document.addEventListener("htmx:response:error", (event) => {
  const { response, text } = event.detail.ctx;
  if (response.status >= 500 && !text.includes("hx-target=\"#flash\"")) say("offline-message");
});
