// Getting to one site, made quicker where scripts run: the app used last comes first, sharing, copying.
// What is remembered stays on this phone.

import { copy } from "../copy.js";

const LAST_APP = "nuanxin.app";
const find = (id) => document.getElementById(id);

function kept() {
  try {
    return localStorage.getItem(LAST_APP);
  } catch (error) { // a browser that keeps nothing
    return null;
  }
}

function keep(app) {
  try {
    localStorage.setItem(LAST_APP, app);
  } catch (error) {
    // then it is not remembered
  }
}

/** Tell by the page's own words what has happened; a reader's voice hears it too. */
function say(name, where = "said") {
  const box = find(where) || find("said");
  const words = document.querySelector(`[data-say="${name}"]`);
  box.textContent = "";
  window.setTimeout(() => {
    box.textContent = words ? words.textContent : "";
    if (box.id === where && where !== "said") box.scrollIntoView({ block: "nearest" });
  }, 30);
}

/** Copy an element's words, or select them for the hand. */
async function take(element, where) {
  say(await copy(element.textContent.trim(), element) ? "copied" : "selected", where);
}

function lastAppFirst() {
  const apps = find("apps");
  if (!apps) return;
  apps.addEventListener("click", (event) => {
    const one = event.target.closest("[data-app]");
    if (one && event.target.closest("a")) keep(one.dataset.app);
  });
  // inside WeChat only the first of the list is sure to work
  if (find("go").hasAttribute("data-wechat")) return;
  const last = kept();
  const one = [...apps.children].find((item) => item.dataset.app === last);
  if (one) apps.prepend(one);
}

function sharing() {
  const button = find("share");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { title, text, address } = button.dataset;
    const url = address || location.origin + location.pathname;
    if (navigator.share) {
      try {
        await navigator.share({ title, text, url });
        return;
      } catch (error) {
        if (error.name === "AbortError") return; // somebody changed their mind
      }
    }
    find("link").textContent = `${title} ${url}`;
    find("link-row").hidden = false;
    take(find("link"), "said-below"); // beside the button, in view
  });
}

/** Put to work what the page holds now: once for every section that is shown. */
export function dress() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => take(find(button.dataset.copy)));
  }
  sharing();
  lastAppFirst();
}
