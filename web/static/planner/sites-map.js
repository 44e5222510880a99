// Markers, names and cards of the planner's map. Every text reaches the page as a text node.
"use strict";

const sitesMap = (() => {
  const SEE_THROUGH = 0.85;

  function running(differences) {
    let sum = 0;
    return differences.map((d) => (sum += d));
  }

  function textElement(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  function addPoints(group, blockId, colour) {
    const points = JSON.parse(document.getElementById(blockId).textContent);
    const lon = running(points.lon);
    const lat = running(points.lat);
    const row = running(points.row);
    points.name.forEach((name, i) => {
      const marker = L.circleMarker([lat[i] * points.step, lon[i] * points.step], {
        radius: 7, weight: 1.5, color: "#ffffff", fillColor: colour, fillOpacity: SEE_THROUGH,
      });
      marker.site = { row: row[i], name };
      group.addLayer(marker);
    });
  }

  function start(map, cluster, settings) {
    map.attributionControl.setPrefix(false);
    const source = document.createElement("span");
    source.textContent = settings.attribution;
    map.attributionControl.addAttribution(source.innerHTML); // escaped by the round trip through a text node

    cluster.on("mouseover", (event) => {
      const marker = event.propagatedFrom || event.layer;
      if (!marker || !marker.site || marker.getTooltip()) return;
      marker.bindTooltip(textElement("span", marker.site.name)).openTooltip();
    });

    cluster.on("click", async (event) => {
      const marker = event.propagatedFrom || event.layer;
      if (!marker || !marker.site) return;
      const card = textElement("div", settings.words.wait);
      const popup = L.popup().setLatLng(marker.getLatLng()).setContent(card).openOn(map);
      card.replaceChildren(...(await cardOf(marker.site, settings)));
      popup.update();
    });
  }

  async function cardOf(site, settings) {
    const name = textElement("strong", site.name);
    try {
      const answer = await fetch(settings.card + site.row, { headers: { Accept: "application/json" } });
      if (!answer.ok) return [name, textElement("p", settings.words.older)];
      const card = await answer.json();
      const told = [name, ...card.lines.map((line) => textElement("p", line))];
      if (card.url) told.push(Object.assign(textElement("a", settings.words.more), { href: card.url, target: "_top" }));
      return told;
    } catch {
      return [name, textElement("p", settings.words.offline)];
    }
  }

  return { addPoints, start };
})();
