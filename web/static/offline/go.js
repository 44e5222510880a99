// Getting to one site without a network: the section of templates/site/_go.html, filled with what the copy knows.

import { toBd09, toGcj02 } from "./datum.js";
import { addressed } from "./draw.js";
import { links } from "./handoff.js";

const six = (pair) => pair.map((degrees) => degrees.toFixed(6)).join(",");

/** The signs and the section of a site, as elements. */
export function gettingThere(parts, site, { by, region }) {
  const content = (name) => document.importNode(parts.getElementById(`offline-go-${name}`).content, true);
  const section = content(by).firstElementChild;
  const find = (selector) => section.querySelector(selector);
  addressed(section, site.id);
  if (site.address) find("#address").textContent = site.address; else find("#address").parentNode.remove();
  if (site.phone) find("[href^='tel:']").setAttribute("href", `tel:${site.phone.replace(/ /g, "")}`); else find("[href^='tel:']").parentNode.remove();
  const ways = links(site.name, site.lon, site.lat, { entrance: site.entrance, by, agent: navigator.userAgent, region });
  lead(find("#apps"), ways.map(({ app, address }) => [app, address]));
  lead(find(".more-ways ul"), ways.filter(({ own }) => own).map(({ app, own }) => [app, own]));
  if (!find(".more-ways li")) find(".more-ways").remove();
  Object.assign(find("#share").dataset, { title: site.name, text: [site.kind, site.address].filter(Boolean).join(" · ") });
  const here = [site.lon, site.lat];
  [here, toGcj02(...here), toBd09(...here), here].forEach((pair, i) => { find(`#pair-${i + 1}`).textContent = six(pair); });
  return [...content("signs").children, section];
}

/** Put addresses into a list of apps, in their order; an app without one is left out. */
function lead(list, addresses) {
  const items = new Map([...list.children].map((item) => [item.dataset.app, item]));
  list.replaceChildren(...addresses.map(([app, address]) => {
    items.get(app).querySelector("a").setAttribute("href", address);
    return items.get(app);
  }));
}
