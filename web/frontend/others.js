// The page on which a team submits videos for others: many files, and a list of what they are.
// Texts, limits and addresses come from the form's data attributes.
import * as memory from "./upload/memory.js";
import { looksLikeVideo } from "./upload/preflight.js";
import { Row } from "./upload/row.js";
import { Sending } from "./upload/sending.js";
import { Refusal } from "./upload/server.js";
import { fill } from "./upload/words.js";

const LANES = 2; // files that travel at the same time
const LONGEST_TITLE = 120; // characters

const form = document.querySelector("#others");
const template = document.querySelector("#other");
const texts = form.dataset;
const memories = `${texts.contest} team`; // apart from what the person submits of their own
const part = (name) => form.querySelector(`[data-part="${name}"]`);
const rows = [];
let working = false;

// As the server compares names: others_list.key.
const keyOf = (name) => name.replaceAll("\\", "/").split("/").pop().normalize("NFC").toLowerCase();
const titleOf = (name) =>
  name.replace(/\.[^.]*$/, "").replace(/[_\s-]+/g, " ").trim().slice(0, LONGEST_TITLE) || name;

function add(name) {
  const row = new Row(template, texts, name);
  row.fill({ title: titleOf(name) });
  row.part("remove").addEventListener("click", () => remove(row));
  row.part("retry").addEventListener("click", () => again(row));
  rows.push(row);
  part("rows").append(row.element);
  return row;
}

function remove(row) {
  const place = rows.indexOf(row);
  rows.splice(place, 1);
  const lane = lanes.find((each) => each.row === row);
  if (lane) lane.sending.stop();
  if (row.token) lanes[0].sending.discard(row.token);
  memory.forget(memories, row.token);
  row.remove();
  render();
  (rows[place]?.part("remove") ?? form.querySelector("#files")).focus();
}

function again(row) {
  row.change("waiting");
  send();
}

// --- the files
async function chooseFiles({ target }) {
  const chosen = [...target.files];
  target.value = ""; // so that the same one can be chosen again after it was removed
  for (const file of chosen) {
    if (rows.some((row) => row.file && isSame(row.file, file))) continue;
    const wants = (row) => !row.file || row.state === "refused"; // a corrected file
    const named = rows.find((row) => wants(row) && keyOf(row.name) === keyOf(file.name));
    const row = named ?? add(file.name);
    row.file = file;
    const problem = problemOf(file) || ((await looksLikeVideo(file)) ? "" : texts.contentMismatch);
    row.change(problem ? "refused" : "waiting", problem);
  }
  render();
  send();
}

function isSame(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

function problemOf(file) {
  const endings = form.querySelector("#files").accept.split(",");
  if (!endings.some((ending) => file.name.trim().toLowerCase().endsWith(ending))) return texts.fileType;
  if (file.size === 0) return texts.emptyFile;
  return file.size > Number(texts.maxBytes) ? texts.fileTooBig : "";
}

function newLane() {
  const lane = { row: null };
  const options = {
    create: texts.create,
    uploads: texts.uploads,
    get csrf() {
      return csrf();
    },
    partBytes: Number(texts.partBytes),
  };
  lane.sending = new Sending(options, {
    token(token) {
      lane.row.token = token;
      memory.remember(memories, lane.row.file, token);
    },
    progress: (sent, total) => lane.row?.progress(sent, total),
    arrived: () => lane.row.change("arrived"),
    failed(error) {
      // 400: this file will never do.
      const final = error instanceof Refusal && error.status === 400;
      if (final) lane.row.token = "";
      lane.row.change(final ? "refused" : "failed", (error instanceof Refusal && error.message) || texts.failed);
    },
  });
  return lane;
}

const lanes = Array.from({ length: LANES }, newLane);

function send() {
  for (const lane of lanes) if (!lane.row) run(lane);
}

async function run(lane) {
  while ((lane.row = rows.find((row) => row.state === "waiting"))) {
    const { row } = lane;
    row.change("sending");
    const known = memory.recall(memories, row.file);
    await Promise.race([lane.sending.send(row.file, known), row.removed]);
    if (row.state === "sending") row.change("failed", texts.failed);
    row.element.dispatchEvent(new Event("settled"));
    render();
  }
  lane.row = null;
}

function settled(row) {
  if (!["waiting", "sending"].includes(row.state)) return null;
  const here = new Promise((resolve) => row.element.addEventListener("settled", resolve, { once: true }));
  return Promise.race([here, row.removed]);
}

// --- the list
async function readList({ target }) {
  const [file] = target.files;
  if (!file) return; // the dialog was closed
  target.value = ""; // a corrected one may have the same name
  const body = new FormData();
  body.set("list", file);
  const { status, answer } = await post(texts.list, body);
  form.querySelector("#list-error").textContent = status === 200 ? "" : answer.message || texts.failed;
  if (status !== 200) return;
  // What an earlier list named, and nobody has chosen.
  for (const row of rows.filter((each) => !each.file)) rows.splice(rows.indexOf(row), 1)[0].remove();
  for (const each of answer.rows) {
    const named = rows.filter((row) => keyOf(row.name) === keyOf(each.file));
    if (named.some((row) => row.isOver)) continue; // submitted by an earlier list
    const row = named[0] ?? add(each.file);
    row.fill(each.values);
    row.show(each.errors);
  }
  tellOfList(answer);
  render();
}

function tellOfList({ rows: found, problems, unused }) {
  const said = [fill(texts.read, { count: found.length })];
  if (unused.length) said.push(fill(texts.unused, { names: unused.join(", ") }));
  form.querySelector("#list-said").textContent = said.join(" ");
  const box = form.querySelector("#list-problems");
  box.hidden = !problems.length;
  const body = box.querySelector("tbody");
  body.replaceChildren();
  for (const problem of problems) {
    const line = body.insertRow();
    for (const cell of problem) line.insertCell().textContent = cell;
    line.cells[0].className = "number";
  }
}

// --- submitting
async function submitAll(event) {
  event.preventDefault();
  if (working) return; // pressed twice
  working = true;
  rows.filter((row) => row.state === "failed").forEach((row) => row.change("waiting"));
  send();
  render();
  for (const row of [...rows]) {
    await settled(row);
    if (row.state === "arrived" && rows.includes(row)) await submit(row);
    render();
  }
  working = false;
  render();
  summarize();
}

async function submit(row) {
  const body = row.values(shared());
  row.change("submitting");
  const { status, answer } = await post(form.action, body);
  row.show(answer.errors ?? {});
  if (status === 200) {
    memory.forget(memories, row.token);
    row.finish(answer.url);
  } else row.change("arrived", answer.message || (answer.errors ? texts.look : texts.failed));
}

// The token as it is now: signing in anew in another tab makes the page's own void.
function csrf() {
  const [, now] = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie) ?? [];
  return now ?? form.elements.csrfmiddlewaretoken.value;
}

// What the server says: its status (0: nothing) and its JSON.
async function post(url, body) {
  const headers = { "X-CSRFToken": csrf() };
  try {
    const response = await fetch(url, { method: "POST", headers, body });
    if (response.redirected) return { status: 0, answer: { message: texts.signedOut } };
    return { status: response.status, answer: await response.json() };
  } catch {
    return { status: 0, answer: {} };
  }
}

function summarize() {
  const left = rows.filter((row) => row.file && !row.isOver).length;
  const lacking = rows.filter((row) => !row.file).length;
  const done = rows.filter((row) => row.isOver).length;
  const said = [fill(left ? texts.some : texts.all, { done, left })];
  if (lacking) said.push(fill(texts.lacking, { count: lacking }));
  const summary = part("summary");
  summary.className = `alert alert-${left || lacking ? "warning" : "success"}`;
  summary.textContent = said.join(" ");
  summary.hidden = false;
  part("rows").querySelector("[aria-invalid=true]")?.focus();
}

function shared() {
  const fields = [...form.querySelectorAll("[data-all]")];
  return Object.fromEntries(fields.map((each) => [each.dataset.all, each.value.trim()]));
}

function render() {
  const given = shared();
  for (const row of rows) row.share(given);
  const open = rows.filter((row) => row.file && !["done", "refused"].includes(row.state)).length;
  const done = rows.filter((row) => row.isOver).length;
  part("batch").hidden = !rows.length;
  part("look").hidden = !done || open > 0;
  part("submit").hidden = !open;
  part("submit").disabled = working;
  const values = { count: open, done, all: open + done };
  part("submit").textContent = fill(working ? texts.working : texts.submit, values);
  if (working) part("summary").hidden = true;
}

form.querySelector("#files").addEventListener("change", chooseFiles);
form.querySelector("#list").addEventListener("change", readList);
form.addEventListener("input", ({ target }) => "all" in target.dataset && render());
form.addEventListener("submit", submitAll);
addEventListener("beforeunload", (event) => {
  if (rows.some((row) => !row.isOver)) event.preventDefault();
});
addEventListener("online", () => rows.filter((row) => row.state === "failed").forEach(again));
render();
