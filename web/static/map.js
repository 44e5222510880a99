// The map beside the list: district outlines, where one starts, and the list's sites under their numbers.
// Leaflet comes from this site and only after the list is there; nothing typed by a person becomes HTML.

import { landmarks, openMap, outlines } from "./basemap.js";

const side = document.getElementById("map-side");
let opening = null;
let map = null;
let marks = null;

function popup(card) {
  const box = document.createElement("div");
  const link = card.querySelector(".name a").cloneNode(true);
  const state = card.querySelector(".state span").textContent;
  const words = document.createElement("span");
  words.textContent = `${card.querySelector(".far").textContent} · ${state}`;
  box.append(link, words);
  return box;
}

function mark(answer) {
  marks.clearLayers();
  const points = [];
  const cards = [...answer.querySelectorAll(".card")];
  for (const card of cards) {
    const { lon, lat, number, state } = card.dataset;
    const at = [Number(lat), Number(lon)];
    points.push(at);
    const shown = document.createElement("span");
    shown.textContent = number;
    const icon = L.divIcon({ className: `pin ${state}`, html: shown, iconSize: [34, 34], iconAnchor: [2, 34], popupAnchor: [15, -30] });
    const marker = L.marker(at, { icon, title: card.querySelector(".name").textContent.trim(), alt: number, zIndexOffset: -Number(number) || 1000 });
    marker.bindPopup(() => popup(card)).addTo(marks);
    marker.on("popupopen", () => card.classList.add("pointed")).on("popupclose", () => card.classList.remove("pointed"));
  }
  const { lon, lat, accuracy } = answer.dataset;
  if (lon) {
    const at = [Number(lat), Number(lon)];
    if (accuracy > 30) L.circle(at, { radius: Number(accuracy), className: "blur", interactive: false }).addTo(marks);
    for (const radius of [500, 1000]) {
      const ring = L.circle(at, { radius, className: "ring", interactive: false, fill: false }).addTo(marks);
      L.tooltip({ permanent: true, direction: "center", className: "ring-name", interactive: false })
        .setLatLng([ring.getBounds().getNorth(), at[1]]).setContent(radius < 1000 ? `${radius} m` : `${radius / 1000} km`).addTo(marks);
    }
    L.marker(at, { icon: L.divIcon({ className: "you", iconSize: [16, 16] }), title: side.dataset.you, alt: side.dataset.you, keyboard: false, zIndexOffset: 2000 }).addTo(marks);
    points.unshift(at);
  }
  return points;
}

function hereControl(open) {
  const Here = L.Control.extend({
    options: { position: "topright" },
    onAdd() {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button here";
      button.textContent = side.dataset.here;
      button.hidden = true;
      L.DomEvent.disableClickPropagation(button);
      button.addEventListener("click", () => {
        const { lng, lat } = map.getCenter();
        button.hidden = true;
        open({ lon: lng.toFixed(5), lat: lat.toFixed(5), accuracy_m: null, place: null, area: null, datum: side.dataset.datum || null, q: null });
      });
      map.on("dragend", () => { button.hidden = false; });
      return button;
    },
  });
  return new Here();
}

/** Draw, or draw again, what the list says; without the library the page stays as it is. */
export async function drawMap({ open }) {
  if (!side) return;
  try {
    opening = opening || openMap(side, "map");
    map = await opening;
  } catch (error) {
    side.dataset.drawn = "not";
    return;
  }
  const first = marks === null;
  if (first) {
    marks = L.layerGroup().addTo(map);
    hereControl(open).addTo(map);
  }
  const points = mark(document.getElementById("answer"));
  const pick = (area) => {
    if (document.getElementById("answer").dataset.view !== "answer") {
      open({ area, q: null, lon: null, lat: null, accuracy_m: null, place: null });
    }
  };
  // the first few are what one may go to; the rest would only shrink the map
  if (points.length) map.fitBounds(points.slice(0, 9), { padding: [46, 46], maxZoom: 16, animate: !first });
  if (first) await Promise.all([outlines(side, map, { pick, fit: !points.length }), landmarks(side, map)]).catch(() => {});
  side.dataset.drawn = "yes";
}
