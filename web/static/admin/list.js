// The map beside the administrators' list: the sites of this page, each under its number.

import { landmarks, openMap, outlines } from "../basemap.js";

const side = document.getElementById("list-map");
const wide = window.matchMedia("(min-width: 72rem)");

async function draw() {
  if (!wide.matches || side.dataset.drawn) return;
  side.dataset.drawn = "soon";
  try {
    const map = await openMap(side, "list-map-box");
    const points = [];
    for (const line of document.querySelectorAll(".line[data-lon]")) {
      const at = [Number(line.dataset.lat), Number(line.dataset.lon)];
      const link = line.querySelector("h2 a");
      points.push(at);
      const number = document.createElement("span");
      number.textContent = line.dataset.number;
      const icon = L.divIcon({ className: "pin listed", html: number, iconSize: [34, 34], iconAnchor: [2, 34] });
      const marker = L.marker(at, { icon, title: link.textContent, alt: link.textContent, zIndexOffset: -points.length }).addTo(map);
      marker.on("click", () => { link.focus(); line.scrollIntoView({ block: "center" }); });
      line.addEventListener("mouseenter", () => marker.setZIndexOffset(2000).getElement().classList.add("pointed"));
      line.addEventListener("mouseleave", () => marker.setZIndexOffset(0).getElement().classList.remove("pointed"));
    }
    if (points.length) map.fitBounds(points, { padding: [40, 40], maxZoom: 15, animate: false });
    await Promise.all([outlines(side, map, { fit: !points.length }), landmarks(side, map)]);
    side.dataset.drawn = "yes";
  } catch (error) {
    side.dataset.drawn = "not";
  }
}

draw();
wide.addEventListener("change", draw);
