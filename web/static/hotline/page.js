// The hotline's page as an operator works it: results while typing, and every step by a key. Without scripts it is a form.
//
// What a caller says travels in the body of a request and is kept nowhere: not in the address, the history or this browser.

import { copy } from "../copy.js";
import { reporting } from "./report.js";

const WAIT_MS = 40;
const SLOW_MS = 400;
const ANNOUNCE_MS = 700;
const REFRESH_MS = 60000;

const form = document.getElementById("call");
const words = document.getElementById("words");
const answer = document.getElementById("answer");
const said = document.getElementById("said");
let composing = false;
let waiting = null;
let asking = null;
let announcing = null;
let typedAt = 0;
let passing = false;

document.documentElement.classList.add("js");

const message = (name) => document.querySelector(`#messages [data-message="${name}"]`).textContent;
const box = (id) => document.getElementById(id);
const options = (list) => (list ? [...list.querySelectorAll('[role="option"]')] : []);
const chosen = (list) => options(list).find((one) => one.getAttribute("aria-selected") === "true");

/** Tell something of this moment; it goes with the next thing that is typed or chosen. */
function say(text, more = "") {
  clearTimeout(announcing);
  said.textContent = [text, more].filter(Boolean).join(" ");
  passing = Boolean(text);
}

function hush() {
  if (passing) say("");
}

/** Tell the outcome once the operator pauses: a screen reader that speaks at every key is no help. */
function announceSoon() {
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    const summary = box("summary") ? box("summary").textContent.trim() : "";
    if (said.textContent !== summary) said.textContent = summary;
    passing = false;
  }, ANNOUNCE_MS);
}

/** Ask what the call comes to and show it; an answer to an older question is dropped. `quiet`: nobody asked, so nothing is said;
 * `heard`: with what was reported just now. */
async function look({ quiet = false, heard = false } = {}) {
  clearTimeout(waiting);
  waiting = null;
  if (asking) asking.abort();
  const mine = asking = new AbortController();
  const slow = quiet ? null : setTimeout(() => say(message("loading")), SLOW_MS);
  if (!quiet) hush();
  let trouble = null;
  const asked = new URLSearchParams(new FormData(form));
  if (heard) asked.set("heard", "1");
  try {
    const response = await fetch(form.dataset.look, { method: "POST", body: asked, signal: mine.signal, redirect: "error" });
    if (response.ok) {
      const text = await response.text();
      if (mine === asking) show(text);
    } else trouble = response.status === 401 || response.status === 403 ? "signed-out" : "offline";
  } catch (error) {
    if (error.name !== "AbortError") trouble = "offline";
  }
  clearTimeout(slow);
  if (mine !== asking) return;
  asking = null;
  if (trouble) say(message(trouble));
  else if (!quiet) announceSoon();
}

/** Put an answer in the place of the old one; whoever works in a list stays where they were. */
function show(text) {
  const sites = box("sites");
  const inside = sites && document.activeElement === sites;
  const site = sites && chosen(sites) ? chosen(sites).dataset.id : null;
  answer.innerHTML = text; // our own server's, in which everything that people wrote is escaped
  const fresh = box("sites");
  const same = inside && options(fresh).find((one) => one.dataset.id === site);
  if (same) choose(fresh, same);
  if (inside) (fresh || words).focus({ preventScroll: true });
  const place = chosen(box("places"));
  words.setAttribute("aria-expanded", String(Boolean(place)));
  if (place) {
    words.setAttribute("aria-controls", "places");
    words.setAttribute("aria-activedescendant", place.id);
  } else {
    words.removeAttribute("aria-activedescendant");
    words.removeAttribute("aria-controls");
  }
  box("tools").hidden = false;
  if (typedAt) {
    const from = typedAt;
    typedAt = 0;
    requestAnimationFrame(() => setTimeout(() => { form.dataset.tookMs = (performance.now() - from).toFixed(1); }));
  }
}

function lookSoon() {
  hush();
  if (!typedAt) typedAt = performance.now();
  clearTimeout(waiting);
  waiting = setTimeout(look, WAIT_MS);
}

function choose(list, one) {
  for (const other of options(list)) {
    other.setAttribute("aria-selected", String(other === one));
    other.classList.toggle("chosen", other === one);
    if (list.id === "sites") box(other.id.replace("site", "aloud")).hidden = other !== one;
  }
  if (list.id === "sites") list.setAttribute("aria-activedescendant", one.id);
  one.scrollIntoView({ block: "nearest" });
}

function step(list, by) {
  const all = options(list);
  if (!all.length) return null;
  const at = all.indexOf(chosen(list));
  return all[Math.min(all.length - 1, Math.max(0, at + by))];
}

function choosePlace(one) {
  if (!one) return;
  choose(box("places"), one);
  words.setAttribute("aria-activedescendant", one.id);
  answer.querySelector('input[name="place"]').value = one.dataset.key;
  look();
}

/** Go to the sites at once, so that the next key is theirs, even while a newer answer is on its way. */
async function toSites() {
  if (box("sites")) box("sites").focus({ preventScroll: true });
  if (waiting) await look();
  if (box("sites")) box("sites").focus({ preventScroll: true });
  else say(message("nothing"));
}

function toWords() {
  words.focus();
  words.select();
}

/** Clear everything of this call. */
function next() {
  if (asking) asking.abort();
  clearTimeout(waiting);
  waiting = asking = null;
  report.close();
  words.value = "";
  for (const held of answer.querySelectorAll('input[type="hidden"]')) held.remove();
  form.elements.by.value = "walk";
  look({ quiet: true });
  words.focus();
  say(message("next"));
}

function copySms() {
  const site = chosen(box("sites"));
  if (!site) return say(message("nothing"));
  const sms = box(site.id.replace("site", "aloud"));
  copy([...sms.querySelectorAll(".part")].map((part) => part.textContent).join("\n"), sms.querySelector(".sms"))
    .then((done) => say(message(done ? "copied" : "not-copied")));
}

const report = reporting({
  say, message,
  back: () => (box("sites") || words).focus({ preventScroll: true }),
  filed: () => look({ quiet: true, heard: true }), // what is read aloud next knows of it
});

function openReport() {
  const site = chosen(box("sites"));
  if (site) report.open(site.dataset.id, site.dataset.name, form.elements.csrf_token.value);
  else say(message("nothing"));
}

function toggleKeys() {
  const keys = box("keys");
  keys.hidden = !keys.hidden;
  box("do-keys").setAttribute("aria-expanded", String(!keys.hidden));
  if (!keys.hidden) keys.scrollIntoView({ block: "nearest" });
}

// --- keys ---------------------------------------------------------------------------------------------------

/** A key that an input method is using is not ours: 229 is what Safari gives the one that ends a composition. */
const ofInputMethod = (event) => composing || event.isComposing || event.keyCode === 229;
const withModifier = (event) => event.ctrlKey || event.altKey || event.metaKey;

function inWords(event) {
  const up = event.key === "ArrowUp";
  if (up || event.key === "ArrowDown") choosePlace(step(box("places"), up ? -1 : 1));
  else if (event.key === "Enter") toSites();
  else return false;
  return true;
}

const LETTERS = { c: copySms, r: openReport, n: next, "/": toWords, Escape: toWords, "?": toggleKeys };

function inSites(event) {
  const list = box("sites");
  const all = options(list);
  const by = { ArrowUp: -1, ArrowDown: 1, Home: -all.length, End: all.length }[event.key];
  if (by) choose(list, step(list, by));
  else if (/^[1-9]$/.test(event.key)) {
    if (all[Number(event.key) - 1]) choose(list, all[Number(event.key) - 1]);
  } else if (LETTERS[event.key] || LETTERS[event.key.toLowerCase()]) {
    (LETTERS[event.key] || LETTERS[event.key.toLowerCase()])();
  } else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (ofInputMethod(event) || withModifier(event) || event.defaultPrevented) return;
  const everywhere = { F2: copySms, F4: openReport, F8: next }[event.key];
  let ours = false;
  if (everywhere) {
    everywhere();
    ours = true;
  } else if (event.target === words) ours = inWords(event);
  else if (event.target.id === "sites") ours = inSites(event);
  if (ours) event.preventDefault();
});

words.addEventListener("compositionstart", () => { composing = true; });
words.addEventListener("compositionend", () => {
  composing = false;
  lookSoon();
});
words.addEventListener("input", (event) => {
  if (!composing && !event.isComposing) lookSoon(); // half of a character is nothing to look for
});

// --- the mouse, and what else there is ----------------------------------------------------------------------

form.addEventListener("change", (event) => {
  if (event.target.name === "by") look();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  toSites();
});
answer.addEventListener("click", (event) => {
  const chip = event.target.closest('button[name="without"]');
  const option = event.target.closest('[role="option"]');
  if (chip) {
    event.preventDefault();
    const held = document.createElement("input");
    Object.assign(held, { type: "hidden", name: "without", value: chip.value });
    answer.append(held);
    look();
    words.focus();
  } else if (option && option.parentElement.id === "places") choosePlace(option);
  else if (option) {
    choose(option.parentElement, option);
    option.parentElement.focus({ preventScroll: true });
  }
});
for (const [id, does] of [["do-next", next], ["do-copy", copySms], ["do-report", openReport], ["do-keys", toggleKeys]]) {
  box(id).addEventListener("click", does);
}
words.setAttribute("role", "combobox");
words.setAttribute("aria-expanded", "false");
words.setAttribute("aria-autocomplete", "list");
box("do-next").hidden = false;
box("tools").hidden = false;
look({ quiet: true });
// a call may last: doors open and close meanwhile
setInterval(() => { if (!document.hidden && words.value && !asking && !waiting && !composing) look({ quiet: true }); }, REFRESH_MS);
