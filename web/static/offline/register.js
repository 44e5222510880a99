// Keeps the pages and the sites on this phone: asks the service worker, says what is kept, and lets it be removed.
// Loaded after a page, never for it. Inside WeChat nothing is kept: its browser forgets it. Reports that wait go out from here too.

import "../reports/outbox.js";
import { fill } from "./fill.js";
import { kept } from "./kept.js";
import { LANGUAGE, ROOT, words } from "./words.js";

const CHOICE = "nuanxin.offline"; // "no": never again unless asked to; "yes": also where data is to be saved
const FRESH_MS = 3600000;
const SLOW = ["slow-2g", "2g"];

const insideWeChat = /MicroMessenger/i.test(navigator.userAgent);
// eslint-disable-next-line compat/compat -- where it is missing nobody says that data is to be saved
const way = navigator.connection;
const sparing = () => Boolean(way && (way.saveData || SLOW.includes(way.effectiveType)));

function choice(value) {
  try {
    if (value === undefined) return localStorage.getItem(CHOICE);
    localStorage.setItem(CHOICE, value);
  } catch (error) {
    // a phone that keeps nothing is asked again next time
  }
  return null;
}

/** The line at the page's foot, or in the page about the copy. */
function line() {
  let box = document.getElementById("offline-line");
  if (!box) {
    box = Object.assign(document.createElement("p"), { id: "offline-line", className: "offline-line" });
    box.setAttribute("role", "status");
    document.querySelector("footer.bottom").prepend(box);
  }
  return box;
}

function say(text, label, act) {
  const box = line();
  box.replaceChildren(document.createTextNode(text));
  if (!label) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: label });
  button.addEventListener("click", act);
  box.append(" ", button);
}

/** "2026-11-25 14:20" of an instant of the server's. */
const stamp = (text) => text.slice(0, 16).replace("T", " ");

async function start() {
  const said = await words();
  if (insideWeChat) return say(said.wechat);
  if (!("serviceWorker" in navigator) || !window.isSecureContext || !("caches" in window)) return undefined;
  const registration = await navigator.serviceWorker.register(`${ROOT}sw.js`, { scope: ROOT });
  const worker = (await navigator.serviceWorker.ready).active;
  worker.postMessage({ type: "language", language: LANGUAGE });

  const save = () => {
    say(said.saving);
    worker.postMessage({ type: "save", language: LANGUAGE });
  };
  const show = async () => {
    const { index } = await kept();
    if (!index) return say(said.absent, said.keep, () => { choice("yes"); save(); });
    return say(fill(said.kept, { time: stamp(index.as_of), n: index.sites.toLocaleString("en") }), said.remove, () => {
      choice("no");
      worker.postMessage({ type: "remove" });
    });
  };
  // a newer worker may have come while this one was busy, and waits to be told that it no longer is
  const takeOver = () => registration.waiting && registration.waiting.postMessage({ type: "take over" });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.type === "saved" || data.type === "failed") setTimeout(takeOver, 1000);
    if (data.type === "progress") say(fill(said.progress, { n: data.done, total: data.total }));
    if (data.type === "failed") kept().then(({ index }) => (index ? show() : say(said.failed, said.again, save)));
    if (data.type === "saved" || data.type === "removed") show();
  });
  takeOver();
  await show();
  const { index, checked = 0 } = await kept();
  const chosen = choice();
  const wanted = chosen === "yes" || (chosen !== "no" && !sparing());
  if (wanted && (!index || Date.now() - checked > FRESH_MS || checked > Date.now())) save();
  return undefined;
}

start().catch(() => {});
// where a browser has no `sync` for workers, what was reported without a network goes out from whatever page comes next
const flush = () => self.nuanxinOutbox.flush().catch(() => {});
window.addEventListener("online", flush);
flush();
