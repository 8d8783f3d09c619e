// The contest form's small help: the address follows the name, and the time zone is the reader's.
const form = document.getElementById("contest-form");
const { url, zone } = form.elements;

function slug(text) {
  return text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-+|-+$/g, "");
}

if ("new" in form.dataset && !url.value) {
  let suggested = "";
  form.elements.namedItem("name").addEventListener("input", (event) => {
    // Only as long as nobody has written an address of their own.
    if (url.value === suggested) url.value = suggested = slug(event.target.value);
  });
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === own)) zone.value = own;
}
