// The form of one site, made livelier: what it comes to is asked of the server while somebody types.
// Everything here also works with the "check" button and without a map.

import { picker } from "./picker.js";

const form = document.getElementById("site-form");
const PANELS = ["look-place", "look-hours", "look-alike"];
const WAIT_MS = 350;
const LOOKED_AT = /^(name|kind|coordinates|datum|district_code|address|phone|station_code|opening_hours|hours_text|workday_rule|season_|slots\.|basis\.hours)/;
let turn = 0;
let waiting = null;
let pin = null;

document.documentElement.classList.add("js");

/** Ask what the form comes to, and put the panels in the place of the old ones. */
async function look({ zoom = null } = {}) {
  const mine = ++turn;
  let text;
  try {
    const response = await fetch(form.dataset.look, { method: "POST", body: new FormData(form) });
    if (!response.ok) return;
    text = await response.text();
  } catch (error) {
    return; // the button still checks
  }
  if (mine !== turn) return;
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const id of PANELS) {
    const panel = fresh.getElementById(id);
    if (panel) document.getElementById(id).replaceWith(document.importNode(panel, true));
  }
  marks(zoom);
}

function marks(zoom) {
  if (!pin) return;
  const place = document.getElementById("look-place").dataset;
  if (place.lon) pin.show(Number(place.lon), Number(place.lat), { zoom });
  else pin.clear();
  pin.others([...document.querySelectorAll("#look-alike li[data-lon]")].map((one) => [
    Number(one.dataset.lon), Number(one.dataset.lat), one.firstElementChild.textContent]));
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(look, WAIT_MS);
}

function set(name, value) {
  form.elements[name].value = value;
}

async function drawMap() {
  const side = document.getElementById("picker");
  try {
    pin = await picker(side, "picker-map", (lon, lat) => {
      set("coordinates", `${lon.toFixed(6)}, ${lat.toFixed(6)}`);
      set("datum", side.dataset.datum);
      look();
    });
    marks(document.getElementById("look-place").dataset.lon ? 16 : null);
  } catch (error) {
    side.dataset.drawn = "not";
  }
}

/** Places and sites by name, as buttons; choosing one sets the position. */
function find() {
  const input = document.getElementById("f-find");
  const list = document.getElementById("found");
  let asked = 0;
  let typing = null;
  async function search() {
    const mine = ++asked;
    const text = input.value.trim();
    if (!text) return list.replaceChildren();
    const response = await fetch(`${input.dataset.search}?${new URLSearchParams({ q: text })}`).catch(() => null);
    if (mine !== asked || !response || !response.ok) return;
    const { results } = await response.json();
    list.replaceChildren(...results.map((one) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: one.name });
      const small = Object.assign(document.createElement("small"), { textContent: one.address });
      button.append(small);
      button.addEventListener("click", () => {
        set("coordinates", `${one.lon.toFixed(6)}, ${one.lat.toFixed(6)}`);
        set("datum", "wgs84");
        list.replaceChildren();
        look({ zoom: 16 });
        form.elements.coordinates.focus();
      });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
  }
  input.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    search();
  });
}

form.addEventListener("input", (event) => {
  if (LOOKED_AT.test(event.target.name)) later();
});
// leaving a half-filled form by accident loses it; sending it does not
let touched = false;
form.addEventListener("change", () => { touched = true; });
form.addEventListener("submit", () => { touched = false; });
window.addEventListener("beforeunload", (event) => {
  if (touched) event.preventDefault();
});

const told = document.getElementById("summary") || document.getElementById("conflict");
if (told) told.focus();
find();
drawMap();
