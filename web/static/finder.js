// The finder's page, made quicker where scripts run: everything here also works as links and a form.

import { drawMap } from "./map.js";
import { forget, offerLast, remember } from "./last.js";
import { ask } from "./position.js";

const root = document.documentElement;
const form = () => document.getElementById("ask");
const COARSE_M = 50; // from here on distances are ranges: web/vagueness.py
const START = ["lon", "lat", "accuracy_m", "place", "area", "datum"];
let shown = 0;
let locating = null; // the question for a position that is waited for
let latest = null; // the last such question: its answer is taken even when it comes late
let stands = location.pathname + location.search; // what the page shows, without the part of it one has jumped to

root.classList.add("js");

/** Say something in the one live region: a notice that is seen, or words for whoever hears the page. */
function say(name, words = null) {
  const message = document.getElementById("message");
  message.classList.toggle("sr", !name);
  message.textContent = name ? message.dataset[name] : words || "";
  if (name === "allow") {
    const instead = document.createElement("button");
    Object.assign(instead, { type: "button", id: "instead", textContent: message.dataset.instead });
    message.append(instead);
  }
}

/** Show another address of this page without loading the frame again. */
async function show(address, { keep = true, focus = false } = {}) {
  const answer = document.getElementById("answer");
  answer.setAttribute("aria-busy", "true");
  const turn = ++shown;
  let text;
  let kept = null; // the same page worked out on this phone, where no server answers
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    text = await response.text();
    if (!(response.headers.get("Content-Type") || "").startsWith("text/html")) throw new Error("not a page");
  } catch (error) {
    if (turn !== shown) return;
    kept = await import("./offline/answer.js").then(({ page }) => page(address)).catch(() => null);
    if (turn === shown && !kept) {
      answer.removeAttribute("aria-busy");
      say("offline");
      return;
    }
  }
  if (turn !== shown) return; // something else was asked meanwhile: an answer that comes late must not replace its
  const next = kept || new DOMParser().parseFromString(text, "text/html");
  const fresh = next.querySelector(".finder");
  if (!fresh) {
    location.assign(address);
    return;
  }
  const finder = document.querySelector(".finder");
  const held = keyOf(document.activeElement);
  finder.className = fresh.className;
  finder.querySelector(".column").replaceWith(document.importNode(fresh.querySelector(".column"), true));
  document.title = next.title;
  for (const [i, link] of document.querySelectorAll(".languages a").entries()) {
    link.href = next.querySelectorAll(".languages a")[i].href;
  }
  // words that are one landmark's name are answered from it: the page says by which address
  if (keep) history.pushState(null, "", fresh.querySelector("#answer").dataset.address || address);
  stands = location.pathname + location.search;
  dress();
  if (kept) kept.dispatchEvent(new Event("shown"));
  if (locating) say(locating.waits);
  else say(null, document.getElementById("answer").dataset.summary);
  const again = held && !focus && [...document.querySelectorAll(".column [data-key]")].find((element) => keyOf(element) === held);
  if (again) {
    again.focus({ preventScroll: true });
  } else if (focus) {
    document.getElementById("main").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

const keyOf = (element) => element && element.dataset && element.dataset.key;

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

/** What an address starts from: another start is another question, whose answer a position must not replace. */
const startOf = (search) => [...START, "q"].map((name) => new URLSearchParams(search).get(name)).join(" ");

/** Ask the phone where it is, only now that somebody wants it; the position goes into one question and nowhere else. */
function locate(address = addressOf(form(), { q: null })) {
  let asked = new URL(address, location.href);
  const trouble = (name) => {
    asked.searchParams.set("trouble", name);
    return show(asked.pathname + asked.search, { focus: true });
  };
  if (!window.isSecureContext) return trouble("insecure");
  if (!navigator.geolocation) return trouble("unsupported");
  const turn = locating = latest = { waits: "asking" };
  const from = [startOf(location.search), startOf(asked.search)];
  const before = shown;
  const ended = () => {
    if (locating !== turn) return;
    locating = null;
    busy();
    say(null);
  };
  const left = () => latest !== turn || !from.includes(startOf(location.search));
  busy();
  say("asking");
  ask({
    waits(name) {
      if (locating === turn) say(turn.waits = name);
    },
    failed(name) {
      ended();
      if (!left()) trouble(name);
    },
    found(coords) {
      const late = locating !== turn;
      ended();
      if (left() || (late && document.activeElement.id === "q")) return;
      latest = null;
      if (shown !== before) asked = new URL(location.href); // a need or a filter was tapped meanwhile
      for (const name of [...START, "q", "at", "k", "trouble"]) asked.searchParams.delete(name);
      asked.searchParams.set("lon", coords.longitude.toFixed(6));
      asked.searchParams.set("lat", coords.latitude.toFixed(6));
      asked.searchParams.set("accuracy_m", Math.max(1, Math.round(coords.accuracy)));
      show(asked.pathname + asked.search, { focus: true });
    },
  });
}

/** Wait for no position any longer: on to what serves without one. */
function goOn() {
  locating = latest = null;
  busy();
  say(null);
  (document.querySelector("#districts a") || document.getElementById("q")).focus();
}

function busy() {
  for (const button of document.querySelectorAll("[data-locate]")) button.setAttribute("aria-busy", locating ? "true" : "false");
}

/** Go where a suggestion leads: a site has its page, around a place there is a list. */
function choose({ type, id, lon, lat, name, accuracy_m: off }) {
  if (type === "site") return location.assign(form().dataset.site.replace("-id-", encodeURIComponent(id)));
  return show(addressOf(form(), { q: null, lon, lat, place: name, accuracy_m: off >= COARSE_M ? off : null, area: null, datum: null }), { focus: true });
}

/** What has to be done again after the column is new. */
function dress() {
  for (const button of document.querySelectorAll("[data-locate]")) button.hidden = false;
  busy();
  const answer = document.getElementById("answer");
  remember(new URL(location.href).searchParams, answer.dataset.view);
  if (answer.dataset.view === "welcome") offerLast();
  drawMap({ open: (also) => show(addressOf(form(), also), { focus: true }) });
  for (const link of document.querySelectorAll(".to-map")) link.hidden = document.getElementById("map-side").hidden;
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-locate]")) return locate();
  if (target.id === "instead") return goOn();
  if (target.closest("#forget")) return forget();
  const link = target.closest(".column a[href]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.href);
  if (address.origin !== location.origin || address.pathname !== form().getAttribute("action") || address.hash) {
    if (link.hash === "#q") requestAnimationFrame(() => document.getElementById("q").focus());
    return;
  }
  event.preventDefault();
  // a need tapped before there is a place to start from is a question about here: one tap to an answer
  const near = link.dataset.need && !link.hasAttribute("aria-current") && !START.some((name) => address.searchParams.has(name));
  show(address.pathname + address.search, { focus: !link.dataset.key || near });
  if (near) locate(address.pathname + address.search);
});
document.addEventListener("focusin", ({ target }) => {
  if (target.id !== "q" || !form().dataset.search || target.dataset.offers) return;
  target.dataset.offers = "yes"; // fetched when somebody searches: most never do
  import("./suggest.js").then(({ suggest }) => suggest(target.form, choose)).catch(() => {});
});
document.addEventListener("submit", (event) => {
  // a report is sent by its own form
  if (!event.target.closest(".column") || event.target.method !== "get") return;
  event.preventDefault();
  say(null);
  show(addressOf(event.target), { focus: true });
});
window.addEventListener("popstate", () => {
  if (location.pathname + location.search !== stands) show(location.href, { keep: false });
});

dress();
// a frame that was kept on this phone is asked for an answer: there is no network
const { view } = document.getElementById("answer").dataset;
if (view === "welcome" && (/[?&](lon|area|q|place)=/.test(location.search) || /\/sites\/[^/]+$/.test(location.pathname))) show(location.href, { keep: false });
window.addEventListener("load", () => setTimeout(() => import("./offline/register.js").catch(() => {}), 0));
