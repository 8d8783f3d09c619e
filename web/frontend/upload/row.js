// One video of many: its line of the table, what is typed about it, and how far its file has come.
import { bytes, fill } from "./words.js";

let numbers = 0;

export class Row {
  // States: missing (its file is not chosen), waiting, sending, arrived, failed (can be tried again),
  // refused (this file will never do), submitting, done.
  state = "missing";
  file = null;
  token = "";

  constructor(template, texts, name) {
    this.texts = texts;
    this.name = name;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.removed = new Promise((resolve) => (this.remove = () => resolve(this.element.remove())));
    this.part("name").textContent = name;
    numbers += 1;
    for (const each of this.element.querySelectorAll("[data-error]")) {
      each.id = `other-${numbers}-${each.dataset.error}`;
      this.field(each.dataset.error).setAttribute("aria-describedby", each.id);
    }
    for (const button of this.element.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent}: ${name}`);
    }
    this.change("missing");
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  field(name) {
    return this.element.querySelector(`[name="${name}"]`);
  }

  get fields() {
    return [...this.element.querySelectorAll("[name]")];
  }

  get isOver() {
    return this.state === "done";
  }

  fill(values) {
    for (const [name, text] of Object.entries(values)) {
      const field = this.field(name);
      if (!field || !text) continue;
      field.value = text;
      // A category that there is not: shown, and refused, rather than lost.
      if (field.options && field.value !== text) field.add(new Option(text, text, true, true));
    }
  }

  // What stands in it, or else in `shared`, which counts for all.
  values(shared) {
    const body = new FormData();
    for (const { name, value } of this.fields) body.set(name, value.trim() || shared[name] || "");
    body.set("upload", this.token);
    return body;
  }

  // Show what counts for all where nothing of its own stands; then nothing need be typed.
  share(shared) {
    for (const field of this.fields) {
      if (!("wanted" in field.dataset)) field.dataset.wanted = field.required ? "yes" : "";
      const given = shared[field.name] ?? "";
      field.placeholder = given;
      field.required = Boolean(field.dataset.wanted && this.file && !given);
    }
  }

  progress(sent, total) {
    this.part("progress").value = (100 * sent) / total;
    this.part("detail").textContent = fill(this.texts.sending, { sent: bytes(sent), total: bytes(total) });
  }

  change(state, error = "") {
    this.state = state;
    this.part("detail").textContent = ["failed", "refused", "sending"].includes(state) ? "" : this.texts[state];
    this.part("error").textContent = error;
    this.part("progress").hidden = state !== "sending";
    this.part("retry").hidden = state !== "failed";
    this.part("remove").hidden = ["submitting", "done"].includes(state);
    for (const field of this.fields) field.disabled = ["submitting", "done"].includes(state);
    this.element.dataset.state = state;
  }

  // What is wrong, by field.
  show(errors) {
    for (const each of this.element.querySelectorAll("[data-error]")) {
      const texts = errors[each.dataset.error] ?? [];
      each.textContent = texts.join(" ");
      const field = this.field(each.dataset.error);
      if (texts.length) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  finish(url) {
    this.change("done");
    this.part("link").hidden = false;
    this.part("link").firstElementChild.href = url;
    this.part("link").firstElementChild.textContent = this.field("title").value;
  }
}
