// The map beside the list: outlines or tiles, where one starts, the list's sites under their numbers, the others as the server counts them.
// Nothing typed by a person becomes HTML.

import { landmarks, openMap, outlines } from "../basemap.js";
import { button, clustersOn } from "./clusters.js";

const MOST_PINS = 60; // as many as the server leaves out of its counts
const MOVED_PX = 40;

function popup(card) {
  const box = document.createElement("div");
  const link = card.querySelector(".name a").cloneNode(true);
  const words = document.createElement("span");
  words.textContent = [".far", ".state"].map((part) => card.querySelector(part)).filter(Boolean)
    .map((part) => part.textContent.trim()).join(" · ");
  box.append(link, words);
  return box;
}

/** Put the list's sites on the map; return where they are, and the ids of those that are drawn. */
function pins(answer, marks) {
  const points = [];
  const ids = new Set();
  for (const card of answer.querySelectorAll(".card[data-lon]")) {
    const { id, lon, lat, number, state } = card.dataset;
    if (ids.has(id) || ids.size === MOST_PINS) continue;
    ids.add(id);
    const at = [Number(lat), Number(lon)];
    points.push(at);
    const shown = document.createElement("span");
    shown.className = `pin ${state}`;
    shown.textContent = number;
    const icon = L.divIcon({ className: "pin-target", html: shown, iconSize: [48, 48], iconAnchor: [9, 41], popupAnchor: [15, -30] });
    const name = card.querySelector(".name").textContent.trim();
    const marker = L.marker(at, { icon, title: name, zIndexOffset: -Number(number) || 1000 });
    marker.bindPopup(() => popup(card)).addTo(marks);
    button(marker, `${number} ${name}`, () => marker.openPopup());
    marker.on("popupopen", () => card.classList.add("pointed")).on("popupclose", () => card.classList.remove("pointed"));
  }
  return { points, ids };
}

/** Put where one starts on the map, with two distances around it; return the point, if there is one. */
function start(answer, marks, { you, rings }) {
  const { lon, lat, accuracy } = answer.dataset;
  if (!lon) return [];
  const at = [Number(lat), Number(lon)];
  if (accuracy > 30) L.circle(at, { radius: Number(accuracy), className: "blur", interactive: false }).addTo(marks);
  for (const [i, radius] of [500, 1000].entries()) {
    const ring = L.circle(at, { radius, className: "ring", interactive: false, fill: false }).addTo(marks);
    L.tooltip({ permanent: true, direction: "center", className: "ring-name", interactive: false })
      .setLatLng([ring.getBounds().getNorth(), at[1]]).setContent(rings.split("|")[i]).addTo(marks);
  }
  L.marker(at, { icon: L.divIcon({ className: "you", iconSize: [16, 16] }), title: you, interactive: false, keyboard: false, zIndexOffset: 2000 }).addTo(marks);
  return [at];
}

/** A button that searches from the middle of the map; there once somebody has moved it. */
function hereButton(map, words, search) {
  const here = document.createElement("button");
  let settled = map.getCenter();
  Object.assign(here, { type: "button", className: "button here", textContent: words, hidden: true });
  L.DomEvent.disableClickPropagation(here);
  here.addEventListener("click", () => {
    here.hidden = true;
    search(map.getCenter());
  });
  map.on("moveend", () => {
    here.hidden = map.latLngToContainerPoint(settled).distanceTo(map.getSize().divideBy(2)) < MOVED_PX;
  });
  const control = new L.Control({ position: "topright" });
  control.onAdd = () => here;
  control.addTo(map);
  return () => {
    settled = map.getCenter();
    here.hidden = true;
  };
}

/** Open the map; return what draws a list on it. Rejects where the library does not come. */
export async function begin(side) {
  const map = await openMap(side, "map", () => document.getElementById("show-map").remove());
  const marks = L.layerGroup().addTo(map);
  let open = null;
  let first = true;
  const search = ({ lng, lat }) => open({
    lon: lng.toFixed(5), lat: lat.toFixed(5), accuracy_m: null, place: null, area: null, datum: side.dataset.datum || null, q: null,
  });
  const settle = hereButton(map, side.dataset.here, search);
  const others = clustersOn(side, map, search);

  return async (asked) => {
    open = asked.open;
    const answer = document.getElementById("answer");
    map.closePopup();
    marks.clearLayers();
    const { points, ids } = pins(answer, marks);
    const seen = [...start(answer, marks, side.dataset), ...points];
    // the first few are what one may go to; the rest would only shrink the map
    if (seen.length) map.fitBounds(seen.slice(0, 9), { padding: [46, 46], maxZoom: 16, animate: false });
    if (first) {
      first = false;
      const pick = (area) => {
        if (document.getElementById("answer").dataset.view !== "answer") {
          open({ area, q: null, lon: null, lat: null, accuracy_m: null, place: null });
        }
      };
      await Promise.all([outlines(side, map, { pick, fit: !seen.length }), landmarks(side, map)]).catch(() => {});
    }
    settle();
    others.draw(ids);
  };
}
