// The planner's page where scripts run: another question is answered in place, the map keeps its view, the day plays.

import { startDay } from "./day.js";
import { frame, hearing, say, words } from "./frame.js";

const root = document.documentElement;
const study = () => document.getElementById("study");
const LOOK_MS = 100; // the server answers when something has changed, or after half a second
let turn = 0;
let asked = study().dataset.map; // what the frame was last told to draw
let drawn = null; // what it has drawn
let making = null; // the study that is being made for this page

const studyOf = (address) => new URL(address, location.href).searchParams.get("study");

/** Another study is made for this page from now on: the work on the one before, if it is still going on, need not. */
function makes(key) {
  const before = making;
  making = key;
  const { token, stopAt } = words();
  if (!before || before === key || !token) return;
  fetch(stopAt.replace("KEY", before), { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token } }).catch(() => {});
}
let pending = null; // what it was told and has not drawn yet: a frame that was still loading has not heard it

root.classList.add("js");

/** Show an address of this page: swap what differs, redraw the map, keep the frame. */
async function show(address, { keep = true, back = false } = {}) {
  const mine = ++turn;
  study().setAttribute("aria-busy", "true");
  say(words().wait);
  let answer;
  let text;
  try {
    let pinned = address;
    if (!studyOf(address)) {
      answer = await fetch(address, { headers: { Accept: "application/json, text/html;q=0.9" } });
      if (mine !== turn) return;
      pinned = (answer.headers.get("Content-Type") || "").startsWith("application/json") && answer.ok ? (await answer.json()).address : null;
      if (mine !== turn) return;
    }
    if (pinned) {
      makes(studyOf(pinned));
      answer = await fetch(pinned, { headers: { Accept: "text/html" } });
    }
    text = await answer.text();
  } catch (error) {
    if (mine !== turn) return;
    study().removeAttribute("aria-busy");
    say(words().offline);
    return;
  }
  if (mine !== turn) return;
  const next = new DOMParser().parseFromString(text, "text/html");
  const fresh = next.getElementById("study");
  if (!fresh) {
    location.assign(address); // signed out meanwhile
    return;
  }
  if (keep) history.pushState(null, "", answer.url);
  const shows = fresh.dataset.key && frame();
  if (shows) draw(fresh.dataset.map, fresh.dataset.fit !== undefined || moved(answer.url)); // while the page is put together
  take(next, fresh, back);
  if (fresh.dataset.job) {
    follow(fresh.dataset.job, answer.url, mine);
    return;
  }
  making = null;
  study().removeAttribute("aria-busy");
  if (shows) {
    stands();
  } else if (fresh.dataset.key) {
    location.reload(); // the first study of this page: its frame is still to come
    return;
  } else {
    say("");
  }
  shownAddress = answer.url;
}

/** Have the frame draw a study; while it does that already, nothing. */
function draw(map, fit) {
  if (asked === map) return;
  asked = map;
  pending = { show: map, fit };
  frame().postMessage(pending, location.origin);
}

/** Say so once the figures and the map of one study are both on screen. */
function stands() {
  if (drawn !== study().dataset.map) return;
  say("");
  study().dataset.drawn = drawn;
  const open = document.querySelector(".gaps details[open]");
  if (open) frame().postMessage({ gap: Number(open.dataset.rank) }, location.origin);
}

let shownAddress = location.href;
const areaOf = (address) => new URL(address).searchParams.get("area");
/** Whether an address is of another area than the map shows. */
const moved = (address) => drawn === null || areaOf(address) !== areaOf(shownAddress);

/** Take over what another page of this sort says, but for the form's open parts and the frame. */
function take(next, fresh, back) {
  const now = study();
  const held = document.activeElement && document.activeElement.id;
  // while there is no other result, what the map shows stays beside it
  for (const id of fresh.dataset.key ? ["told", "beside", "below"] : ["told"]) {
    const [old, other] = [document.getElementById(id), next.getElementById(id)];
    if (old && other) old.replaceChildren(...document.importNode(other, true).childNodes);
  }
  for (const name of ["key", "map", "job", "address"]) {
    if (fresh.dataset[name] === undefined) delete now.dataset[name];
    else now.dataset[name] = fresh.dataset[name];
  }
  document.title = next.title;
  const languages = [...next.querySelectorAll(".languages a")];
  document.querySelectorAll(".languages a").forEach((link, i) => { link.href = languages[i].href; });
  if (back) {
    document.querySelector(".study-ask").replaceChildren(...document.importNode(next.querySelector(".study-ask"), true).childNodes);
    document.dispatchEvent(new Event("asked"));
  }
  listedBy(next.getElementById("by"));
  const presets = [...next.querySelectorAll(".presets a")];
  document.querySelectorAll(".presets a").forEach((link, i) => { link.href = presets[i].href; });
  dress();
  if (held && document.getElementById(held)) document.getElementById(held).focus({ preventScroll: true });
}

/** Show by which areas an answer is listed; what was wished for is kept for an area that has such parts. */
function listedBy(answered) {
  const by = document.getElementById("by");
  if (!answered || answered.value === by.value) return;
  by.dataset.wished = by.dataset.wished || by.value;
  by.value = answered.value;
}

/** Tell how far the work is until its page is there. */
async function follow(job, address, mine) {
  while (mine === turn) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    try {
      const told = await (await fetch(`${job}?wait=1`, { headers: { Accept: "application/json" } })).json();
      if (mine !== turn) return;
      if (!told.alive) {
        // the map need not wait for the page
        if (told.state === "done" && frame()) draw(job.replace(/work$/, "map.json"), moved(address));
        show(address, { keep: false });
        return;
      }
      const [step, bar] = ["step", "bar"].map((id) => document.getElementById(id));
      if (step) step.textContent = told.total ? `${told.step} ${told.done} / ${told.total}` : told.step;
      if (bar && told.total) Object.assign(bar, { max: told.total, value: told.done });
      else if (bar) bar.removeAttribute("value");
    } catch (error) {
      // a server that is just being started again: look later
    }
  }
}

/** Give what was just put on the page its behaviour. */
function dress() {
  for (const button of document.querySelectorAll("[data-go]")) {
    button.hidden = !frame();
    button.onclick = () => {
      const [lon, lat] = button.dataset.go.split(",").map(Number);
      frame().postMessage({ go: { lon, lat } }, location.origin);
      document.getElementById("study-map").scrollIntoView({ block: "nearest" });
    };
  }
  for (const gap of document.querySelectorAll(".gaps details")) {
    gap.addEventListener("toggle", () => {
      if (!gap.open) return;
      for (const other of document.querySelectorAll(".gaps details[open]")) if (other !== gap) other.open = false;
      if (frame() && !gap.dataset.quiet) frame().postMessage({ gap: Number(gap.dataset.rank) }, location.origin);
      delete gap.dataset.quiet;
    });
  }
  for (const chart of document.querySelectorAll(".charts img")) {
    const said = chart.previousElementSibling;
    said.hidden = chart.complete;
    chart.onload = () => { said.hidden = true; };
    chart.onerror = () => { said.textContent = said.dataset.failed; };
  }
  startDay();
}

/** What the map tells: it is drawn, an area not served or a site was clicked. */
hearing((told) => {
  if (told.ready && pending) {
    frame().postMessage(pending, location.origin);
  } else if (told.drawn) {
    drawn = told.drawn;
    pending = null;
    stands();
  } else if (told.failed) {
    asked = null;
    say(words().failed);
  } else if (told.gap !== undefined) {
    const gap = document.getElementById(`gap-${told.gap}`);
    if (!gap) return;
    if (!gap.open) gap.dataset.quiet = "1";
    gap.open = true;
    gap.scrollIntoView({ block: "nearest" });
    gap.querySelector("summary").focus({ preventScroll: true });
  } else if (told.site) {
    tellSite(told.site);
  }
});

function tellSite(site) {
  const box = document.getElementById("site-said");
  if (!box) return;
  const name = document.createElement("p");
  const state = { yes: words().countsYes, unknown: words().countsUnknown, no: words().countsNo }[site.counts];
  name.textContent = `${site.name || site.id} · ${state}`;
  box.replaceChildren(name);
  if (box.dataset.without) {
    const link = document.createElement("a");
    link.href = box.dataset.without + encodeURIComponent(site.id);
    link.textContent = words().site;
    box.append(link);
  }
}

/** Whether a form that was changed asks something already: a comparison only when both its sides are there. */
function ready(field) {
  const { way } = field.form.elements;
  if (!way) return true;
  const own = { without: ["without"], with: ["points"], hours: ["hour_before", "hour_after"], days: ["from"] }[way.value];
  return field.name !== "way" && own.every((name) => field.form.elements[name].value.trim());
}

function addressOf(form) {
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") given.append(name, value);
  return `${form.getAttribute("action")}?${given}`;
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "ask" || !frame()) return;
  event.preventDefault();
  show(addressOf(event.target));
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.form || field.form.id !== "ask") return;
  // typing minutes means minutes, naming a day means that day
  const meant = { radius: ["reach", "radius"], minutes: ["reach", "minutes"], hour: ["hours", "at"] }[field.name];
  if (meant && !(field.name === "hour" && field.form.elements.hours.value === "week")) field.form.elements[meant[0]].value = meant[1];
  if (field.name === "date" && field.form.elements.hours.value === "ignored") field.form.elements.hours.value = "at";
  const { by } = field.form.elements;
  if (field.name === "by") delete by.dataset.wished;
  if (field.name === "area" && by.dataset.wished) by.value = by.dataset.wished;
  if (!frame() || !field.form.checkValidity() || !ready(field)) return;
  show(addressOf(field.form));
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest && event.target.closest("a");
  if (!link) return;
  if (link.dataset.gap) {
    event.preventDefault();
    frame().postMessage({ gap: Number(link.dataset.gap) }, location.origin);
    document.getElementById("study-map").scrollIntoView({ block: "nearest" });
  } else if (link.dataset.keep !== undefined && frame()) {
    event.preventDefault();
    inForm(link.href);
    show(link.href);
  }
});

/** Put what a link asks into the form, so that the next change goes on from there. */
function inForm(address) {
  const said = new URL(address).searchParams;
  const form = document.getElementById("ask").elements;
  for (const name of ["radius", "minutes"]) {
    if (said.get(name)) {
      form[name].value = said.get(name);
      form.reach.value = name;
    }
  }
  form.fold.value = said.get("fold") || "1";
  if (said.get("week")) form.hours.value = "week";
}

addEventListener("popstate", () => show(location.href, { keep: false, back: true }));
// on a small screen the answer comes first; where nothing was asked yet, the question
if (matchMedia("(max-width: 59.9rem)").matches && !document.getElementById("not-asked")) document.getElementById("ask-box").open = false;
dress();
if (study().dataset.job) making = studyOf(location.href);
if (study().dataset.job) follow(study().dataset.job, location.href, ++turn);
