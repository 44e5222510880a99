// A study on the planner's map: ground that is not served, sites by how they count, the emptiest circle; by the hour; who gains and who loses.
// The page around it says what to draw and is told what was clicked. Every text reaches the page as a text node.
"use strict";

const studyMap = (() => {
  const RAMP = ["#fde3b0", "#fbb871", "#ee8048", "#c94a2b", "#8c1c22"]; // least to most people; told apart by lightness alone
  const SHARES = [0.01, 0.05, 0.2, 0.5];
  const CHANGE = { gained: "#0b6fa8", lost: "#b3261e" };
  const NUMBERED = 10;
  const KINDS = ["no", "unknown", "yes"]; // what counts is drawn over what does not
  const radiusAt = (zoom) => (zoom <= 9 ? 1.3 : zoom <= 11 ? 2 : zoom <= 13 ? 3.5 : zoom <= 15 ? 5.5 : 8);
  let map, settings, canvas, squares, edge, ground, circle, sites, numbers, points, proposed, drawn, chosen, day, placing = false, turn = 0;
  let gapLayers = {};
  let breaks = [];

  const words = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), settings.words[name]);
  const count = (number) => Math.round(number).toLocaleString(settings.language);
  const tell = (message) => { if (parent !== window) parent.postMessage({ studyMap: true, ...message }, location.origin); };

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  /** Round limits of the shades, from the most people of one area not served. */
  function breaksOf(most) {
    return SHARES.map((share) => {
      const value = Math.max(most * share, 1);
      const step = 10 ** Math.floor(Math.log10(value));
      return Math.max(1, Math.round(value / step)) * step;
    }).filter((value, i, all) => i === 0 || value > all[i - 1]);
  }

  const shadeOf = (people) => RAMP[breaks.filter((limit) => people >= limit).length];
  const gapStyle = (people, own) => ({ color: own ? "#0b57d0" : "#7a2a12", weight: own ? 4 : 0.7, opacity: own ? 1 : 0.75, fillColor: shadeOf(people), fillOpacity: own ? 0.75 : 0.62 });

  /** Words for ground that is not served, where several sites are asked for with how many. */
  const ofSeveral = (name) => (drawn.fold > 1 ? words(`${name}-of`, { k: drawn.fold }) : words(name));

  function legend() {
    const box = document.getElementById("legend");
    const list = element("ul");
    const row = (key, text) => {
      const item = element("li");
      item.append(key, element("span", text));
      list.append(item);
    };
    const swatch = (colour, className = "") => {
      const made = element("i", undefined, `key swatch ${className}`);
      made.style.backgroundColor = colour;
      return made;
    };
    if (drawn.points) {
      row(swatch(CHANGE.gained), words("gained"));
      row(swatch(CHANGE.lost), words("lost"));
    } else if (day) {
      row(swatch(RAMP[3]), ofSeveral("bare"));
    } else if (drawn.gaps && drawn.gaps.length) {
      list.append(element("li", ofSeveral("gaps"), "head"));
      breaks.forEach((limit, i) => {
        if (i === 0) row(swatch(RAMP[0]), words("fewer", { n: count(limit) }));
        row(swatch(RAMP[i + 1]), words("from", { n: count(limit) }));
      });
    }
    const kinds = new Set((drawn.sites || []).map((site) => site.counts));
    for (const kind of ["yes", "unknown", "no"]) {
      if (kinds.has(kind) || (day && kind !== "yes")) row(studyMarks.picture(kind), words(drawn.points ? `${kind}-change` : kind));
    }
    if (drawn.proposed && drawn.proposed.length) row(studyMarks.picture("proposed"), words("proposed"));
    if (drawn.circle) row(element("i", undefined, "key ring"), words("circle"));
    box.hidden = !list.childNodes.length;
    box.replaceChildren(element("summary", words("legend")), list);
  }

  /** Draw a study: whatever was there before goes, the map and its view stay. */
  function draw(data, fit) {
    const same = !day && drawn && sameSites(drawn.sites, data.sites); // another radius, the same sites: ten thousand marks stay
    drawn = data;
    day = null;
    chosen = null;
    gapLayers = {};
    for (const group of [edge, ground, circle, points, numbers, proposed]) group.clearLayers();
    if (!same) sites.clearLayers();
    breaks = breaksOf(Math.max(1, ...(data.gaps || []).map((gap) => gap.people)));
    for (const style of data.outline ? [{ color: "#ffffff", opacity: 0.7, weight: 4.5 }, { color: "#2c3e50", weight: 2 }] : []) {
      edge.addLayer(L.geoJSON(data.outline, { renderer: canvas, interactive: false, style: { ...style, fill: false } }));
    }
    for (const gap of [...(data.gaps || [])].reverse()) {
      const layer = L.geoJSON(gap.geometry, { renderer: canvas, smoothFactor: 0.7, style: gapStyle(gap.people, false) });
      layer.gap = gap;
      layer.on("click", (event) => {
        if (placing || siteAt(event)) return; // the map's own click is about those
        L.DomEvent.stop(event);
        choose(gap.rank, false);
        tell({ gap: gap.rank });
      });
      layer.on("mouseover", () => layer.bindTooltip(element("span", words("gap", { rank: gap.rank, n: count(gap.people) })), { sticky: true }).openTooltip());
      gapLayers[gap.rank] = layer;
      ground.addLayer(layer);
    }
    for (const gap of (data.gaps || []).slice(0, NUMBERED)) number(gap);
    drawPoints(data.points || [], data.step);
    if (data.circle) {
      const ring = { renderer: canvas, radius: data.circle.radius_m, fill: false, interactive: false };
      circle.addLayer(L.circle([data.circle.lat, data.circle.lon], { ...ring, color: "#ffffff", opacity: 0.85, weight: 5 })); // so that it is seen on any ground
      circle.addLayer(L.circle([data.circle.lat, data.circle.lon], { ...ring, color: "#5b2a86", weight: 2.5, dashArray: "7 6" }));
      circle.addLayer(L.circleMarker([data.circle.lat, data.circle.lon], { renderer: canvas, radius: 4, color: "#5b2a86", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false }));
    }
    const radius = radiusAt(map.getZoom());
    const inOrder = (data.sites || []).map((site, i) => [site, i]).sort(([a], [b]) => KINDS.indexOf(a.counts) - KINDS.indexOf(b.counts));
    if (same) for (const kind of KINDS) sites.eachLayer((mark) => mark.site.counts === kind && mark.bringToFront());
    for (const [site, i] of same ? [] : inOrder) {
      const mark = studyMarks.mark([site.lat, site.lon], site.counts, radius);
      mark.site = site;
      mark.row = i;
      mark.options.renderer = canvas;
      sites.addLayer(mark);
    }
    propose(data.proposed || []);
    legend();
    if (fit && data.bounds) fitTo(data.bounds);
  }

  const sameSites = (before, after) => Boolean(before && after) && before.length === after.length
    && before.every((site, i) => site.id === after[i].id && site.counts === after[i].counts);

  function fitTo([west, south, east, north]) {
    const below = document.getElementById("legend").offsetHeight + 14; // the legend covers nothing of what is shown first
    map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [14, 14], paddingBottomRight: [14, below], animate: false });
  }

  /** A gap's rank on the map: also a key's way to it. */
  function number(gap) {
    const layer = gapLayers[gap.rank];
    const icon = L.divIcon({ className: "rank", html: element("b", String(gap.rank)), iconSize: [26, 26] });
    const marker = L.marker(insideOf(gap.geometry), { icon, keyboard: true, title: words("gap", { rank: gap.rank, n: count(gap.people) }), alt: words("gap", { rank: gap.rank, n: count(gap.people) }) });
    marker.on("click", () => {
      choose(gap.rank, false);
      tell({ gap: gap.rank });
    });
    numbers.addLayer(marker);
  }

  /** A place inside a polygon where it is wide: the middle of its longest stretch along any of some parallels. */
  function insideOf(geometry) {
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    const lats = rings[0].map((point) => point[1]);
    const [south, north] = [Math.min(...lats), Math.max(...lats)];
    let found = rings[0][0];
    let longest = -1;
    for (let i = 1; i < 16; i += 1) {
      const lat = south + ((north - south) * i) / 16 + 1e-7;
      const crossed = [];
      for (const ring of rings) {
        for (let k = 0, j = ring.length - 1; k < ring.length; j = k, k += 1) {
          const [[x, y], [u, v]] = [ring[j], ring[k]];
          if (y > lat !== v > lat) crossed.push(x + ((lat - y) / (v - y)) * (u - x));
        }
      }
      crossed.sort((a, b) => a - b);
      for (let k = 0; k + 1 < crossed.length; k += 2) {
        if (crossed[k + 1] - crossed[k] > longest) {
          longest = crossed[k + 1] - crossed[k];
          found = [(crossed[k] + crossed[k + 1]) / 2, lat];
        }
      }
    }
    return [found[1], found[0]];
  }

  /** A colour on white, as much of it as a share says. */
  const tint = (colour, share) => {
    const parts = [1, 3, 5].map((at) => Math.round(255 - (255 - parseInt(colour.slice(at, at + 2), 16)) * share));
    return `rgb(${parts.join(", ")})`;
  };

  /**
   * Who gains and who loses, on squares: the colour of whichever are more, the fuller the more people. They are a little larger
   * than what they stand for and opaque, on a canvas that is seen through as one: so no seams are between them, light or dark.
   */
  function drawPoints(some, step) {
    const most = Math.max(1, ...some.map((square) => Math.abs(square.gained - square.lost)));
    for (const square of some) {
      const net = square.gained - square.lost;
      if (!net) continue;
      const [width, height] = step.map((side) => side * 0.53);
      points.addLayer(L.rectangle([[square.lat - height, square.lon - width], [square.lat + height, square.lon + width]], {
        renderer: squares, stroke: false, fillColor: tint(net > 0 ? CHANGE.gained : CHANGE.lost, 0.5 + 0.5 * Math.sqrt(Math.abs(net) / most)), fillOpacity: 1, interactive: false,
      }));
    }
  }

  function propose(some) {
    proposed.clearLayers();
    for (const [i, one] of some.entries()) {
      const mark = studyMarks.mark([one.lat, one.lon], "proposed", 9);
      mark.options.renderer = canvas;
      mark.bindTooltip(element("span", one.name || String(i + 1)));
      proposed.addLayer(mark);
    }
  }

  function choose(rank, move) {
    if (chosen && gapLayers[chosen]) gapLayers[chosen].setStyle(gapStyle(gapLayers[chosen].gap.people, false));
    chosen = rank;
    const layer = gapLayers[rank];
    if (!layer) return;
    layer.setStyle(gapStyle(layer.gap.people, true));
    if (move) map.fitBounds(layer.getBounds(), { padding: [30, 30], maxZoom: 14, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  }

  /** Show an hour of a day: ground and sites as they are then. */
  function hour(number) {
    if (!day) return;
    const now = day.grounds[day.hours[number].ground];
    day.now = number;
    ground.clearLayers();
    numbers.clearLayers();
    circle.clearLayers();
    gapLayers = {};
    ground.addLayer(L.geoJSON(now.gaps, { renderer: canvas, smoothFactor: 0.7, interactive: false, style: { color: "#7a2a12", weight: 0.7, fillColor: RAMP[3], fillOpacity: 0.55 } }));
    const open = new Set(now.open);
    const unknown = new Set(now.unknown);
    const radius = radiusAt(map.getZoom());
    sites.eachLayer((mark) => {
      mark.site.counts = open.has(mark.row) ? "yes" : unknown.has(mark.row) ? "unknown" : "no";
      mark.setStyle(studyMarks.style(mark.site.counts, radius));
    });
    for (const kind of KINDS) sites.eachLayer((mark) => mark.site.counts === kind && mark.bringToFront());
  }

  function showDay(data) {
    draw({ ...drawn, sites: data.sites, circle: null }, false);
    day = data;
    legend();
  }

  async function show(address, fit) {
    const mine = ++turn;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.json();
      if (mine !== turn) return;
      draw(data, fit);
      requestAnimationFrame(() => requestAnimationFrame(() => tell({ drawn: address })));
    } catch (error) {
      if (mine === turn) tell({ failed: address });
    }
  }

  function hear(event) {
    if (event.origin !== location.origin || event.source !== parent) return;
    const said = event.data || {};
    if (said.show) show(said.show, Boolean(said.fit));
    if (said.gap !== undefined) choose(said.gap, true);
    if (said.day) showDay(said.day);
    if (said.hour !== undefined) hour(said.hour);
    if (said.proposed) propose(said.proposed);
    if (said.go) map.setView([said.go.lat, said.go.lon], Math.max(map.getZoom(), 14));
    if (said.placing !== undefined) {
      placing = said.placing;
      map.getContainer().classList.toggle("placing", placing);
    }
  }

  function start(made, block) {
    map = made;
    settings = JSON.parse(document.getElementById(block).textContent);
    map.getContainer().setAttribute("role", "main"); // the whole page is the map
    map.attributionControl.setPrefix(false);
    map.attributionControl.setPosition("topright"); // below is the legend
    if (!settings.tiles) map.options.zoomSnap = 0.25; // pictures of a base map are sharp at whole steps alone
    const source = element("span", settings.attribution);
    map.attributionControl.addAttribution(source.innerHTML); // escaped by the round trip through a text node
    map.createPane("squares").classList.add("squares");
    squares = L.canvas({ padding: 0.3, pane: "squares" }).addTo(map);
    canvas = L.canvas({ padding: 0.3, tolerance: 4 }).addTo(map);
    const group = () => L.layerGroup().addTo(map);
    [edge, ground, points, circle, sites, proposed, numbers] = Array.from({ length: 7 }, group);
    const box = L.control({ position: "bottomleft" });
    box.onAdd = () => {
      const made = element("details", undefined, "legend");
      made.id = "legend";
      made.hidden = true; // until there is something to tell
      made.open = innerWidth > 540;
      L.DomEvent.disableClickPropagation(made);
      L.DomEvent.disableScrollPropagation(made);
      return made;
    };
    box.addTo(map);
    L.control.scale({ imperial: false, position: "topright" }).addTo(map);
    map.on("zoomend", () => {
      const radius = radiusAt(map.getZoom());
      sites.eachLayer((mark) => {
        mark.setRadius(radius);
        mark.setStyle(studyMarks.style(mark.site.counts, radius));
      });
    });
    map.on("click", (event) => {
      if (placing) return tell({ place: { lon: event.latlng.lng, lat: event.latlng.lat } });
      const found = siteAt(event);
      if (!found) return undefined;
      L.popup().setLatLng([found.lat, found.lon]).setContent(element("p", `${found.name} · ${words(found.counts)}`)).openOn(map);
      return tell({ site: found });
    });
    map.on("mousemove", (event) => {
      const found = event.originalEvent && siteAt(event);
      map.getContainer().title = found ? found.name : "";
    });
    addEventListener("message", hear);
    map.setView([40.0, 116.4], 9);
    show(settings.data, true);
    tell({ ready: true });
  }

  function siteAt(event) {
    let found = null;
    let least = 12 * 12;
    if (map.getZoom() < 11) return null;
    const at = event.layerPoint;
    sites.eachLayer((mark) => {
      if (!mark._point) return;
      const far = (mark._point.x - at.x) ** 2 + (mark._point.y - at.y) ** 2;
      if (far < least) {
        least = far;
        found = mark.site;
      }
    });
    return found;
  }

  return { start, shown: () => ({ drawn, chosen, hour: day && day.now, proposed: proposed.getLayers().length, counting: sites.getLayers().filter((mark) => mark.site.counts === "yes").length }) };
})();
