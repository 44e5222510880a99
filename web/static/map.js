// The map beside the list: district outlines, where one starts, and the list's sites under their numbers.
// Leaflet comes from this site and only after the list is there; nothing typed by a person becomes HTML.

const side = document.getElementById("map-side");
let loading = null;
let map = null;
let marks = null;

function libraries() {
  loading = loading || new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: side.dataset.style });
    // ours stays last, so that it wins
    document.head.insertBefore(style, document.head.querySelector("link[rel=stylesheet]"));
    const script = Object.assign(document.createElement("script"), { src: side.dataset.script, onload: resolve, onerror: reject });
    document.head.append(script);
  });
  return loading;
}

/** The operator's base map, if there is one; it comes from the one other host that this page may ask for pictures. */
function tiles() {
  const base = JSON.parse(side.dataset.base || "null");
  if (!base) return;
  map.setMaxZoom(base.maxZoom);
  for (const template of base.templates) {
    // our own origin and no more: what keys of tile servers are bound to
    L.tileLayer(template, { maxZoom: base.maxZoom, referrerPolicy: "origin" }).addTo(map);
  }
}

async function outlines(open) {
  if (!side.dataset.outlines) return;
  const response = await fetch(side.dataset.outlines);
  if (!response.ok) return;
  const named = [];
  const english = document.documentElement.lang.startsWith("en");
  const districts = L.geoJSON(await response.json(), {
    pane: "districts",
    style: { className: "district", weight: 1.5 },
    onEachFeature(feature, layer) {
      const name = english ? feature.properties.en : feature.properties.zh;
      const label = document.createElement("span");
      label.textContent = name;
      layer.bindTooltip(label, { permanent: true, direction: "center", className: "district-name", interactive: false });
      if (layer.getTooltip) named.push(layer);
      layer.on("click", () => {
        if (document.getElementById("answer").dataset.view !== "answer") {
          open({ area: feature.properties.code, q: null, lon: null, lat: null, accuracy_m: null, place: null });
        }
      });
    },
  }).addTo(map);
  // a name that is wider than its district would lie over the neighbours'
  const fit = () => {
    for (const layer of named) {
      const { x: left } = map.latLngToLayerPoint(layer.getBounds().getSouthWest());
      const { x: right } = map.latLngToLayerPoint(layer.getBounds().getNorthEast());
      layer.getTooltip().setOpacity(right - left > 58 ? 1 : 0);
    }
  };
  map.on("zoomend", fit);
  if (!marks.getLayers().length) map.fitBounds(districts.getBounds(), { animate: false });
  fit();
}

/** Landmarks, where one looks closely: without streets they tell which way is which. */
async function landmarks() {
  if (!side.dataset.places) return;
  const response = await fetch(side.dataset.places);
  if (!response.ok) return;
  const english = document.documentElement.lang.startsWith("en");
  const { places } = await response.json();
  const shown = L.layerGroup().addTo(map);
  const show = () => {
    shown.clearLayers();
    if (map.getZoom() < 13) return;
    const taken = [];
    for (const place of places) {
      const at = [place.lat, place.lon];
      if (!map.getBounds().contains(at)) continue;
      const spot = map.latLngToContainerPoint(at);
      // one name over another helps nobody
      if (taken.some((other) => Math.abs(other.x - spot.x) < 110 && Math.abs(other.y - spot.y) < 26)) continue;
      taken.push(spot);
      const name = document.createElement("span");
      name.textContent = english ? place.en : place.zh;
      L.tooltip({ permanent: true, direction: "center", className: "landmark", interactive: false, pane: "landmarks" })
        .setLatLng(at).setContent(name).addTo(shown);
    }
  };
  map.on("moveend", show);
  show();
}

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
    await libraries();
  } catch (error) {
    side.dataset.drawn = "not";
    return;
  }
  const first = map === null;
  if (first) {
    side.hidden = false;
    map = L.map("map", { zoomControl: false, maxZoom: 18, minZoom: 7, attributionControl: false });
    L.control.attribution({ prefix: false }).addAttribution(side.dataset.attribution).addTo(map);
    L.control.zoom({ zoomInTitle: side.dataset.zoomIn, zoomOutTitle: side.dataset.zoomOut, position: "bottomright" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    tiles();
    map.createPane("districts").style.zIndex = 350;
    map.createPane("landmarks").style.zIndex = 450; // under the pins
    map.setView([39.95, 116.4], 9);
    marks = L.layerGroup().addTo(map);
    hereControl(open).addTo(map);
  }
  const points = mark(document.getElementById("answer"));
  // the first few are what one may go to; the rest would only shrink the map
  if (points.length) map.fitBounds(points.slice(0, 9), { padding: [46, 46], maxZoom: 16, animate: !first });
  if (first) await Promise.all([outlines(open), landmarks()]).catch(() => {});
  side.dataset.drawn = "yes";
}
