// Where to start from without a network: districts, landmarks and sites by characters; landmarks by pinyin and initials too.

import { RANGED_FROM_M } from "./visitors.js";

const MOST = 20;
/** The names in an address that say where one starts. */
export const START = ["lon", "lat", "accuracy_m", "place", "area", "datum"];

/** Lower is better: the whole, its beginning, somewhere in it; null where it is not. */
function grade(name, wanted) {
  const at = name.toLowerCase().indexOf(wanted);
  return at < 0 ? null : name.length === wanted.length ? 0 : at === 0 ? 1 : 2;
}

/** What goes by the readings of a landmark: "shi cha hai|..." as shichahai or sch. */
function byReading(reading, wanted) {
  let best = null;
  for (const syllables of reading.split("|").map((one) => one.trim().split(/\s+/))) {
    for (const spelt of [syllables.join(""), syllables.map((s) => s[0] || "").join("")]) {
      const found = spelt.startsWith(wanted) ? (spelt === wanted ? 1 : 3) : null;
      if (found !== null && (best === null || found < best)) best = found;
    }
  }
  return best;
}

/** The best of what goes by some words: [{type, code | row, pair, lon, lat, accuracy}]; areas first, then landmarks, then sites. */
export function find(text, copy) {
  const wanted = text.trim().toLowerCase();
  const spelt = wanted.replace(/[\s']/g, "");
  const ranked = [];
  const note = (found, order, one) => { if (found !== null) ranked.push({ found, order, one }); };
  const least = (grades) => grades.reduce((best, one) => (one !== null && (best === null || one < best) ? one : best), null);
  for (const code of Object.keys(copy.words.area)) {
    const [zh, en, tier, , lon, lat] = copy.words.area[code];
    if (tier === "district" && wanted.length > 1) note(least([grade(zh, wanted), grade(en, wanted)]), 0, { type: "area", code, pair: [zh, en], lon, lat });
  }
  for (const [zh, en, lon, lat, reading, aliases, accuracy] of copy.places) {
    note(least([grade(zh, wanted), grade(en, wanted), ...aliases.map((name) => grade(name, wanted)), byReading(reading, spelt)]), 1,
      { type: "place", pair: [zh, en], lon, lat, accuracy });
  }
  if (ranked.length < MOST) {
    copy.blocks.forEach((block, number) => {
      for (let i = 0; i < block.count; i++) {
        const name = block.names.at(i);
        note(grade(name, wanted), 2, { type: "site", row: copy.starts[number] + i, pair: [name, name], lon: block.lon[i], lat: block.lat[i] });
      }
    });
  }
  ranked.sort((one, other) => one.order - other.order || one.found - other.found);
  return ranked.slice(0, MOST).map(({ one }) => one);
}

/** How an address says that it starts from a find, by its name: of a landmark too how far off its point may be, where that is told. */
export function startingFrom({ type, code, lon, lat, accuracy }, name) {
  if (type === "area") return [["area", code]];
  const off = accuracy >= RANGED_FROM_M ? [["accuracy_m", accuracy]] : []; // a copy kept from before does not know it
  return [["lon", lon], ["lat", lat], ...off, ["place", name]];
}

/**
 * What an address asks, with the place to start from put in where its words, or the place that it names without a pair, are a name of
 * one: {asked, text}. `text` are words that are none, to be chosen by; `said` those that were taken for a landmark's name. As web/finder.py.
 */
export function started(asked, copy, phrases) {
  const has = (name) => Boolean(asked.get(name));
  const text = (asked.get("q") || "").trim();
  const place = text || has("lon") || has("lat") || has("area") ? "" : (asked.get("place") || "").trim();
  const wanted = text || place;
  if (!wanted || (text && asked.has("choose"))) return { asked, text, said: "" };
  const found = find(wanted, copy).filter(({ type }) => type !== "area");
  const named = found.filter(({ pair }) => phrases.either(pair).toLowerCase() === wanted.toLowerCase());
  const one = place || (named.length === 1 && named[0].type === "place") ? named[0] : undefined;
  if (!one) return { asked, text: wanted, said: "" };
  const from = new URLSearchParams([...asked].filter(([name]) => ![...START, "k", "q"].includes(name)));
  for (const [name, value] of startingFrom(one, phrases.either(one.pair))) from.append(name, value);
  return { asked: from, text: "", said: text };
}
