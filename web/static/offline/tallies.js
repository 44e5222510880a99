// What each filter costs around a place, and which filters empty an answer: locator/tallies.py on the phone.
// A filter is {kinds, facilities, eligibility, areas, verifiedOnly, state, strict}; what is not set asks for nothing.

import { CLOSED, OPEN, UNKNOWN } from "./hours.js";
import { minutesFor } from "./nearest.js";

const MOST_PARTS = 30; // bits of a whole number that stay positive

/** How many sites each of some filters would let pass within metres of a question's place; Infinity counts all its areas. */
export function tally(copy, question, alternatives, radius, minute, second = 0) {
  const { lon, lat, by } = question;
  const among = copy.suitable({ areas: question.filters.areas });
  const near = copy.distances(among, lon, lat, radius).filter(({ metres }) => radius === Infinity || metres() <= radius);
  return alternatives.map((filters) => {
    const passes = judge(copy, filters, by, minute, second);
    return near.reduce((count, { row, metres }) => count + (passes(row, metres) ? 1 : 0), 0);
  });
}

/**
 * The smallest sets of parts {filters, known, within} whose giving up would find something: [{parts, sites, metres}], the nearest first.
 * All are of one size: if giving up one part is enough, no pair is told.
 */
export function waysOut(copy, { lon, lat, by }, parts, minute, second = 0) {
  const judges = parts.slice(0, MOST_PARTS).map(({ filters = {}, known = false, within = Infinity }) => {
    const passes = judge(copy, filters, by, minute, second, known);
    return (row, metres, chord) => passes(row, metres) && (within === Infinity || (chord <= within && metres() <= within));
  });
  const sets = new Map();
  for (const { row, chord, metres } of copy.distances(copy.suitable({}), lon, lat)) {
    let held = 0;
    judges.forEach((passes, bit) => { if (!passes(row, metres, chord)) held |= 1 << bit; });
    const set = sets.get(held);
    if (!set) sets.set(held, { sites: 1, chord, metres });
    else {
      set.sites++;
      if (chord < set.chord) Object.assign(set, { chord, metres });
    }
  }
  sets.delete(0);
  const found = [...sets].map(([held, { sites, metres }]) => ({ parts: bitsOf(held), sites, metres: metres() }));
  const least = Math.min(...found.map((way) => way.parts.length));
  return found.filter((way) => way.parts.length === least)
    .sort((one, other) => one.metres - other.metres || inOrder(one.parts, other.parts));
}

/** What says of a row, so many metres away, whether it passes; with `known`, only whether its state is known. */
function judge(copy, filters, by, minute, second, known = false) {
  const { state = null, strict = false } = filters;
  const passes = copy.passing(filters);
  const suits = (value) => (known ? value !== UNKNOWN : strict ? value === OPEN : value !== CLOSED);
  const { hours } = copy;
  const judged = new Map();
  const now = (timetable) => {
    if (!judged.has(timetable)) judged.set(timetable, state === "all-day" ? hours.allDay(timetable, minute) : hours.visitorAt(timetable, minute));
    return judged.get(timetable);
  };
  const shut = new Set(copy.trust.no_way_in); // open by its hours, and others found no way in: not known
  return (row, metres) => {
    if (!passes(row) || (strict && shut.has(row))) return false;
    if (!state) return true;
    const timetable = copy.timetable(row);
    const value = state === "open-on-arrival" ? hours.visitorAt(timetable, minute + Math.floor(minutesFor(metres(), by) + second / 60)) : now(timetable);
    return suits(value === OPEN && shut.has(row) ? UNKNOWN : value);
  };
}

const bitsOf = (held) => Array.from({ length: MOST_PARTS }, (_, bit) => bit).filter((bit) => held >> bit & 1);

function inOrder(one, other) {
  const at = one.findIndex((part, i) => part !== other[i]);
  return at < 0 ? 0 : one[at] - other[at];
}
