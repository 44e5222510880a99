// States as the server has evaluated them, minute by minute, for the days of a copy; past its end nothing is known.
// Minutes count from 1970-01-01 00:00 on Beijing's clock, whatever the phone's zone.

export const UNKNOWN = 0;
export const CLOSED = 1;
export const OPEN = 2;
export const STATES = ["unknown", "closed", "open"];
export const DAY = 1440;
const FARTHEST_CHANGE_MIN = 400 * DAY;
const BEIJING_MIN = 480;

/** The local minute an instant lies in, from milliseconds since 1970-01-01 UTC. */
export const minuteOf = (instant) => Math.floor(instant / 60000) + BEIJING_MIN;

export const STAFF_ONLY = "staff_only";
const STAFF = ["仅限内部人员", "staff only"];
const VISITOR_DAYS = 8;

export class Hours {
  constructor(told) {
    Object.assign(this, told);
    this.start = told.first * DAY;
    this.end = this.start + told.days * DAY;
    this.staff = told.modes.indexOf(STAFF_ONLY);
  }

  knows(minute) {
    return minute >= this.start && minute < this.end;
  }

  /** The stretches [minute, state, reason, mode, ...] of the day a minute lies in. */
  day(week, minute) {
    return this.kinds[this.weeks[week][Math.floor((minute - this.start) / DAY)]];
  }

  /** open, closed or unknown of one timetable at a minute. */
  stateAt(timetable, minute) {
    if (!this.knows(minute)) return UNKNOWN;
    const kind = this.day(this.timetables[timetable][0], minute);
    return kind[stretch(kind, minute % DAY) + 1];
  }

  /** The same for somebody who does not work there: time for staff only is closed. */
  visitorAt(timetable, minute) {
    if (!this.knows(minute)) return UNKNOWN;
    const kind = this.day(this.timetables[timetable][0], minute);
    const at = stretch(kind, minute % DAY);
    return this.staff >= 0 && kind[at + 3] === this.staff ? CLOSED : kind[at + 1];
  }

  /** All that is said at a minute: state, reason ([zh, en] or null), mode, and the next change. */
  opening(timetable, minute) {
    return this.look(timetable, minute, (kind, at) => kind[at + 1], this.end);
  }

  /** The same for somebody who does not work there, as `visitorAt`; the next change is a visitor's. */
  visitor(timetable, minute) {
    const known = this.opening(timetable, minute);
    if (known.beyond || this.staff < 0 || !this.week(timetable).some((kind) => this.forStaff(kind))) return known;
    const limit = Math.min(this.end, minute - minute % DAY + VISITOR_DAYS * DAY);
    const seen = this.look(timetable, minute, (kind, at) => (kind[at + 3] === this.staff ? CLOSED : kind[at + 1]), limit, null);
    return seen.state === known.state ? seen : { ...seen, reason: STAFF };
  }

  week(timetable) {
    return this.weeks[this.timetables[timetable][0]].map((kind) => this.kinds[kind]);
  }

  forStaff(kind) {
    for (let at = 3; at < kind.length; at += 4) if (kind[at] === this.staff) return true;
    return false;
  }

  look(timetable, minute, stateOf, limit, tail = this.knows(minute) && this.timetables[timetable]) {
    if (!this.knows(minute)) return { state: UNKNOWN, reason: null, changesAt: null, nextState: null, mode: null, beyond: true };
    const [week] = this.timetables[timetable];
    let kind = this.day(week, minute);
    let at = stretch(kind, minute % DAY);
    const state = stateOf(kind, at);
    const said = { state, reason: this.reasons[kind[at + 2]], mode: this.modes[kind[at + 3]], beyond: false };
    let midnight = minute - minute % DAY;
    for (at += 4; ; at += 4) {
      if (at >= kind.length) {
        midnight += DAY;
        if (midnight >= limit) break;
        kind = this.day(week, midnight);
        at = 0;
      }
      const next = stateOf(kind, at);
      if (next !== state) return { ...said, ...change(midnight + kind[at], next, minute) };
    }
    return { ...said, ...(tail ? change(tail[1], tail[2], minute) : change(null, null, minute)) };
  }

  /** OPEN if open all 24 hours of the day a minute lies in, CLOSED if closed at any minute of it, else UNKNOWN. */
  allDay(timetable, minute) {
    if (!this.knows(minute)) return UNKNOWN;
    const kind = this.day(this.timetables[timetable][0], minute);
    let every = OPEN;
    for (let at = 0; at < kind.length; at += 4) {
      if (kind[at + 1] === CLOSED) return CLOSED;
      if (kind[at + 1] !== OPEN) every = UNKNOWN;
    }
    return every;
  }
}

const change = (changesAt, nextState, minute) => (
  changesAt === null || changesAt - minute > FARTHEST_CHANGE_MIN ? { changesAt: null, nextState: null } : { changesAt, nextState });

function stretch(kind, minute) {
  let at = 0;
  while (at + 4 < kind.length && kind[at + 4] <= minute) at += 4;
  return at;
}
