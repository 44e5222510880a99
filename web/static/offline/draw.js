// Fills the templates of the page /offline: texts as texts, so that nothing typed by a person becomes HTML.
// data-fill: the text of a value; data-if: only with that value; data-href: the address of a value.

import { fillBar } from "./bar.js";

/** A copy of a template's content with values in it. */
export function drawn(parts, name, values = {}) {
  const made = document.importNode(parts.getElementById(`offline-${name}`).content, true);
  const has = (key) => values[key] !== null && values[key] !== undefined && values[key] !== false && values[key] !== "";
  for (const element of [...made.querySelectorAll("[data-if]")]) {
    if (has(element.dataset.if)) element.removeAttribute("data-if"); else element.remove();
  }
  for (const element of made.querySelectorAll("[data-fill]")) {
    if (has(element.dataset.fill)) element.textContent = values[element.dataset.fill];
    element.removeAttribute("data-fill");
  }
  for (const element of made.querySelectorAll("[data-href]")) {
    element.setAttribute("href", values[element.dataset.href]);
    element.removeAttribute("data-href");
  }
  return made.firstElementChild;
}

/** Show one drawing of icons.html. */
export const draw = (icon, name) => icon.setAttribute("href", `#i-${name}`);

/** A site's card, as macros.html draws it. */
export function card(parts, values) {
  const made = drawn(parts, "card", values);
  made.classList.add(values.arrival);
  Object.assign(made.dataset, { id: values.id, lon: values.at[0], lat: values.at[1], number: values.number, state: values.arrival });
  for (const link of made.querySelectorAll("[data-link]")) {
    const [path, part] = link.getAttribute("href").split("#");
    const address = path.replace("-id-", encodeURIComponent(values.id)) + (values.by === "ride" ? "?by=ride" : "");
    link.setAttribute("href", part ? `${address}#${part}` : address);
    link.removeAttribute("data-link");
  }
  const badge = made.querySelector("[data-state]");
  badge.classList.add(values.state);
  draw(badge.querySelector("use"), values.state);
  badge.removeAttribute("data-state");
  const trust = made.querySelector("[data-trust]");
  trust.classList.add(values.confidence[0]);
  trust.removeAttribute("data-trust");
  trust.querySelector(values.sure ? "[data-unsure]" : "[data-sure]").remove();
  for (const path of trust.querySelectorAll("path")) ["data-sure", "data-unsure"].forEach((name) => path.removeAttribute(name));
  const line = (className) => (textContent) => Object.assign(document.createElement("p"), { className, textContent });
  trust.after(...values.reported.map(line("trust-reported")), ...values.why.map(line("vague")));
  const far = made.querySelector("[data-ranged]");
  if (values.ranged) far.classList.add("ranged");
  far.removeAttribute("data-ranged");
  if (values.own) for (const way of [far, ...made.querySelectorAll("[data-way]")]) way.remove();
  fillBar(made.querySelector(".timeline"), values.bar);
  const mode = made.querySelector("[data-each]");
  if (mode) {
    mode.removeAttribute("data-each");
    for (const text of values.modes) {
      const one = mode.cloneNode(true);
      one.querySelector("span").textContent = text;
      mode.before(one);
    }
    mode.remove();
  }
  made.querySelector(".kind circle").setAttribute("fill", values.colour);
  for (const sign of made.querySelectorAll("[data-way]")) {
    if (sign.dataset.way === values.by) sign.className = "chosen";
    sign.removeAttribute("data-way");
  }
  const who = made.querySelector("[data-vague]");
  if (values.vague) who.className = "vague";
  who.removeAttribute("data-vague");
  const phone = made.querySelector("[data-phone]");
  if (phone) {
    phone.setAttribute("href", `tel:${values.phone.replace(/ /g, "")}`);
    phone.removeAttribute("data-phone");
  }
  const list = made.querySelector("[data-list]");
  list.removeAttribute("data-list");
  for (const { text, level, note } of values.facilities) {
    const item = Object.assign(document.createElement("li"), { className: level, textContent: text });
    if (note) item.append(Object.assign(document.createElement("small"), { textContent: ` ${note}` }));
    list.append(item);
  }
  if (!values.facilities.length) list.remove();
  return made;
}
