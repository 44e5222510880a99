// The finder's frame round an answer worked out on the phone: its toggles, form and links for an address, as templates/finder has them.
// A page is {frame: the document, box: its #answer, asked, path: of the address, question, text, districts}.

import { counts } from "./counts.js";
import { START } from "./find.js";
import { address, CARRIED, less } from "./question.js";

/** Make the frame that of a view: welcome, choices, answer or site. */
export function dress(page, view) {
  const { frame, box, districts } = page;
  frame.querySelector(".finder").className = `finder view-${view}`;
  box.dataset.view = view;
  if (view === "welcome" && districts) box.append(districts);
  if (view !== "welcome") {
    const title = frame.querySelector(".column h1");
    if (title) title.className = "sr";
  }
  // where to start from stands behind the list, once there is one
  const start = frame.querySelector(".ask .start");
  if (view === "answer" && start) box.append(start);
  for (const link of frame.querySelectorAll(".column [data-key]")) toggle(page, link);
  if (frame.querySelector(".needs .extra [aria-current]")) frame.getElementById("more-needs").setAttribute("checked", "");
  fillForm(page);
  lead(page);
}

/** Say how many sites each toggle would leave. */
export function count(page) {
  const { frame } = page;
  const found = counts(page);
  for (const link of frame.querySelectorAll(".ask a[data-key]")) {
    const sites = found.counts[link.dataset.need || link.dataset.key];
    if (sites !== undefined) link.append(Object.assign(frame.createElement("small"), { textContent: sites }));
  }
  frame.querySelector(".ask .ways").after(Object.assign(frame.createElement("p"), { className: "counted", textContent: found.words }));
}

function toggle({ asked, question }, link) {
  const { key, need } = link.dataset;
  let pair = null;
  if (need === "verified_only") pair = ["verified_only", "1"];
  else if (need) pair = ["need", need];
  else if (key === "hide") pair = ["state", asked.get("state") || "open-on-arrival"];
  else if (key === "by:walk" || key === "by:ride") {
    const by = key.slice(3);
    link.setAttribute("href", address(asked, ["by"], by === "ride" ? [["by", by]] : []));
    return mark(link, question.by === by);
  } else return undefined;
  const on = asked.getAll(pair[0]).includes(pair[1]);
  link.setAttribute("href", address(on ? less(asked, [pair]) : asked, key === "hide" ? ["strict"] : [], on ? [] : [pair]));
  return mark(link, on);
}

function mark(link, on) {
  if (on) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
}

/** Put what is asked into the form: what has no field of its own goes along unseen. */
function fillForm({ frame, asked, text }) {
  const form = frame.getElementById("ask");
  for (const hidden of [...form.querySelectorAll("input[type=hidden]")]) hidden.remove();
  for (const [name, value] of asked) {
    const input = frame.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    if (CARRIED.includes(name) && !form.querySelector(`[name="${name}"]:not([type=hidden])`)) form.prepend(input);
  }
  if (text) form.querySelector("[name=q]").setAttribute("value", text);
}

/** Let districts and languages lead on with what is asked. */
function lead({ frame, asked, path }) {
  for (const link of frame.querySelectorAll(".districts a")) {
    const area = new URL(link.getAttribute("href"), location.href).searchParams.get("area");
    link.setAttribute("href", address(asked, START, [["area", area]]));
  }
  for (const link of frame.querySelectorAll(".languages a")) {
    const other = new URLSearchParams(asked);
    other.set("lang", link.hreflang);
    link.setAttribute("href", `${path}?${other}`);
  }
}
