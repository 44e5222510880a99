// The sites that the list does not have, as the server counts them in the visible box: bubbles, and single sites as dots.
// A tap on a bubble goes nearer, a tap on a dot says what it is. Where an answer does not come, what is drawn stays.

import { TARGET_PX, aside, button, filled, keepingFocus } from "./targets.js";

const SEEN_PX = 36; // how high what is seen of a bubble is, and how wide at least
const WAIT_MS = 200; // after a movement: the next one often follows
const FILTERS = ["kind", "facility", "eligibility", "area", "need", "state", "strict", "verified_only", "at"];

/** The visible box, some more, as the server takes it. */
function boxOf(map) {
  const box = map.getBounds().pad(0.1);
  const within = (degrees, most) => Math.max(-most, Math.min(most, degrees)).toFixed(5);
  return [within(box.getWest(), 180), within(box.getSouth(), 90), within(box.getEast(), 180), within(box.getNorth(), 90)].join();
}

/** Cells and single sites as one sort of thing; `site` is there where it is only one. */
function things({ cells, sites }) {
  return [
    ...cells.map(({ lon, lat, count, states, bbox: [west, south, east, north] }) => (
      { at: L.latLng(lat, lon), count, open: states.open, around: L.latLngBounds([south, west], [north, east]) })),
    ...sites.map((site) => {
      const at = L.latLng(site.lat, site.lon);
      return { at, count: 1, open: site.state === "open" ? 1 : 0, around: L.latLngBounds(at, at), site };
    }),
  ];
}

/** How wide what is seen of a bubble of so many sites is, and its target: as its number. */
const seen = (count) => Math.max(SEEN_PX, 14 + Math.ceil(11.2 * String(count).length));
const width = (count) => Math.max(TARGET_PX, seen(count));

/** A thing with the spot it is drawn at: its own, or beside the start's dot where that would lie on it. */
function placed(thing, map, dot) {
  const { x, y } = map.latLngToLayerPoint(thing.at);
  const [across, up] = [seen(thing.count) / 2, SEEN_PX / 2];
  const [right, down] = aside({ left: x - across, top: y - up, right: x + across, bottom: y + up }, dot);
  return { ...thing, spot: L.point(x + right, y + down) };
}

/** Let what would lie on a bigger one's target join it, so that every target can be hit; no site is lost or counted twice. */
function apart(found, map, start) {
  const dot = start && map.latLngToLayerPoint(start);
  const overlap = (one, other) => Math.abs(one.spot.y - other.spot.y) < TARGET_PX
    && Math.abs(one.spot.x - other.spot.x) < (width(one.count) + width(other.count)) / 2;
  let kept = [];
  for (const thing of found.sort((a, b) => b.count - a.count)) {
    let one = placed(thing, map, dot);
    // one that grows may reach the next
    for (let over = kept.find((other) => overlap(other, one)); over; over = kept.find((other) => overlap(other, one))) {
      const taken = over;
      kept = kept.filter((other) => other !== taken);
      const { at } = taken.count < one.count ? one : taken;
      const around = L.latLngBounds(one.around.getSouthWest(), one.around.getNorthEast()).extend(taken.around);
      one = placed({ at, count: taken.count + one.count, open: taken.open + one.open, around, site: null }, map, dot);
    }
    kept.push(one);
  }
  return kept.sort((a, b) => b.count - a.count);
}

/** Begin to draw them on a map; `search` shows the list from a place. */
export function clustersOn(side, map, search) {
  const { then, ...now } = JSON.parse(side.dataset.words);
  let words = now;
  const layer = L.layerGroup().addTo(map);
  let drawn = new Set();
  let start = null;
  let asking = null;
  let waiting = null;
  map.createPane("others").style.zIndex = 590; // under the list's pins

  function say(at, content) {
    L.popup({ offset: [0, -8] }).setLatLng(at).setContent(content).openOn(map);
    content.querySelector("a, button").focus({ preventScroll: true });
  }

  function tell({ at, site }) {
    const box = document.createElement("div");
    const link = document.createElement("a");
    link.href = side.dataset.site.replace("-id-", encodeURIComponent(site.id));
    link.textContent = site.name;
    const state = document.createElement("span");
    state.textContent = words[site.state];
    box.append(link, state);
    say(at, box);
  }

  function enter(thing) {
    const nearer = map.getZoom() + 1;
    if (nearer <= map.getMaxZoom()) {
      map.setView(thing.around.getCenter(), Math.min(map.getMaxZoom(), Math.max(nearer, map.getBoundsZoom(thing.around.pad(0.1)))));
      return;
    }
    // as near as the map goes: the list tells them apart
    const box = document.createElement("div");
    const list = document.createElement("button");
    Object.assign(list, { type: "button", className: "button plain", textContent: filled(words.list, { n: thing.count }) });
    list.addEventListener("click", () => search(thing.at));
    box.append(list);
    say(thing.at, box);
  }

  function add(thing) {
    const shown = document.createElement("span");
    shown.textContent = thing.site ? "" : thing.count;
    const look = thing.site ? `dot ${thing.site.state}` : `many${thing.open ? " open" : ""}`;
    const icon = L.divIcon({ className: `other ${look}`, html: shown, iconSize: [width(thing.count), TARGET_PX] });
    const told = thing.site ? `${thing.site.name}, ${words[thing.site.state]}` : filled(words.many, { n: thing.count, open: thing.open });
    const act = () => (thing.site ? tell(thing) : enter(thing));
    button(L.marker(map.layerPointToLatLng(thing.spot), { icon, pane: "others", title: told }).addTo(layer).on("click", act), told, act);
  }

  function show(found) {
    keepingFocus(map, () => {
      layer.clearLayers();
      apart(things(found), map, start).forEach(add);
    });
    map.fire("drawn");
  }

  async function ask() {
    if (asking) asking.abort();
    const mine = new AbortController();
    asking = mine;
    const given = new URLSearchParams([["bbox", boxOf(map)], ["zoom", map.getZoom()]]);
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (FILTERS.includes(name) && value.trim()) given.append(name, value);
    }
    if (side.dataset.datum) given.append("datum", side.dataset.datum);
    drawn.forEach((id) => given.append("without", id));
    let found;
    try {
      const response = await fetch(`${side.dataset.clusters}?${given}`, { signal: mine.signal });
      if (!response.ok) return;
      found = await response.json();
    } catch (error) {
      return; // no network, or no longer wanted
    }
    if (mine === asking) show(found);
  }

  map.on("moveend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  });
  return {
    /** Draw them for another list from where it starts, whose sites of these ids are on the map already; `at`: not asked about now. */
    draw(ids, from, at) {
      start = from;
      words = at ? { ...now, ...then } : now;
      drawn = ids;
      clearTimeout(waiting);
      layer.clearLayers();
      ask();
    },
  };
}
