// An address of the finder's page as a question to a copy, read as web/reader.py reads it; and such addresses again.

import { ROOT } from "./words.js";

const FIRST_LIST = 20;
const FIRST_OF_AREA = 50;
export const MOST = 200;
export const CARRIED = ["lon", "lat", "accuracy_m", "place", "area", "need", "kind", "facility", "eligibility", "state", "strict",
  "verified_only", "at", "by", "within", "datum"];
const STATES = ["open", "open-on-arrival", "all-day"];

const yes = (value) => ["1", "true", "yes", "on"].includes((value || "").toLowerCase());
const number = (value) => (value !== null && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : null);

/** The code that somebody's word stands for: a code, a Chinese or an English name. */
export function codeOf(section, said) {
  const wanted = said.trim().toLowerCase();
  if (wanted in section) return wanted;
  return Object.keys(section).find((code) => section[code].slice(0, 2).some((name) => name.toLowerCase() === wanted)) || said;
}

/** An area and all within it. */
function within(areas, code) {
  const found = [code];
  for (let at = 0; at < found.length; at++) {
    for (const other of Object.keys(areas)) if (areas[other][3] === found[at] && !found.includes(other)) found.push(other);
  }
  return found;
}

/** {lon, lat, k, within, by, state, strict, filters, accuracy, place, area, at} of an address. */
export function read(asked, copy) {
  const all = (section) => asked.getAll(section).filter(Boolean).map((said) => codeOf(copy.words[section], said));
  const said = { kind: all("kind"), facility: all("facility"), eligibility: all("eligibility") };
  let state = STATES.includes(asked.get("state")) ? asked.get("state") : null;
  const leads = [];
  for (const code of all("need")) {
    const [, , filters, first] = copy.words.need[code] || [null, null, {}, []];
    leads.push(...(first || filters.facility || []));
    for (const section of Object.keys(filters)) {
      if (section === "state") [state] = filters[section]; else said[section].push(...filters[section]);
    }
  }
  const areas = asked.getAll("area").filter(Boolean).map((code) => codeOf(copy.words.area, code));
  const centre = areas.length && asked.get("lon") === null ? (copy.words.area[areas[0]] || []).slice(4) : null;
  const at = asked.get("at") && Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(asked.get("at")) ? asked.get("at") : `${asked.get("at")}+08:00`);
  return {
    lon: centre ? centre[0] : number(asked.get("lon")), lat: centre ? centre[1] : number(asked.get("lat")),
    k: Math.min(MOST, number(asked.get("k")) || (centre ? FIRST_OF_AREA : FIRST_LIST)), within: number(asked.get("within")) || Infinity,
    by: asked.get("by") === "ride" ? "ride" : "walk", state: centre && state === "open-on-arrival" ? "open" : state, strict: yes(asked.get("strict")),
    filters: { kinds: said.kind, facilities: said.facility, eligibility: said.eligibility, verifiedOnly: yes(asked.get("verified_only")),
      areas: areas.flatMap((code) => within(copy.words.area, code)) },
    middle: Boolean(centre), leads, accuracy: number(asked.get("accuracy_m")), place: asked.get("place"), area: areas[0] || null,
    at: Number.isFinite(at) && at !== null && asked.get("at") ? at : null,
  };
}

/** The page's address with some names left out and others put in. */
export function address(asked, without = [], also = []) {
  const kept = new URLSearchParams();
  for (const [name, value] of asked) if (CARRIED.includes(name) && !without.includes(name)) kept.append(name, value);
  for (const [name, value] of also) kept.append(name, value);
  return kept.toString() ? `${ROOT}?${kept}` : ROOT;
}

/** What an address says, without some of its pairs. */
export function less(asked, pairs) {
  const kept = new URLSearchParams();
  for (const [name, value] of asked) if (!pairs.some((pair) => pair[0] === name && pair[1] === value)) kept.append(name, value);
  return kept;
}
