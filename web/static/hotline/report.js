// The caller's report, filed in the operator's name: a number, perhaps a word, Enter.

const LACKS = "missing_facility";

/** A name that nobody else makes up, so that the same report sent twice is one. */
function made() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return what opens and closes the panel; `say` tells, `back` gives the focus back, `filed` is called after a report arrived. */
export function reporting({ say, message, back, filed }) {
  const panel = document.getElementById("report");
  const which = document.getElementById("report-which");
  let site = null;
  let key = "";
  let token = "";

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    panel.reset();
    site = null;
    back();
  }

  function open(id, name, csrf) {
    panel.reset();
    which.hidden = true;
    site = { id, name };
    token = csrf;
    key = made();
    document.getElementById("report-site").textContent = name;
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
    panel.elements.type[0].focus();
  }

  async function file() {
    const { id, name } = site;
    const given = new URLSearchParams(new FormData(panel));
    given.set("site", id);
    given.set("key", key);
    if (panel.elements.type.value !== LACKS) given.delete("facility");
    let told = "";
    try {
      const response = await fetch(panel.action, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token }, body: given });
      if (response.ok) {
        close();
        say(message("filed"), name);
        filed();
        return;
      }
      if (response.status === 401 || response.status === 403) told = message("signed-out");
      else {
        const problem = await response.json();
        told = (problem.errors || []).map((one) => one.message).join(" ") || problem.detail || "";
      }
    } catch (error) {
      told = message("offline");
    }
    say(message("not-filed"), told);
  }

  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    file();
  });
  panel.addEventListener("change", () => { which.hidden = panel.elements.type.value !== LACKS; });
  panel.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    const reason = event.target.name === "type" && /^[1-9]$/.test(event.key) && panel.elements.type[Number(event.key) - 1];
    if (event.key === "Escape") close();
    else if (reason) {
      reason.checked = true;
      reason.focus();
      which.hidden = reason.value !== LACKS;
      if (reason.value === LACKS) panel.elements.facility.focus();
    } else return;
    event.preventDefault();
  });
  document.getElementById("report-close").addEventListener("click", close);
  return { open, close };
}
