// A site as a card tells it, as web/cards.py does: every code in words, what is unknown said to be unknown.

import { inferred, spans } from "./bar.js";
import { toGcj02 } from "./datum.js";
import { OPEN, STAFF_ONLY, STATES, UNKNOWN } from "./hours.js";
import { arrival, reach } from "./visitors.js";

const MOST_FACILITIES = 7;
const PLAIN_COLOUR = "#6b6b6b";
const SURE = ["fair", "high"];

export class Cards {
  /** Of a page: its copy, question, phrases, minute and second, and where its map draws a pair. */
  constructor({ copy, question, phrases, minute, second, shifted }) {
    Object.assign(this, { copy, question, phrases, minute, second, shifted });
  }

  /** One site in words, as web/cards.py tells it, with so many of the things that it has. */
  told({ row, metres, minutes, most = MOST_FACILITIES }) {
    const { phrases, copy, question, minute, second } = this;
    const site = copy.site(row);
    const timetable = copy.timetable(row);
    const { words, hours } = copy;
    const said = (section, code) => (code === null || code === undefined ? null : code in words[section] ? phrases.either(words[section][code]) : code);
    const far = reach(metres, question.area ? null : question.accuracy);
    const { present, state, words: arrivalWords } = arrival(hours, timetable, far, minute, second / 60, question.by, phrases);
    const way = (by) => (question.middle ? null : phrases.way(far, by));
    const reached = way(question.by) !== null;
    const distance = far.ranged ? phrases.between(far.near, far.far) : phrases.distance(metres);
    const after = present.state === OPEN && present.changesAt !== null ? hours.visitor(timetable, present.changesAt) : null;
    const eligibility = said("eligibility", site.eligibility);
    const day = spans(hours, timetable, minute);
    const modes = this.modes(day, (mode) => said("mode", mode));
    const mode = said("mode", hours.opening(timetable, minute).mode);
    const facilities = this.facilities(site, most, (code) => said("facility", code));
    // an open door by which others found no way in is not certain
    const door = phrases.state(present, minute, second, after);
    const shut = site.noWayIn && present.state === OPEN;
    const onArrival = STATES[reached ? state : present.state];
    const doubted = site.noWayIn && onArrival === "open";
    return {
      ...site, at: this.onMap(site.lon, site.lat), by: question.by, ranged: far.ranged || question.middle, kind: said("kind", site.kind),
      distance: question.middle ? phrases.said("from_middle", { far: distance }) : distance, reached,
      walk: way("walk"), ride: way("ride"), colour: (words.kind[site.kind] || [])[2] || PLAIN_COLOUR,
      state: shut ? "unknown" : STATES[present.state], stateWords: shut ? phrases.said("by_its_hours", { state: door }) : door,
      arrival: doubted ? "unknown" : onArrival, arrivalWords: reached && !doubted ? arrivalWords : null,
      reason: present.state === UNKNOWN || present.mode === STAFF_ONLY ? null : phrases.either(present.reason),
      bar: { day: spans(hours, timetable, minute, true), likely: inferred(hours, timetable), now: minute,
        arrival: reached ? minute + Math.floor(second / 60 + minutes) : null, phrases },
      mode: modes.length ? true : mode, modes: modes.length ? modes : [mode],
      ...this.trust(site),
      who: eligibility || phrases.words.not_stated, vague: !eligibility, facilities, nothingStated: !facilities.length,
    };
  }

  /** How far a record can be trusted; of a low confidence the record's own reason stands in the line and the others below. */
  trust({ confidence, verifiedOn, why, reported }) {
    const { phrases } = this;
    const [own, ...others] = why.map((pair) => phrases.either(pair));
    const line = own || (verifiedOn ? phrases.said("verified_on", { day: verifiedOn }) : phrases.words.not_verified);
    return {
      trustWords: `${phrases.either(confidence.slice(1))} · ${line}`, sure: SURE.includes(confidence[0]), doubtful: confidence[0] === "doubtful",
      reported: reported.map((pair) => phrases.either(pair)), why: others,
    };
  }

  /** Who may enter when today; nothing where one mode holds all day, or none is stated. */
  modes(day, said) {
    if (day.every((span) => span[3] === null)) return [];
    const times = new Map();
    for (const span of day) {
      const name = said(span[3]) || this.phrases.words.entry;
      times.set(name, [...(times.get(name) || []), span]);
    }
    return times.size > 1 ? [...times].map(([name, some]) => `${name} ${this.phrases.joined(some)}`) : [];
  }

  /** What it has, needed ones first, at most so many and how many more. */
  facilities(site, most, said) {
    const { leads = [], filters } = this.question;
    const order = Object.keys(this.copy.words.facility);
    const has = [...new Set([...leads, ...order.filter((code) => filters.facilities.includes(code)), ...order])]
      .filter((code) => site.facilities[code] === "yes" || site.facilities[code] === "limited");
    const shown = has.slice(0, most).map((code) => ({
      text: said(code), level: site.facilities[code], note: site.facilities[code] === "limited" ? this.phrases.words.limited : null }));
    return has.length > most ? [...shown, { text: `+${has.length - most}`, level: "more", note: null }] : shown;
  }

  /** Degrees as the map draws them. */
  onMap(lon, lat) {
    return this.shifted ? toGcj02(lon, lat) : [lon, lat];
  }
}
