// The page on which a participant submits a video: the file travels while the form is filled in.
// Texts, limits and addresses come from the form's data attributes.
import { Draft } from "./upload/draft.js";
import * as memory from "./upload/memory.js";
import { looksLikeVideo, secondsOf } from "./upload/preflight.js";
import { Sending } from "./upload/sending.js";
import { Refusal } from "./upload/server.js";
import { bytes, clock, duration, fill } from "./upload/words.js";

const DRAFT_FIELDS = ["title", "description"];
const SILENCE = 8; // seconds without progress after which we say that the line is down

const seconds = () => performance.now() / 1000;

function start(form) {
  const texts = form.dataset;
  const contest = texts.contest;
  const input = form.querySelector("#file");
  const token = form.elements.upload; // the hidden field
  const part = (name) => form.querySelector(`[data-part="${name}"]`);
  const submitText = part("submit").textContent;

  // none, looking, warned (too long), running, paused, checking, failed (can be tried again),
  // refused, arrived
  let state = part("status").hidden ? "none" : "arrived";
  let chosen = null;
  let current = token.value; // the upload's token, known before it is complete
  let leaving = false; // the form is on its way: what is in it is no draft any more
  let waiting = false; // the form was submitted while the file was still travelling
  let sent = { count: 0, total: 0, samples: [], quarter: 0, heard: 0 };
  if (state === "none") token.value = current = "";

  const sending = new Sending(
    {
      create: texts.create,
      uploads: texts.uploads,
      csrf: form.elements.csrfmiddlewaretoken.value,
      partBytes: Number(texts.partBytes),
    },
    { token: gotToken, progress, arrived, failed },
  );
  const draft = new Draft(form, form.elements.csrfmiddlewaretoken.value, () =>
    leaving ? "" : current,
  );

  function choose() {
    const file = input.files[0];
    if (!file) return; // the dialog was closed
    const known = memory.recall(contest, file);
    if (current && current !== known) sending.discard(current);
    current = "";
    begin(file);
  }

  async function begin(file, anyway = false) {
    chosen = file;
    token.value = "";
    sent = { count: 0, total: file.size, samples: [], quarter: 0, heard: seconds() };
    part("name").textContent = file.name;
    part("restored").hidden = true;
    sending.stop();
    change("looking", texts.looking);
    const problem = problemOf(file) || ((await looksLikeVideo(file)) ? "" : texts.contentMismatch);
    const length = problem || anyway || !texts.maxSeconds ? null : await secondsOf(file);
    if (chosen !== file || state !== "looking") return; // removed, or another was chosen
    const most = Number(texts.maxSeconds);
    if (problem || length > most + 1) waiting = false;
    if (problem) {
      change("refused", "", problem);
    } else if (length > most + 1) {
      const values = { length: clock(length), most: clock(most) };
      change("warned", "", fill(texts.tooLong, values));
    } else {
      change("running", texts.starting);
      sending.send(file, memory.recall(contest, file));
    }
  }

  function problemOf(file) {
    const endings = input.accept.split(",");
    if (!endings.some((ending) => file.name.trim().toLowerCase().endsWith(ending))) {
      return texts.fileType;
    }
    if (file.size === 0) return texts.emptyFile;
    return file.size > Number(texts.maxBytes) ? texts.fileTooBig : "";
  }

  function gotToken(value) {
    current = value;
    memory.remember(contest, chosen, value);
    draft.save();
  }

  function progress(count, total) {
    if (state !== "running" && state !== "checking") return;
    const now = seconds();
    sent = { ...sent, count, total, heard: now };
    sent.samples = [...sent.samples.filter(([at]) => at > now - 10), [now, count]];
    const quarter = Math.floor((4 * count) / total);
    if (quarter > sent.quarter && quarter < 4) {
      sent.quarter = quarter;
      say(fill(texts.percent, { percent: quarter * 25 }));
    }
    change(count < total ? "running" : "checking", count < total ? running() : texts.checking);
  }

  function running() {
    const [[at, count]] = sent.samples;
    const [now, latest] = sent.samples.at(-1);
    const values = { sent: bytes(sent.count), total: bytes(sent.total) };
    if (now - at < 1 || latest <= count) return fill(texts.measuring, values);
    const speed = (latest - count) / (now - at);
    values.speed = bytes(speed);
    values.left = duration((sent.total - sent.count) / speed);
    return fill(texts.running, values);
  }

  // A line that is down tells nobody: the last speed would stand there for ever.
  function listen() {
    if (state !== "running" || seconds() - sent.heard < SILENCE) return;
    const values = { sent: bytes(sent.count), total: bytes(sent.total) };
    const text = fill(texts.silent, values);
    if (part("detail").textContent === text) return;
    change("running", text);
    say(text);
  }

  function arrived() {
    token.value = current;
    sent.count = sent.total;
    change("arrived", texts.arrived);
    say(texts.arrived);
    if (waiting) {
      waiting = false;
      render();
      form.requestSubmit();
    }
  }

  function failed(error) {
    if (state === "none") return; // removed by the person
    // 400: this file will never do.
    const final = error instanceof Refusal && error.status === 400;
    if (final) {
      memory.forget(contest, current);
      current = "";
    }
    waiting = false;
    const told = error instanceof Refusal && error.message;
    change(final ? "refused" : "failed", "", told || texts.failed);
  }

  function pauseOrResume() {
    if (state === "paused") {
      sent = { ...sent, samples: [], heard: seconds() };
      change("running", texts.starting);
      sending.resume();
    } else {
      sending.pause();
      const values = { sent: bytes(sent.count), total: bytes(sent.total) };
      change("paused", fill(texts.paused, values));
      say(part("detail").textContent);
    }
  }

  function remove() {
    change("none", "");
    sending.stop();
    if (current) sending.discard(current);
    memory.forget(contest, current);
    chosen = null;
    current = token.value = input.value = "";
    waiting = false;
    render();
    input.focus();
  }

  function submitting(event) {
    if (state === "warned") {
      event.preventDefault();
      part("retry").focus();
    } else if (["looking", "running", "paused", "checking"].includes(state)) {
      event.preventDefault();
      waiting = true;
      if (state === "paused") pauseOrResume();
    } else if (state === "failed") {
      event.preventDefault();
      waiting = true;
      begin(chosen);
    } else {
      memory.markSent(contest, token.value);
      leaving = true;
      // After the browser has taken the form's fields; a second click then does nothing.
      setTimeout(() => render(true));
    }
    render();
  }

  function change(next, detail, error = "") {
    state = next;
    part("detail").textContent = detail;
    form.querySelector("#file-error").textContent = error;
    render();
  }

  function render(gone = false) {
    const nothing = ["none", "refused"].includes(state);
    part("status").hidden = nothing;
    part("progress").value = state === "arrived" ? 100 : (100 * sent.count) / (sent.total || 1);
    part("pause").hidden = !["running", "paused"].includes(state);
    part("pause").textContent = state === "paused" ? texts.resume : texts.pause;
    part("retry").hidden = !["failed", "warned"].includes(state);
    part("retry").classList.toggle("secondary", state === "warned");
    part("retry").textContent = state === "warned" ? texts.anyway : texts.retry;
    input.required = nothing;
    if (state === "refused") input.setAttribute("aria-invalid", "true");
    else if (state !== "none") input.removeAttribute("aria-invalid");
    part("submit").disabled = waiting || gone;
    part("submit").textContent = gone ? texts.submitting : waiting ? texts.waiting : submitText;
  }

  function say(text) {
    part("announcement").textContent = text;
  }

  function keepDraft() {
    memory.saveDraft(
      contest,
      Object.fromEntries(DRAFT_FIELDS.map((name) => [name, form.elements[name].value])),
    );
  }

  // Go on with what was typed and sent before, here or on the server.
  async function restore(known) {
    let kept;
    try {
      kept = await draft.load(known);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) memory.forget(contest, known);
      return;
    }
    draft.fill(kept.fields);
    if (state !== "none") return; // a file was chosen meanwhile
    current = known;
    const values = { name: kept.filename, sent: bytes(kept.arrived), total: bytes(kept.size) };
    part("restored").hidden = false; // first, so that what is said in it is news
    part("restored").textContent = fill(kept.complete ? texts.restoredAll : texts.restored, values);
    if (!kept.complete) return;
    token.value = known;
    sent = { ...sent, count: kept.size, total: kept.size };
    part("name").textContent = kept.filename;
    change("arrived", texts.arrived);
  }

  memory.clearIfSent(contest, false); // the form came back with errors
  for (const [name, text] of Object.entries(memory.draft(contest))) {
    if (DRAFT_FIELDS.includes(name)) form.elements[name].value ||= text;
  }
  setInterval(listen, 1000);
  input.addEventListener("change", choose);
  form.addEventListener("input", keepDraft);
  form.addEventListener("submit", submitting);
  part("pause").addEventListener("click", pauseOrResume);
  part("retry").addEventListener("click", () => begin(chosen, state === "warned"));
  part("cancel").addEventListener("click", remove);
  addEventListener("online", () => state === "failed" && begin(chosen));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false; // came "back" to this page
    render();
  });
  if (input.files.length) choose(); // chosen before this script was there
  render();
  if (state === "none" && memory.last(contest)) restore(memory.last(contest));
}

const form = document.querySelector("#submission");
if (form) start(form);
const submitted = document.querySelector("#submitted");
if (submitted) memory.clearIfSent(submitted.dataset.contest, true);
