// What every map of ours begins with: Leaflet from this site, the operator's tiles or our outlines, landmarks.
// An element carries the addresses in its data attributes; nothing typed by a person becomes HTML.

const WIDEST_BAR_PX = 100;
const DRAGGED = 2; // how many of its own sizes beside the view are drawn, so that no part of it is bare until a drag has come to rest
let loading = null;

/** Put something into the page's head before another element, or at its end; resolves once it has come. */
function come(element, before = null) {
  return new Promise((resolve, reject) => {
    document.head.insertBefore(Object.assign(element, { onload: resolve, onerror: reject }), before);
  });
}

/** Leaflet and the styles of the map: without them names would be measured, and put, wrongly. */
function libraries(side) {
  const ours = document.head.querySelector("link[rel=stylesheet]"); // stays last, so that it wins
  const { style, script } = side.dataset;
  loading = loading || Promise.all([
    ...style.split(" ").map((href) => come(Object.assign(document.createElement("link"), { rel: "stylesheet", href }), ours)),
    come(Object.assign(document.createElement("script"), { src: script })),
  ]);
  return loading;
}

/** Text as Leaflet's HTML, which is what it takes an attribution for. */
function asText(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}

/** The operator's base map, if there is one; it comes from the one other host that this page may ask for pictures. */
function tiles(side, map) {
  const base = JSON.parse(side.dataset.base || "null");
  if (!base) return;
  map.setMaxZoom(base.maxZoom);
  for (const template of base.templates) {
    // our own origin and no more: what keys of tile servers are bound to
    L.tileLayer(template, { maxZoom: base.maxZoom, subdomains: base.subdomains, referrerPolicy: "origin" }).addTo(map);
  }
}

/** A bar of a round length under its words, metres|kilometres: Leaflet's own says m and km in every language, and writes past its bar. */
function scale(map, words) {
  const box = document.createElement("div");
  const text = document.createElement("span");
  const bar = document.createElement("i");
  box.className = "scale";
  box.append(text, bar);
  const control = new L.Control({ position: "bottomleft" });
  control.onAdd = () => box;
  control.addTo(map);
  const show = () => {
    const down = map.getSize().y / 2;
    const widest = map.distance(...[0, WIDEST_BAR_PX].map((right) => map.containerPointToLatLng([right, down])));
    const power = 10 ** Math.floor(Math.log10(widest));
    const metres = power * [5, 2, 1].find((times) => times * power <= widest);
    const [unit, word] = metres < 1000 ? [1, 0] : [1000, 1];
    text.textContent = words.split("|")[word].replace("{n}", (metres / unit).toLocaleString("en"));
    bar.style.width = `${Math.round(WIDEST_BAR_PX * metres / widest)}px`;
  };
  map.whenReady(show);
  map.on("move", show);
}

/** Make a map in a box; rejects where the library does not come, and calls `ready` before it where it does. */
export async function openMap(side, box, ready = () => {}) {
  await libraries(side);
  ready();
  side.hidden = false;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    zoomControl: false, maxZoom: 18, minZoom: 7, attributionControl: false, fadeAnimation: !still, zoomAnimation: !still, inertia: !still,
  });
  // below the scale: on a phone it takes the width that the buttons leave
  L.control.attribution({ prefix: false, position: "bottomleft" }).addAttribution(asText(side.dataset.attribution)).addTo(map);
  L.control.zoom({ zoomInTitle: side.dataset.zoomIn, zoomOutTitle: side.dataset.zoomOut, position: "bottomright" }).addTo(map);
  scale(map, side.dataset.scale);
  tiles(side, map);
  map.createPane("districts").style.zIndex = 350;
  map.createPane("landmarks").style.zIndex = 450; // names: under the pins
  map.setView([39.95, 116.4], 9);
  return map;
}

/** The districts' outlines; `pick` is told which one is clicked, `fit` shows all of them. */
export async function outlines(side, map, { pick = null, fit = false } = {}) {
  if (!side.dataset.outlines) return;
  const response = await fetch(side.dataset.outlines);
  if (!response.ok) return;
  const named = [];
  const english = document.documentElement.lang.startsWith("en");
  const districts = L.geoJSON(await response.json(), {
    pane: "districts",
    renderer: L.svg({ pane: "districts", padding: DRAGGED }),
    style: { className: "district", weight: 1.5 },
    interactive: pick !== null,
    onEachFeature(feature, layer) {
      const { en, zh } = feature.properties;
      const label = document.createElement("span");
      label.textContent = english ? en.replace(/ District$/, "") : zh; // which it is, one sees
      layer.bindTooltip(label, { permanent: true, direction: "center", className: "district-name", interactive: false, pane: "landmarks" });
      if (layer.getTooltip) named.push(layer);
      if (pick) layer.on("click", () => pick(feature.properties.code));
    },
  }).addTo(map);
  // a name that is wider than its district would lie over the neighbours'; of two that meet the first one stays
  const showNames = () => {
    const taken = [];
    for (const layer of named) {
      const tooltip = layer.getTooltip();
      const { offsetWidth: wide, offsetHeight: high } = tooltip.getElement();
      const { x, y } = map.latLngToLayerPoint(tooltip.getLatLng());
      const { x: left } = map.latLngToLayerPoint(layer.getBounds().getSouthWest());
      const { x: right } = map.latLngToLayerPoint(layer.getBounds().getNorthEast());
      const fits = wide <= right - left && !taken.some((other) => Math.abs(other.x - x) < (other.wide + wide) / 2 && Math.abs(other.y - y) < high);
      if (fits) taken.push({ x, y, wide });
      tooltip.setOpacity(fits ? 1 : 0);
    }
  };
  map.on("zoomend", showNames);
  if (fit) map.fitBounds(districts.getBounds(), { animate: false });
  showNames();
}

/** Landmarks, where one looks closely: without streets they tell which way is which. */
export async function landmarks(side, map) {
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
