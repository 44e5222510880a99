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

export class Hours {
  constructor(told) {
    Object.assign(this, told);
    this.start = told.first * DAY;
    this.end = this.start + told.days * DAY;
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

  /** All that is said at a minute: state, reason ([zh, en] or null), mode, and the next change. */
  opening(timetable, minute) {
    if (!this.knows(minute)) return { state: UNKNOWN, reason: null, changesAt: null, nextState: null, mode: null, beyond: true };
    const [week, tailAt, tailState] = this.timetables[timetable];
    let kind = this.day(week, minute);
    let at = stretch(kind, minute % DAY);
    const [, state, reason, mode] = kind.slice(at, at + 4);
    const said = { state, reason: this.reasons[reason], mode: this.modes[mode], beyond: false };
    let midnight = minute - minute % DAY;
    for (at += 4; ; at += 4) {
      if (at >= kind.length) {
        midnight += DAY;
        if (midnight >= this.end) break;
        kind = this.day(week, midnight);
        at = 0;
      }
      if (kind[at + 1] !== state) return { ...said, ...change(midnight + kind[at], kind[at + 1], minute) };
    }
    return { ...said, ...change(tailAt, tailState, minute) };
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
