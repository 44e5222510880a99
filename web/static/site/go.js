// Getting to one site, made quicker where scripts run: the app used last comes first, sharing, copying.
// What is remembered stays on this phone.

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

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

/** Copy an element's words: the Clipboard API, else the selection, else they stay selected for the hand. */
async function copy(element, where) {
  try {
    await navigator.clipboard.writeText(element.textContent.trim());
    say("copied", where);
    return;
  } catch (error) {
    // http, an old browser, WeChat: the older way
  }
  select(element);
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch (error) {
    done = false;
  }
  say(done ? "copied" : "selected", where);
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
    copy(find("link"), "said-below"); // beside the button, in view
  });
}

/** Put to work what the page holds now: once for every section that is shown. */
export function dress() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(find(button.dataset.copy)));
  }
  sharing();
  lastAppFirst();
}
