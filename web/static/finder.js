// The finder's page, made quicker where scripts run: everything here also works as links and a form.

import { drawMap } from "./map.js";

const root = document.documentElement;
const form = () => document.getElementById("ask");
const LOCATE_WITHIN_MS = 5000;
const VAGUE_M = 300;
let shown = 0;

root.classList.add("js");

function say(name) {
  const message = document.getElementById("message");
  const words = name && document.querySelector(`[data-message="${name}"]`);
  message.textContent = words ? words.textContent : "";
  message.hidden = !words;
}

/** Show another address of this page without loading the frame again. */
async function show(address, { keep = true, focus = false } = {}) {
  const answer = document.getElementById("answer");
  answer.setAttribute("aria-busy", "true");
  const turn = ++shown;
  let text;
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    text = await response.text();
    if (!(response.headers.get("Content-Type") || "").startsWith("text/html")) throw new Error("not a page");
  } catch (error) {
    if (turn !== shown) return;
    answer.removeAttribute("aria-busy");
    say("offline");
    return;
  }
  if (turn !== shown) return; // something else was asked meanwhile: an answer that comes late must not replace its
  const next = new DOMParser().parseFromString(text, "text/html");
  const fresh = next.querySelector(".finder");
  if (!fresh) {
    location.assign(address);
    return;
  }
  const finder = document.querySelector(".finder");
  const held = document.activeElement && document.activeElement.closest("#ask") ? keyOf(document.activeElement) : null;
  finder.className = fresh.className;
  finder.querySelector(".column").replaceWith(document.importNode(fresh.querySelector(".column"), true));
  document.title = next.title;
  for (const [i, link] of document.querySelectorAll(".languages a").entries()) {
    link.href = next.querySelectorAll(".languages a")[i].href;
  }
  if (keep) history.pushState(null, "", address);
  dress();
  if (held) {
    const again = [...form().elements].find((element) => keyOf(element) === held);
    if (again) again.focus({ preventScroll: true });
  } else if (focus) {
    document.getElementById("main").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

const keyOf = (element) => `${element.id}/${element.name}/${element.type === "checkbox" || element.type === "radio" ? element.value : ""}`;

function addressOf(ask, also = {}) {
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(ask)) {
    if (value !== "" && !(name in also)) given.append(name, value);
  }
  for (const [name, value] of Object.entries(also)) {
    if (value !== null) given.append(name, value);
  }
  return `${ask.getAttribute("action")}?${given}`;
}

/** Ask the phone where it is, only now that somebody wants it; the position goes into one question and nowhere else. */
function locate() {
  if (!window.isSecureContext) return say("insecure");
  if (!navigator.geolocation) return say("unavailable");
  const button = document.getElementById("locate");
  button.setAttribute("aria-busy", "true");
  say("asking");
  const done = () => button.removeAttribute("aria-busy");
  // some phones never call back when the question is dismissed
  const waiting = setTimeout(() => { done(); say("timeout"); }, LOCATE_WITHIN_MS + 1500);
  navigator.geolocation.getCurrentPosition(async ({ coords }) => {
    clearTimeout(waiting);
    done();
    const here = {
      lon: coords.longitude.toFixed(6), lat: coords.latitude.toFixed(6), accuracy_m: Math.max(1, Math.round(coords.accuracy)),
      place: null, area: null, datum: null, q: null, at: null,
    };
    await show(addressOf(form(), here), { focus: true });
    say(coords.accuracy > VAGUE_M ? "vague" : null);
  }, (error) => {
    clearTimeout(waiting);
    done();
    say({ 1: "denied", 2: "unavailable", 3: "timeout" }[error.code] || "unavailable");
  }, { enableHighAccuracy: true, timeout: LOCATE_WITHIN_MS, maximumAge: 30000 });
}

/** What has to be done again after the column is new. */
function dress() {
  const button = document.getElementById("locate");
  button.hidden = false;
  drawMap({ open: (also) => show(addressOf(form(), also), { focus: true }) });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#locate")) locate();
  const district = event.target.closest(".districts a");
  if (district && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    // the needs ticked meanwhile go along; without scripts the form is sent first
    event.preventDefault();
    show(addressOf(form(), { area: new URL(district.href).searchParams.get("area"), q: null, lon: null, lat: null }), { focus: true });
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "ask") return;
  event.preventDefault();
  say(null);
  show(addressOf(event.target), { focus: true });
});
document.addEventListener("change", (event) => {
  const ask = event.target.closest("#ask");
  // before there is a place to start from, needs are only being chosen
  if (ask && event.target.name !== "q" && document.getElementById("answer").dataset.view === "answer") {
    show(addressOf(ask, { q: null }));
  }
});
window.addEventListener("popstate", () => show(location.href, { keep: false }));

dress();
