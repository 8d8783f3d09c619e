// The contest forms' small help: the address follows the name, the time zone is the reader's, and a
// colour can be picked.
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

// A browser's colour field can't be empty, so it only helps to fill the one that is sent.
for (const typed of form.querySelectorAll("[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.value = typed.value || "#0b6358";
  picker.ariaLabel = typed.labels[0].firstChild.textContent.trim();
  picker.addEventListener("input", () => { typed.value = picker.value; });
  typed.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(typed.value)) picker.value = typed.value;
  });
  const row = document.createElement("div");
  row.className = "with-swatch";
  typed.before(row);
  row.append(typed, picker);
}
