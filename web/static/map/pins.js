// The list's sites on the map, each under its number. Numbers that would lie on each other share one pin, which opens a list of
// them: which ones do depends on the zoom, the list's order and where one starts alone; a pin that would lie on the start stands beside it.

import { TARGET_PX, aside, button, filled, keepingFocus } from "./targets.js";

const MOST_PINS = 60; // as many as the server leaves out of its counts
const MOST_NUMBERS = 4; // on one pin; of more the last place says how many more
const NUMBER_PX = 30;
const DIGIT_PX = 9; // of how many more there are, after the first
const EDGE_PX = 7; // what a target has around what is seen of it
const POPUP_EDGE_PX = 66; // what a popup has around its words, and a little of the map beside it
const POPUP_ENDS_PX = 120; // above and below them, with its pin
const TIP = { x: 9, y: 41 }; // of a pin, in its target: where the first of its sites is
const CARD = ".card[data-lon]";

/** The cards that are drawn: every site once, in the list's order, with where it is. */
function cards(answer) {
  const seen = new Map();
  for (const card of answer.querySelectorAll(CARD)) {
    const { id, lon, lat } = card.dataset;
    if (!seen.has(id) && seen.size < MOST_PINS) seen.set(id, { id, card, at: L.latLng(Number(lat), Number(lon)) });
  }
  return [...seen.values()];
}

/** How many numbers a pin of so many sites shows; the others it counts. */
const shownOf = (count) => (count > MOST_NUMBERS ? MOST_NUMBERS - 1 : count);

/** How wide a pin of so many sites is, to the pixel: as its words. */
function width(count) {
  if (count === 1) return TARGET_PX;
  const more = count - shownOf(count);
  return TARGET_PX + (Math.min(count, MOST_NUMBERS) - 1) * NUMBER_PX + 4 + (String(more).length - 1) * DIGIT_PX;
}

/** A pin of some sites, at the first of them: `spot` is its tip, `moved` how far from the site, off the start's dot. */
function placed(sites, map, dot) {
  const { x, y } = map.latLngToLayerPoint(sites[0].at);
  const [left, top] = [x - TIP.x, y - TIP.y];
  const moved = aside({ left: left + EDGE_PX, top: top + EDGE_PX, right: left + width(sites.length) - EDGE_PX, bottom: y }, dot);
  return { spot: { x: x + moved[0], y: y + moved[1] }, moved, sites };
}

function overlap(one, other) {
  return Math.abs(one.spot.y - other.spot.y) < TARGET_PX
    && one.spot.x < other.spot.x + width(other.sites.length) && other.spot.x < one.spot.x + width(one.sites.length);
}

/** Share pins so that no two targets overlap, each at the first of its sites, which keep the list's order. */
function shared(sites, map, start) {
  const dot = start && map.latLngToLayerPoint(start);
  let pins = [];
  for (const site of sites) {
    let pin = placed([site], map, dot);
    // one that grows may reach the next
    for (let over = pins.find((other) => overlap(other, pin)); over; over = pins.find((other) => overlap(other, pin))) {
      const taken = over;
      pins = pins.filter((other) => other !== taken);
      pin = placed([...taken.sites, ...pin.sites].sort((a, b) => sites.indexOf(a) - sites.indexOf(b)), map, dot);
    }
    pins.push(pin);
  }
  return pins;
}

function number({ card }) {
  const shown = document.createElement("span");
  shown.className = `pin ${card.dataset.state}`;
  shown.textContent = card.dataset.number;
  return shown;
}

function look(sites) {
  if (sites.length === 1) return number(sites[0]);
  const box = document.createElement("span");
  box.className = "pins";
  const shown = shownOf(sites.length);
  box.append(...sites.slice(0, shown).map(number));
  if (shown < sites.length) {
    box.append(Object.assign(document.createElement("span"), { className: "more", textContent: `+${sites.length - shown}` }));
  }
  return box;
}

const nameOf = (card) => card.querySelector(".name").textContent.trim();

/** What is told of some sites: a link to each, how far it is and its state. */
function told(sites) {
  const box = document.createElement(sites.length > 1 ? "ul" : "div");
  for (const { card } of sites) {
    const line = sites.length > 1 ? box.appendChild(document.createElement("li")) : box;
    const link = card.querySelector(".name a").cloneNode(true);
    if (sites.length > 1) link.prepend(`${card.dataset.number} `);
    const words = document.createElement("span");
    words.textContent = [".far", ".state"].map((part) => card.querySelector(part)).filter(Boolean)
      .map((part) => part.textContent.trim()).join(" · ");
    line.append(link, words);
  }
  return box;
}

/** Begin to draw lists on a map; `words` names a pin of several sites. */
export function pinsOn(map, words) {
  const layer = L.layerGroup().addTo(map);
  let sites = [];
  let start = null;
  let drawn = new Map(); // the ids of a pin → its marker

  function marker({ sites: under, moved: [right, down] }) {
    const numbers = under.map(({ card }) => card.dataset.number);
    const name = under.length > 1 ? filled(words, { n: under.length, numbers: numbers.join(", ") }) : nameOf(under[0].card);
    const icon = L.divIcon({
      className: "pin-target", html: look(under), iconSize: [width(under.length), TARGET_PX],
      iconAnchor: [TIP.x - right, TIP.y - down], popupAnchor: [15 + right, -30 + down],
    });
    const pin = L.marker(under[0].at, { icon, title: name, zIndexOffset: -Number(numbers[0]) || 1000 });
    const { x, y } = map.getSize();
    pin.bindPopup(() => told(under), { maxHeight: Math.max(160, y - POPUP_ENDS_PX), maxWidth: Math.min(300, x - POPUP_EDGE_PX) }).addTo(layer);
    button(pin, under.length > 1 ? name : `${numbers[0]} ${name}`, () => pin.openPopup());
    const point = (on) => under.forEach(({ card }) => card.classList.toggle("pointed", on));
    return pin.on("popupopen", () => point(true)).on("popupclose", () => point(false));
  }

  /** Share the pins anew; those that stay the same stay as they are, with their popup. */
  function share() {
    const before = drawn;
    drawn = new Map();
    keepingFocus(map, () => {
      for (const pin of shared(sites, map, start)) {
        const key = [...pin.moved, ...pin.sites.map(({ id }) => id)].join();
        drawn.set(key, before.get(key) || marker(pin));
        before.delete(key);
      }
      before.forEach((pin) => pin.remove());
    });
  }

  map.on("zoomend", share);
  return {
    /** Draw another list beside where it starts, in the view as it is; return where its sites are, in its order, and the ids of those that are drawn. */
    draw(answer, from) {
      start = from;
      layer.clearLayers();
      drawn = new Map();
      sites = cards(answer);
      share();
      return { points: sites.map(({ at }) => at), ids: new Set(sites.map(({ id }) => id)) };
    },
  };
}
