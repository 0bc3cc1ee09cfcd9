// After a logout, Back must not bring a private page out of the browser's memory.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
