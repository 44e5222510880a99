// What was asked last, on this phone only: needs, the way one goes, a place or district by its name. Never a position.
// A phone that refuses to keep anything, or keeps something else under our name, is as one that has forgotten.

const KEY = "nuanxin.last";
const KEPT = ["need", "by", "state", "area", "place"];

function read() {
  try {
    return new URLSearchParams(localStorage.getItem(KEY) || "");
  } catch (error) {
    return new URLSearchParams();
  }
}

/** Keep what an answer was asked for. Its place goes by its name: coordinates are left out. */
export function remember(asked, view) {
  if (view !== "answer") return;
  const kept = new URLSearchParams();
  for (const name of KEPT) {
    for (const value of asked.getAll(name)) kept.append(name, value.slice(0, 80));
  }
  try {
    localStorage.setItem(KEY, kept.toString());
  } catch (error) {
    // nothing is kept, and nothing is missed
  }
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch (error) {
    // there was nothing
  }
  document.getElementById("last").hidden = true;
}

/** Offer the last choice again, in the words of the page. */
export function offerLast() {
  const asked = read();
  const box = document.getElementById("last");
  const district = asked.has("area") && [...document.querySelectorAll("[data-area]")].find((link) => link.dataset.area === asked.get("area"));
  const needs = asked.getAll("need").map((code) => [...document.querySelectorAll("[data-need]")].find((link) => link.dataset.need === code));
  const words = [
    asked.get("place") || (district ? district.textContent.trim() : ""),
    ...needs.map((link) => (link ? link.querySelector("span").textContent : "")),
  ].filter(Boolean);
  if (!words.length) return;
  const link = box.querySelector("a");
  link.textContent = box.dataset.words.replace("{what}", () => words.join(" · "));
  link.href = `${link.getAttribute("href").split("?")[0]}?${asked}`;
  // without a place it is a question about here, as a need is
  if (needs.length) link.dataset.need = asked.get("need");
  box.hidden = false;
}
