// The preview's drawing becomes a map to move about in: every row under the colour of what will happen to it.
// Leaflet comes from this site; names are asked for one at a time and shown as text.

import { asText } from "../basemap.js";

const side = document.getElementById("whole");

function library() {
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: side.dataset.style });
  document.head.insertBefore(style, document.head.querySelector("link[rel=stylesheet]"));
  return new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src: side.dataset.script, onload: resolve, onerror: reject }));
  });
}

async function told(number, words) {
  const box = document.createElement("span");
  try {
    const answer = await fetch(side.dataset.row + number, { headers: { Accept: "application/json" } });
    const row = await answer.json();
    box.textContent = `${row.line} · ${row.name} · ${words[row.fate] || row.fate}`;
  } catch (error) {
    box.textContent = String(number);
  }
  return box;
}

async function draw() {
  const answer = await fetch(side.dataset.points, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { rows } = await answer.json();
  if (!rows.length) return;
  await library();
  const picture = side.querySelector(".picture");
  const colours = getComputedStyle(side);
  const words = JSON.parse(side.dataset.words);
  const place = document.createElement("div");
  place.className = "map";
  picture.replaceWith(place);
  const base = JSON.parse(side.dataset.base || "null");
  const map = L.map(place, { preferCanvas: true, zoomControl: false, maxZoom: base ? base.maxZoom : 18, attributionControl: false });
  L.control.zoom({ zoomInTitle: side.dataset.in, zoomOutTitle: side.dataset.out, position: "bottomright" }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  L.control.attribution({ prefix: false }).addAttribution(asText(side.dataset.attribution)).addTo(map);
  for (const template of base ? base.templates : []) L.tileLayer(template, { maxZoom: base.maxZoom, referrerPolicy: "origin" }).addTo(map);
  map.fitBounds(rows.map(([, lon, lat]) => [lat, lon]), { padding: [30, 30], maxZoom: 15, animate: false });
  if (side.dataset.outlines) {
    const outlines = await fetch(side.dataset.outlines);
    if (outlines.ok) {
      map.createPane("districts").style.zIndex = 350; // under the points
      const renderer = L.svg({ pane: "districts", padding: 0.5 });
      L.geoJSON(await outlines.json(), { interactive: false, pane: "districts", renderer, style: { className: "district", weight: 1.5 } }).addTo(map);
    }
  }
  // those that ask for something lie on top
  const order = ["unchanged", "new", "changed", "error", "duplicate"];
  rows.sort((a, b) => order.indexOf(a[3]) - order.indexOf(b[3]));
  for (const [number, lon, lat, fate] of rows) {
    const colour = colours.getPropertyValue(`--${fate}`).trim() || "#6d6259";
    const point = L.circleMarker([lat, lon], { radius: 6, weight: 1.5, color: "#ffffff", fillColor: colour, fillOpacity: 0.9 });
    point.on("click", async () => {
      L.popup().setLatLng([lat, lon]).setContent(await told(number, words)).openOn(map);
    });
    point.addTo(map);
  }
  side.dataset.drawn = "yes";
}

draw().catch(() => {
  side.dataset.drawn = "not"; // the drawing stays
});
