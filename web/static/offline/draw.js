// Fills the templates of the page /offline: texts as texts, so that nothing typed by a person becomes HTML.
// data-fill: the text of a value; data-if, data-unless: only with, or without, that value; data-href: the address of a value.

import { fillBar } from "./bar.js";

const ANY_ID = "-id-"; // in the addresses of the templates

/** A copy of a template's content with values in it. */
export function drawn(parts, name, values = {}) {
  const made = document.importNode(parts.getElementById(`offline-${name}`).content, true);
  const has = (key) => values[key] !== null && values[key] !== undefined && values[key] !== false && values[key] !== "";
  for (const element of [...made.querySelectorAll("[data-if]")]) {
    if (has(element.dataset.if)) element.removeAttribute("data-if"); else element.remove();
  }
  for (const element of [...made.querySelectorAll("[data-unless]")]) {
    if (has(element.dataset.unless)) element.remove(); else element.removeAttribute("data-unless");
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

/** Put a site's id into every address of a drawing that has a place for one. */
export function addressed(made, id) {
  for (const element of [made, ...made.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes(ANY_ID)) element.setAttribute(name, value.replace(ANY_ID, encodeURIComponent(id)));
    }
  }
  return made;
}

/** What a card and a site's own page tell alike: state, confidence, hours, who may enter, telephone, what it has. */
export function told(made, values) {
  const take = (name) => {
    const element = made.querySelector(`[data-${name}]`);
    if (element) element.removeAttribute(`data-${name}`);
    return element;
  };
  const badge = take("state");
  badge.classList.add(values.state);
  draw(badge.querySelector("use"), values.state);
  const trust = take("trust");
  trust.classList.add(values.confidence[0]);
  trust.querySelector(values.sure ? "[data-unsure]" : "[data-sure]").remove();
  take(values.sure ? "sure" : "unsure");
  const line = (className) => (textContent) => Object.assign(document.createElement("p"), { className, textContent });
  trust.after(...values.reported.map(line("trust-reported")), ...values.why.map(line("vague trust-why")));
  fillBar(made.querySelector(".timeline"), values.bar);
  made.querySelector(".kind circle").setAttribute("fill", values.colour);
  const who = take("vague");
  if (values.vague) who.className = "vague";
  const phone = take("phone");
  if (phone) phone.setAttribute("href", `tel:${values.phone.replace(/ /g, "")}`);
  const list = take("list");
  for (const { text, level, note } of values.facilities) {
    const item = Object.assign(document.createElement("li"), { className: level, textContent: text });
    if (note) item.append(Object.assign(document.createElement("small"), { textContent: ` ${note}` }));
    list.append(item);
  }
  if (!values.facilities.length) list.remove();
}

/** A site's card, as macros.html draws it, and a way to report the site where the parts have one. */
export function card(parts, values) {
  const made = addressed(drawn(parts, "card", values), values.id);
  made.classList.add(values.arrival);
  Object.assign(made.dataset, { id: values.id, lon: values.at[0], lat: values.at[1], number: values.number, state: values.arrival });
  for (const link of made.querySelectorAll("[data-link]")) {
    const [path, part] = link.getAttribute("href").split("#");
    const address = path + (values.by === "ride" ? "?by=ride" : "");
    link.setAttribute("href", part ? `${address}#${part}` : address);
    link.removeAttribute("data-link");
  }
  told(made, values);
  const far = made.querySelector("[data-ranged]");
  if (values.ranged) far.classList.add("ranged");
  far.removeAttribute("data-ranged");
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
  for (const sign of made.querySelectorAll("[data-way]")) {
    if (sign.dataset.way === values.by) sign.className = "chosen";
    sign.removeAttribute("data-way");
  }
  if (parts.getElementById("offline-tell")) made.append(addressed(drawn(parts, "tell", values), values.id));
  return made;
}
