// Distances, times and states as people say them, as web/phrases.py does; the words are the page's.

import { fill } from "./fill.js";
import { CLOSED, OPEN, STAFF_ONLY, UNKNOWN } from "./hours.js";
import { minutesFor } from "./nearest.js";

const SOON_MIN = 60;
const FARTHEST_MIN = 300;
const LONGEST_BREAK_MIN = 240;
const DAY_MS = 86400000;

const tenths = (kilometres) => kilometres.toFixed(1).replace(/\.0$/, "");
const two = (number) => String(number).padStart(2, "0");
const ofDay = (minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** Without spaces between two Chinese characters: what is filled in may begin with a digit or with one. */
const tight = (words) => words.replace(/([一-鿿]) (?=[一-鿿])/g, "$1");

export class Phrases {
  constructor(words, language) {
    this.words = words;
    this.chinese = language.startsWith("zh");
  }

  said(name, values = {}) {
    return fill(this.words[name], values);
  }

  /** One of [Chinese, English]. */
  either(pair) {
    return pair ? pair[this.chinese ? 0 : 1] : null;
  }

  distance(metres) {
    if (metres < 10) return this.words.under;
    if (metres < 995) return this.said("m", { n: Math.round(metres / 10) * 10 });
    const kilometres = metres / 1000;
    return this.said("km", { n: kilometres < 100 ? tenths(kilometres) : Math.round(kilometres).toLocaleString("en") });
  }

  /** A distance only known to lie between two, rounded outwards. */
  between(nearM, farM) {
    const step = farM <= 100 ? 10 : farM <= 950 ? 50 : 100;
    const near = Math.floor(nearM / step) * step;
    const far = Math.ceil(farM / step) * step;
    if (far < 1000) return this.said(near ? "between_m" : "within_m", { near, far });
    return this.said(near ? "between_km" : "within_km", { near: tenths(near / 1000), far: tenths(far / 1000) });
  }

  duration(minutes) {
    const whole = Math.max(1, Math.ceil(minutes));
    return whole < 60 ? this.said("min", { n: whole }) : this.said("h_min", { h: Math.floor(whole / 60), m: whole % 60 });
  }

  way({ near, far, ranged }, by) {
    const minutes = minutesFor(far, by);
    if (minutes > FARTHEST_MIN) return null;
    let time = this.duration(minutes);
    if (ranged) {
      const soonest = Math.max(1, Math.floor(minutesFor(near, by)));
      time = `${minutes < 59 ? soonest : this.duration(soonest)}–${time}`;
    }
    return this.said(by, { time });
  }

  /** A local minute as one says it at another: 22:00, tomorrow 08:30, Mon 09:00, 8 Oct 09:00. */
  clock(minute, now) {
    const moment = new Date(minute * 60000);
    const time = moment.toISOString().slice(11, 16);
    const days = Math.floor(minute / 1440) - Math.floor(now / 1440);
    if (days === 0) return time;
    if (days === 1) return this.said("tomorrow", { time });
    if (days > 1 && days < 7) return this.said("on_weekday", { weekday: this.weekday(minute), time });
    return this.said("on_date", { date: this.day(moment), time });
  }

  weekday(minute) {
    return this.words.weekdays[(new Date(minute * 60000).getUTCDay() + 6) % 7];
  }

  day(moment) {
    if (this.chinese) return `${moment.getUTCMonth() + 1}月${moment.getUTCDate()}日`;
    return `${moment.getUTCDate()} ${["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][moment.getUTCMonth()]}`;
  }

  /** What a visitor is told of a door at minute `now`, `second` seconds past it, and next; `after` is the opening from its next change on. */
  state(known, now, second, after) {
    const { state, reason, changesAt, nextState, mode, beyond } = known;
    if (beyond) return this.words.beyond;
    const left = changesAt === null ? null : Math.ceil(changesAt - now - second / 60);
    const time = changesAt === null ? null : this.clock(changesAt, now);
    const opens = nextState === OPEN && time !== null;
    if (state === UNKNOWN && reason) {
      const why = this.either(reason);
      const said = why.slice(0, 1).toUpperCase() + why.slice(1);
      return opens ? this.said("uncertain_open_from", { reason: said, time }) : said;
    }
    if (mode === STAFF_ONLY && state === CLOSED) return opens ? this.said("staff_then", { time }) : this.words.staff_now;
    if (state === OPEN) {
      if (left === null) return this.words.open_always;
      const again = nextState === CLOSED ? this.again(after, changesAt, now) : null;
      if (left <= SOON_MIN && nextState === CLOSED) return this.said(again ? "closes_in_again" : "closes_in", { n: left, time: again });
      return again ? this.said("break", { times: `${time}–${again}` }) : tight(this.said("open_until", { time }));
    }
    if (state === CLOSED) {
      if (left === null) return this.words.closed;
      if (nextState !== OPEN) return this.said("closed_then", { time });
      return left <= SOON_MIN ? this.said("opens_in", { n: left }) : this.said("opens", { time });
    }
    return opens ? this.said("unknown_open_from", { time }) : this.words.unknown;
  }

  /** When a break ends: one of at most four hours, on the day it begins. */
  again(after, closes, now) {
    if (!after || after.nextState !== OPEN || after.changesAt === null) return null;
    const opens = after.changesAt;
    return opens - closes <= LONGEST_BREAK_MIN && Math.floor(opens / 1440) === Math.floor(closes / 1440) ? this.clock(opens, now) : null;
  }

  arrival(now, then) {
    if (now === then) return null;
    if (then === UNKNOWN) return this.words.arrival_unknown;
    if (then === OPEN) return this.words.arrival_open;
    return now === OPEN ? this.words.arrival_closed : this.words.arrival_unknown_closed;
  }

  /** What to say where a vague position lets one arrive in two states. */
  split(soonest, latest) {
    if (soonest === OPEN && latest === CLOSED) return this.words.may_close;
    return soonest === CLOSED && latest === OPEN ? this.words.may_not_be_open : this.words.arrival_unknown;
  }

  /** Pairs of minutes of a day as 09:00–12:00, 13:00–17:30; what touches is one. */
  joined(times) {
    const whole = [];
    for (const [start, end] of times) {
      const last = whole[whole.length - 1];
      if (last && last[1] === start) last[1] = end; else whole.push([start, end]);
    }
    return whole.map(([start, end]) => `${ofDay(start)}–${ofDay(end)}`).join(this.chinese ? "、" : ", ");
  }
}

/** Days since 1970 of an ISO day. */
export const dayNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
