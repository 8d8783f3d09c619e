// The rules form's small help: one more empty consent at the press of a button.
const form = document.getElementById("rules-form");

for (const button of form.querySelectorAll("[data-more]")) {
  const prefix = button.dataset.more;
  const total = form.elements.namedItem(`${prefix}-TOTAL_FORMS`);
  const most = Number(form.elements.namedItem(`${prefix}-MAX_NUM_FORMS`).value);
  const list = button.closest("section").querySelector("ul.rows");
  button.hidden = Number(total.value) >= most;
  button.addEventListener("click", () => {
    const number = Number(total.value);
    const row = list.lastElementChild.cloneNode(true);
    // The last row's number, wherever it stands, becomes the new one's.
    const old = new RegExp(`${prefix}-\\d+-`);
    for (const each of row.querySelectorAll("*")) {
      for (const { name, value } of [...each.attributes]) {
        if (old.test(value)) each.setAttribute(name, value.replace(old, `${prefix}-${number}-`));
      }
    }
    for (const field of row.querySelectorAll("textarea, input")) {
      field.value = "";
      field.checked = false;
    }
    for (const errors of row.querySelectorAll(".errors")) errors.remove();
    list.append(row);
    total.value = number + 1;
    button.hidden = number + 1 >= most;
    row.querySelector("textarea").focus();
  });
}
