// What is typed, kept on the server with the upload it belongs to. Consents are given anew each
// time, and a code is nobody's text.
import { call } from "./server.js";

const PAUSE = 800; // milliseconds without typing before it is saved
const NOT_KEPT = /^(csrfmiddlewaretoken|upload|rules|code|consent_.*)$/;

export class Draft {
  // `tokenOf` tells the upload's token, or "" before there is one.
  constructor(form, csrf, tokenOf) {
    this.form = form;
    this.csrf = csrf;
    this.tokenOf = tokenOf;
    this.saved = "";
    form.addEventListener("input", () => this.#soon());
    form.addEventListener("change", () => this.#soon());
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
  }

  // Save what is there now, unless it is saved. What goes wrong is tried again with the next key.
  async save() {
    clearTimeout(this.timer);
    const token = this.tokenOf();
    const text = JSON.stringify(this.#texts());
    if (!token || token + text === this.saved) return;
    this.saved = token + text;
    try {
      const options = { csrf: this.csrf, body: JSON.parse(text), keepalive: true };
      await call("PUT", this.#url(token), options);
    } catch {
      this.saved = "";
    }
  }

  // What is kept of an upload and its form. Throws a Refusal when nothing is.
  load(token) {
    return call("GET", this.#url(token), { tries: 2 });
  }

  // Fill in what is empty.
  fill(texts) {
    for (const [name, text] of Object.entries(texts)) {
      const field = NOT_KEPT.test(name) ? null : this.form.elements[name];
      if (field && !field.value && text) field.value = text;
    }
  }

  #texts() {
    const kept = [...new FormData(this.form)].filter(
      ([name, value]) => typeof value === "string" && value && !NOT_KEPT.test(name),
    );
    return Object.fromEntries(kept);
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  #url(token) {
    return `${this.form.dataset.uploads}${encodeURIComponent(token)}/draft/`;
  }
}
