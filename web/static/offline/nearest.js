// The nearest suitable sites of a copy, ranked as locator.index and locator.finder rank them: by geodesic, then by row.

import { entranceOf, idOf, levelOf, LEVELS, placeOf } from "./decode.js";
import { arc, ARC_LIMIT_M, ecef, geodesic, rivalChord, ROUNDING_M } from "./earth.js";
import { CLOSED, Hours, OPEN } from "./hours.js";

const ON_ARRIVAL_FIRST = 64;
const MINUTES_A_METRE = { walk: 1.25 / (5000 / 60), ride: 1.25 / (15000 / 60) };
const FIRST_VERIFIED_DAY = Date.UTC(1999, 11, 31);

/** Estimated minutes for a straight distance: locator.travel. */
export const minutesFor = (metres, by) => metres * MINUTES_A_METRE[by];

/** A copy, ready to be asked. */
export class Copy {
  constructor({ index, words, places, hours, trust, blocks }) {
    Object.assign(this, { index, words, places, trust, blocks, hours: new Hours(hours) });
    this.starts = [];
    this.count = 0;
    for (const block of blocks) {
      this.starts.push(this.count);
      this.count += block.count;
    }
    this.points = null;
  }

  /** Earth-centred metres of every site, made when the first question comes. */
  located() {
    if (!this.points) {
      this.points = new Float64Array(3 * this.count);
      let at = 0;
      for (const { lon, lat, count } of this.blocks) for (let i = 0; i < count; i++, at += 3) ecef(lon[i], lat[i], this.points, at);
    }
    return this.points;
  }

  /** The block a row lies in, and its place there. */
  place(row) {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= row) low = middle; else high = middle;
    }
    return [this.blocks[low], row - this.starts[low]];
  }

  /** The row of an id; null where no site has it. */
  rowOf(id) {
    for (let number = 0; number < this.blocks.length; number++) {
      const place = placeOf(this.blocks[number], id);
      if (place !== null) return this.starts[number] + place;
    }
    return null;
  }

  timetable(row) {
    const [block, i] = this.place(row);
    return block.timetables[block.timetable[i]];
  }

  /** What a card tells of one row. */
  site(row) {
    const [block, i] = this.place(row);
    const { tables } = block;
    const facilities = {};
    tables.facility.forEach((code, place) => {
      const level = LEVELS[levelOf(block, place, i)];
      if (level) facilities[code] = level;
    });
    return {
      row, id: idOf(block, i), confidence: this.trust.levels[this.trust.of[row]], reported: this.trust.reported[row] || [],
      // a copy kept from before holds neither
      why: this.trust.whys ? this.trust.whys[this.trust.because[row]] : [], noWayIn: (this.trust.no_way_in || []).includes(row),
      name: block.names.at(i), address: block.addresses.at(i) || null, phone: block.phones.at(i) || null,
      entryNote: (block.notes && block.notes.at(i)) || null, entrance: entranceOf(block, i),
      lon: block.lon[i], lat: block.lat[i], kind: tables.kind[block.kind[i]], eligibility: tables.eligibility[block.eligibility[i]],
      district: tables.district[block.district[i]], street: tables.street[block.street[i]], facilities, demo: block.demo[i] === 1,
      verifiedOn: block.verified[i] ? new Date(FIRST_VERIFIED_DAY + block.verified[i] * 86400000).toISOString().slice(0, 10) : null,
    };
  }

  /** The Chinese name of the city an area lies in; undefined where nothing is known of the area. */
  city(code) {
    const { area } = this.words;
    const above = [code];
    while (area[above[0]] && area[area[above[0]][3]] && !above.includes(area[above[0]][3])) above.unshift(area[above[0]][3]);
    return (area[above[0]] || [])[0];
  }

  /** Of one block, what says of a place whether it passes everything but the clock; null where nothing there does. */
  passingIn(block, { kinds = [], facilities = [], eligibility = [], areas = [], verifiedOnly = false }) {
    const { tables } = block;
    const held = facilities.map((code) => tables.facility.indexOf(code));
    if (held.includes(-1)) return null;
    const passes = (name, wanted) => (wanted.length ? tables[name].map((code) => wanted.includes(code)) : null);
    const [kind, who, district, street] = [passes("kind", kinds), passes("eligibility", eligibility), passes("district", areas), passes("street", areas)];
    return (i) => {
      if (kind && !kind[block.kind[i]]) return false;
      if (who && !who[block.eligibility[i]]) return false;
      if (district && !district[block.district[i]] && !street[block.street[i]]) return false;
      if (verifiedOnly && !block.verified[i]) return false;
      return held.every((place) => levelOf(block, place, i) >= 2);
    };
  }

  /** What says of a row whether it passes everything but the clock. */
  passing(filters) {
    const made = new Map();
    return (row) => {
      const [block, i] = this.place(row);
      if (!made.has(block)) made.set(block, this.passingIn(block, filters));
      const passes = made.get(block);
      return passes !== null && passes(i);
    };
  }

  /** Rows that pass everything but the clock, ascending. */
  suitable(filters) {
    const rows = new Int32Array(this.count);
    let found = 0;
    this.blocks.forEach((block, number) => {
      const passes = this.passingIn(block, filters);
      for (let i = 0; passes && i < block.count; i++) if (passes(i)) rows[found++] = this.starts[number] + i;
    });
    return rows.subarray(0, found);
  }

  /** Some rows with the chord to a place, those within a chord only: [{row, chord, metres}]; metres are worked out when asked for. */
  distances(rows, lon, lat, most = Infinity) {
    const points = this.located();
    const here = new Float64Array(3);
    ecef(lon, lat, here, 0);
    const found = [];
    for (const row of rows) {
      const [x, y, z] = [points[3 * row] - here[0], points[3 * row + 1] - here[1], points[3 * row + 2] - here[2]];
      const chord = Math.sqrt(x * x + y * y + z * z);
      if (chord > most) continue;
      let metres = null;
      found.push({ row, chord, metres: () => { if (metres === null) metres = this.metres(row, chord, points, here, lon, lat); return metres; } });
    }
    return found;
  }

  /**
   * The k nearest of a question {lon, lat, k, within, by, filters, state, strict} at a local minute and second:
   * [{row, metres, minutes, opening, arrival}], ascending; equal distances by row.
   */
  nearest(question, minute, second = 0) {
    const { k = 20, by = "walk", state = null, strict = false } = question;
    const suits = (value) => (strict ? value === OPEN : value !== CLOSED);
    let rows = this.suitable(question.filters || {});
    if (state === "open" || state === "all-day") {
      const judged = new Map();
      rows = rows.filter((row) => {
        const timetable = this.timetable(row);
        if (!judged.has(timetable)) {
          judged.set(timetable, suits(state === "open" ? this.hours.stateAt(timetable, minute) : this.hours.allDay(timetable, minute)));
        }
        return judged.get(timetable);
      });
    }
    const late = second / 60;
    if (state !== "open-on-arrival") return this.ranked(rows, question, k).map((one) => this.told(one, by, minute, late));
    for (let asked = Math.max(ON_ARRIVAL_FIRST, 4 * k); ; asked *= 4) {
      const near = this.ranked(rows, question, asked);
      const arriving = near.filter(({ row, metres }) => suits(
        this.hours.stateAt(this.timetable(row), minute + Math.floor(minutesFor(metres, by) + late))));
      // every nearer site has been judged, so the first k that pass are the nearest k
      if (arriving.length >= k || near.length < asked) return arriving.slice(0, k).map((one) => this.told(one, by, minute, late));
    }
  }

  told({ row, metres }, by, minute, late) {
    const timetable = this.timetable(row);
    const opening = this.hours.opening(timetable, minute);
    const minutes = minutesFor(metres, by);
    // until the next change the state stays, so only a later arrival is looked up
    const same = !opening.beyond && (opening.changesAt === null || minute + late + minutes < opening.changesAt);
    const arrival = same ? opening.state : this.hours.stateAt(timetable, Math.floor(minute + late + minutes));
    return { row, metres, minutes, opening, arrival };
  }

  /** The k nearest of some rows, as [{row, metres}]. */
  ranked(rows, { lon, lat, within = Infinity }, k) {
    const points = this.located();
    const here = new Float64Array(3);
    ecef(lon, lat, here, 0);
    const chords = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const at = 3 * rows[i];
      const [x, y, z] = [points[at] - here[0], points[at + 1] - here[1], points[at + 2] - here[2]];
      chords[i] = Math.sqrt(x * x + y * y + z * z);
    }
    const limit = rivalChord(kth(chords, k));
    const rivals = [];
    for (let i = 0; i < rows.length; i++) {
      if (chords[i] <= limit) rivals.push({ row: rows[i], metres: this.metres(rows[i], chords[i], points, here, lon, lat) });
    }
    rivals.sort((one, other) => one.metres - other.metres || one.row - other.row);
    // what differs by rounding only is equal, and goes by row
    let tie = 0;
    rivals.forEach((one, i) => { one.tie = i && one.metres - rivals[i - 1].metres > ROUNDING_M ? ++tie : tie; });
    rivals.sort((one, other) => one.tie - other.tie || one.row - other.row);
    return rivals.slice(0, k).filter(({ metres }) => metres <= within);
  }

  metres(row, chord, points, here, lon, lat) {
    if (chord <= ARC_LIMIT_M) return arc(chord, points[3 * row + 2], here[2]);
    const [block, i] = this.place(row);
    return geodesic(lon, lat, block.lon[i], block.lat[i]);
  }
}

/** The k-th smallest of many, Infinity where there are fewer; the few smallest are kept in order as they are met. */
function kth(values, k) {
  if (values.length < k) return Infinity;
  if (k > 256) return Float64Array.from(values).sort()[k - 1];
  const least = [];
  for (const value of values) {
    if (least.length === k && value >= least[k - 1]) continue;
    let at = least.length;
    while (at && least[at - 1] > value) at--;
    least.splice(at, 0, value);
    if (least.length > k) least.pop();
  }
  return least[k - 1];
}
