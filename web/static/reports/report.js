// One tap reports a place: sent without leaving the page, told beside the button, taken back with one more tap.
// Without a network, or while the server takes no more, the phone keeps it and it goes out later.
// A section of reports is an element with data-api and data-undo, where a report goes and where it is taken back, and with the words of
// templates/reports/_words.html. It holds forms with data-report, and each group of buttons, .telling or .say, a live region .report-said.

import "./outbox.js";
import { chooser } from "./photo.js";

const outbox = self.nuanxinOutbox;
const TOKEN = "nuanxin.phone"; // random, made here, and no name of anybody: see /privacy
const AGAIN_S = 60;
const photoOf = new Map(); // each form's photo, where it has one
const latest = new Map(); // how each report that this page sent went, by key
const dressed = new WeakSet();
let unkeptToken = "";
let again = null; // when what the server could not take is sent once more

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
}

function token() {
  try {
    if (!localStorage.getItem(TOKEN)) localStorage.setItem(TOKEN, random());
    return localStorage.getItem(TOKEN);
  } catch (error) { // a browser that keeps nothing
    unkeptToken = unkeptToken || random();
    return unkeptToken;
  }
}

const sectionOf = (button) => button.closest("[data-api]");

/** Tell what becomes of a report beside its button, with its undo where it has a key; only the last region told in shows. */
function tell(button, kind, words, key) {
  tellIn(button.closest(".telling, .say").querySelector(".report-said"), kind, words, button, key);
}

function tellIn(box, kind, words, button = null, key = "") {
  const section = sectionOf(box);
  section.querySelectorAll(".report-said").forEach((other) => {
    if (other !== box) hush(other);
  });
  const hadFocus = box.contains(document.activeElement);
  hush(box);
  box.className = `report-said told ${kind}`;
  box.querySelector("p").textContent = words;
  section.querySelectorAll("button.sent").forEach((other) => other.classList.remove("sent"));
  if (key) {
    button.classList.add("sent");
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "button plain";
    undo.textContent = section.dataset.takeBack;
    undo.addEventListener("click", () => takeBack(button, key));
    box.append(undo);
  }
  if (hadFocus && button) button.focus({ preventScroll: true }); // what held it is gone
  if (button) box.scrollIntoView({ block: "nearest" });
}

function hush(box) {
  box.className = "report-said";
  box.querySelectorAll("button").forEach((old) => old.remove());
  box.querySelector("p").textContent = "";
}

async function takeBack(button, key) {
  const { undo, back, late, failed } = sectionOf(button).dataset;
  const waited = await outbox.drop(key);
  try {
    // one that waited may have arrived although its answer was lost
    const response = await fetch(undo, { method: "POST", body: new URLSearchParams({ key }), credentials: "omit" });
    tell(button, response.ok || waited ? "" : "failed", response.ok || waited ? back : late);
  } catch (error) {
    tell(button, waited ? "" : "failed", waited ? back : failed, waited ? "" : key);
  }
}

/** What a form says under one of its buttons; null, after saying so, where something has to be chosen first. */
function saidBy(form, button) {
  const { which, stars } = sectionOf(button).dataset;
  const fields = new FormData(form);
  const [type, facility] = (button.value || fields.get("type")).split(".");
  const said = { type, token: token(), key: random() };
  if (type === "missing_facility") {
    said.facility = facility || fields.get("facility");
    if (!said.facility) {
      tell(button, "failed", which);
      form.elements.facility.focus();
      return null;
    }
  }
  if (type === "rating") {
    if (!fields.get("rating")) {
      tell(button, "failed", stars);
      form.elements.rating[0].focus();
      return null;
    }
    said.rating = Number(fields.get("rating"));
  }
  if ((fields.get("note") || "").trim()) said.note = fields.get("note");
  return said;
}

async function report(form, button) {
  const words = sectionOf(button).dataset;
  const said = saidBy(form, button);
  if (!said) return;
  tell(button, "", words.sending);
  const made = Date.now(); // a large photo takes a while
  let photo = null;
  try {
    photo = photoOf.has(form) ? await photoOf.get(form)() : null;
  } catch (error) {
    tell(button, "failed", words.photoUnread);
    return;
  }
  const whole = await outbox.put({ key: said.key, api: words.api, said, photo, made, language: document.documentElement.lang });
  const also = whole ? "" : ` ${words.photoLeft}`;
  const worker = navigator.serviceWorker && navigator.serviceWorker.controller ? await navigator.serviceWorker.ready : null;
  if (worker && worker.sync) worker.sync.register("reports").catch(() => {}); // a browser may refuse; this page still tries
  await flush(said.key);
  if (!latest.has(said.key)) await flush(said.key); // the first was under way before this report was put
  const result = latest.get(said.key);
  if (!result || !result.final) tell(button, "kept", whyKept(result, words) + also, said.key);
  else if (result.status < 300) {
    form.reset();
    tell(button, "", words.sent + also, said.key);
  } else tell(button, "failed", (result.answer && result.answer.detail) || words.failed);
}

/** Why a report waits on this phone: in the server's own words where it answered. */
function whyKept(result, words) {
  if (!result || !result.status) return words.kept;
  const detail = (result.answer && result.answer.detail) || words.busy;
  return words.keptFor.replace("{why}", () => detail.replace(/[.。]$/, ""));
}

async function flush(fresh) {
  const results = await outbox.flush(fresh);
  results.forEach((result) => latest.set(result.key, result));
  const waits = results.filter((result) => !result.final && result.status).map((result) => result.againS || AGAIN_S);
  if (waits.length) {
    clearTimeout(again);
    again = setTimeout(flushLate, Math.max(...waits) * 1000);
  }
  return results;
}

/** Send what waits from before, and say so where a place's own page has room for it. */
async function flushLate() {
  const sent = (await flush()).filter((result) => result.final && result.status && result.status < 300);
  const section = document.getElementById("report");
  if (section && sent.length) tellIn(section.querySelector(".report-said"), "", section.dataset.later);
}

/** Put to work the sections that the page holds now; each once. */
export function dress() {
  document.querySelectorAll("[data-api] form[data-report]").forEach((form) => {
    if (dressed.has(form)) return;
    dressed.add(form);
    const input = form.querySelector("input[type=file]");
    if (input) photoOf.set(form, chooser(input));
    form.noValidate = true; // what is missing is said in the live region
    form.querySelectorAll("button[type=submit]").forEach((button) => button.addEventListener("click", (event) => {
      event.preventDefault();
      report(form, button);
    }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      report(form, form.querySelector("button[type=submit]"));
    });
  });
}

dress();
window.addEventListener("online", flushLate);
flushLate();
