// A map that sets a position: click it, drag the pin, or move it with the arrow keys and press Enter.

import { landmarks, openMap, outlines } from "../basemap.js";

/** Draw the picker; `chosen(lon, lat)` is told of each position, in the map's own datum. Resolves to what moves the pin. */
export async function picker(side, box, chosen) {
  const map = await openMap(side, box);
  const note = side.querySelector(".map-note");
  if (note) note.textContent = side.dataset.hint;
  const alike = L.layerGroup().addTo(map);
  let pin = null;

  function put(at) {
    if (pin === null) {
      const icon = L.divIcon({ className: "pin chosen", iconSize: [34, 34], iconAnchor: [2, 34] });
      pin = L.marker(at, { icon, draggable: true, autoPan: true, title: side.dataset.here, alt: side.dataset.here, zIndexOffset: 1000 }).addTo(map);
      pin.on("dragend", () => tell(pin.getLatLng()));
    } else {
      pin.setLatLng(at);
    }
  }

  function tell({ lat, lng }) {
    put([lat, lng]);
    chosen(lng, lat);
  }

  map.on("click", (event) => tell(event.latlng));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === map.getContainer()) {
      event.preventDefault();
      tell(map.getCenter());
    }
  });
  await Promise.all([outlines(side, map, { fit: true }), landmarks(side, map)]).catch(() => {});
  side.dataset.drawn = "yes";

  return {
    /** Show where the form's position lies; the view follows only where it would be lost. */
    show(lon, lat, { zoom = null } = {}) {
      const at = [lat, lon];
      put(at);
      if (zoom || !map.getBounds().pad(-0.1).contains(at)) map.setView(at, zoom || Math.max(map.getZoom(), 15));
    },
    clear() {
      if (pin !== null) pin.remove();
      pin = null;
    },
    /** Show the sites that this one may be. */
    others(points) {
      alike.clearLayers();
      for (const [lon, lat, name] of points) {
        const label = document.createElement("span");
        label.textContent = name;
        L.circleMarker([lat, lon], { radius: 8, className: "other" }).bindTooltip(label).addTo(alike);
      }
    },
  };
}
