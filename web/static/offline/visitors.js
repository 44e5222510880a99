// What a visitor who leaves now finds, and how far a vague position lets it be: web/visitors.py and web/vagueness.py.

import { UNKNOWN } from "./hours.js";
import { minutesFor } from "./nearest.js";

export const RANGED_FROM_M = 50;
export const VAGUE_M = 300;

/** The least and the greatest distance to a site. */
export function reach(metres, accuracy) {
  if (!accuracy || accuracy < RANGED_FROM_M) return { near: metres, far: metres, ranged: false };
  return { near: Math.max(0, metres - accuracy), far: metres + accuracy, ranged: true };
}

/** {present, state, words}: a state holds on arrival only if it holds in every minute in which one may arrive. */
export function arrival(hours, timetable, { near, far }, minute, late, by, phrases) {
  const at = (metres) => Math.floor(minute + minutesFor(metres, by) + late);
  const present = hours.visitor(timetable, minute);
  const first = hours.visitor(timetable, at(near));
  if (first.changesAt === null || first.changesAt > at(far)) {
    return { present, state: first.state, words: phrases.arrival(present.state, first.state) };
  }
  return { present, state: UNKNOWN, words: phrases.split(first.state, hours.visitor(timetable, at(far)).state) };
}
