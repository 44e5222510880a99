// The page's figures at an hour of the day that is played: who is served, in the headline and in the table of areas.
// What an hour's figures do not tell stays that of the question, and looks it.

import { words } from "./frame.js";

const SVG = "http://www.w3.org/2000/svg";
let kept = []; // what stood in the cells, as the question has it

/** A number of people as the server writes it: a half goes to the even whole. */
export function people(number) {
  const near = Math.round(number);
  const whole = Math.abs(number % 1) === 0.5 && near % 2 ? near - 1 : near;
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A share as the server writes it: a half goes to the even tenth. */
export function percent(share) {
  if (share === null) return "—";
  const hundredfold = share * 100;
  const below = Math.floor(hundredfold * 10);
  const tie = (hundredfold * 4) % 2 === 1;
  return `${(tie ? (below + (below % 2)) / 10 : hundredfold).toFixed(1)}\u00a0%`;
}

function put(node, ...parts) {
  kept.push([node, [...node.childNodes]]);
  node.replaceChildren(...parts);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function bar(sure, maybe) {
  const made = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" })) made.setAttribute(name, value);
  for (const [name, share] of [["track", 1], ["maybe", maybe], ["sure", sure]]) {
    if (share === null) continue;
    const part = document.createElementNS(SVG, "rect");
    for (const [said, value] of Object.entries({ class: name, width: (share * 100).toFixed(2), height: "10" })) part.setAttribute(said, value);
    made.append(part);
  }
  return made;
}

/** Put one line's figures into its cells. */
function fill(cells, line, hour, hourly) {
  const [sure, open] = [line.covered[hour], line.covered_if_unknown_open[hour]];
  const share = line.people ? sure / line.people : null;
  const maybe = hourly && line.people ? open / line.people : null;
  for (const cell of cells) {
    const wants = cell.dataset.ofHour;
    if (wants === "share") put(cell, percent(share), ...(maybe === null ? [] : [element("small", ` – ${percent(maybe)}`)]));
    else if (wants === "headline") {
      const said = element("span", percent(share));
      said.id = "share";
      put(cell, said, ...(maybe === null ? [] : [" ", element("small", words().toOpen.replace("{share}", percent(maybe)))]));
    } else if (wants === "bar") put(cell, ...(share === null ? [] : [bar(share, maybe)]));
    else if (wants === "served") put(cell, words().served.replace("{served}", people(sure)).replace("{all}", people(line.people)));
    else if (wants === "bare") put(cell, people(line.people - sure));
    else if (wants === "bare-open") put(cell, maybe === null ? "" : words().ifOpen.replace("{n}", people(line.people - open)));
  }
}

/** Show the figures of an hour of a day; one that has none of its lines leaves the page as it is. */
export function showHour(day, hour, clock) {
  showQuestion();
  const told = day.hours[hour];
  const whole = { people: day.population, covered: day.hours.map((one) => one.people), covered_if_unknown_open: day.hours.map((one) => one.people_if_unknown_open) };
  const lines = new Map([...(day.lines || []).map((line) => [line.code, line]), ["", whole]]);
  for (const row of document.querySelectorAll("[data-line]")) {
    const line = lines.get(row.dataset.line);
    if (line && line.people !== null) fill(row.querySelectorAll("[data-of-hour]"), line, hour, told.people_if_unknown_open !== undefined);
  }
  for (const said of document.querySelectorAll(".at-hour")) put(said, clock);
  document.getElementById("study").dataset.hour = hour;
}

/** Put back what the question itself says. */
export function showQuestion() {
  for (const [node, stood] of kept.reverse()) node.replaceChildren(...stood);
  forget();
}

/** The page has become another: nothing is to be put back. */
export function forget() {
  kept = [];
  delete document.getElementById("study").dataset.hour;
}
