// Reads the parts of an offline copy: the format is the docstring of web/compact.py. Columns stay as they came;
// a text becomes a string when a card shows it.

const UNITS_A_DEGREE = 1e7;
const END = 0xff;
const utf8 = new TextDecoder();
export const LEVELS = [null, "no", "limited", "yes"];

/** n texts, each followed by 0xFF; where each ends is looked for when the first is wanted. */
class Texts {
  constructor(bytes, count) {
    this.bytes = bytes;
    this.count = count;
    this.ends = null;
  }

  at(place) {
    if (!this.ends) {
      this.ends = new Uint32Array(this.count);
      for (let at = -1, text = 0; text < this.count; text++) {
        at = this.bytes.indexOf(END, at + 1);
        this.ends[text] = at;
      }
    }
    return utf8.decode(this.bytes.subarray(place ? this.ends[place - 1] + 1 : 0, this.ends[place]));
  }
}

function u16(bytes, count) {
  const found = new Uint16Array(count);
  for (let i = 0; i < count; i++) found[i] = bytes[i] | bytes[count + i] << 8;
  return found;
}

/** The i-th of zigzag numbers of four bytes; 0 of a column that is not there. */
function signed(bytes, count, i) {
  const zigzag = (bytes[i] | bytes[count + i] << 8 | bytes[2 * count + i] << 16 | bytes[3 * count + i] << 24) >>> 0;
  return (zigzag >>> 1) ^ -(zigzag & 1);
}

/** Degrees of differences in steps, walked from the first. */
function degrees(bytes, count, step, first) {
  const found = new Float64Array(count);
  let here = first;
  for (let i = 0; i < count; i++) {
    here = here + signed(bytes, count, i) | 0;
    found[i] = here * step / UNITS_A_DEGREE;
  }
  return found;
}

/** One block by column; throws where it is not one. */
export function decodeBlock(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0) !== 0x4e584231) throw new Error("not a block of sites");
  const count = view.getUint32(4, true);
  const step = view.getUint32(8, true);
  const columns = [];
  for (let at = 20; at < buffer.byteLength;) {
    const size = view.getUint32(at, true);
    columns.push(new Uint8Array(buffer, at + 4, size));
    at += 4 + size;
  }
  const [tables, timetables, uuids, ids, names, addresses, phones, lon, lat, kind, eligibility, district, street, timetable,
    verified, demo, facilities, notes, entranceLon, entranceLat] = columns;
  const empty = new Uint8Array(0);
  return {
    count, tables: JSON.parse(utf8.decode(tables)), timetables: Array.from({ length: timetables.length / 8 }, (_, i) => hex(timetables, i * 8, 8)),
    uuids, ids: new Texts(ids, count), names: new Texts(names, count), addresses: new Texts(addresses, count), phones: new Texts(phones, count),
    lon: degrees(lon, count, step, view.getInt32(12, true)), lat: degrees(lat, count, step, view.getInt32(16, true)),
    kind: u16(kind, count), eligibility: u16(eligibility, count), district: u16(district, count), street: u16(street, count),
    timetable: u16(timetable, count), verified: u16(verified, count), demo, facilities,
    notes: notes ? new Texts(notes, count) : null, entranceLon: entranceLon || empty, entranceLat: entranceLat || empty,
  };
}

function hex(bytes, from, count) {
  let text = "";
  for (let i = from; i < from + count; i++) text += (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
  return text;
}

/** The id of one site of a block. */
export function idOf(block, place) {
  if (!block.known) {
    block.known = [];
    for (let i = 0, uuid = 0; i < block.count; i++) block.known.push(block.ids.at(i) || dashed(hex(block.uuids, 16 * uuid++, 16)));
  }
  return block.known[place];
}

/** The place of an id in a block; null where it is not there. */
export function placeOf(block, id) {
  idOf(block, 0);
  const place = block.known.indexOf(id);
  return place < 0 ? null : place;
}

const dashed = (all) => `${all.slice(0, 8)}-${all.slice(8, 12)}-${all.slice(12, 16)}-${all.slice(16, 20)}-${all.slice(20)}`;

/** The level of the n-th facility of a block's table at one site: 0 unknown, 1 no, 2 limited, 3 yes. */
export function levelOf(block, facility, place) {
  const row = Math.ceil(block.count / 4);
  return block.facilities[facility * row + (place >> 2)] >> 2 * (place & 3) & 3;
}

/** Where the entrance of one site of a block is, [lon, lat]; null where that is not known. */
export function entranceOf(block, place) {
  const apart = [signed(block.entranceLon, block.count, place), signed(block.entranceLat, block.count, place)];
  if (!apart[0] && !apart[1]) return null;
  return [block.lon[place], block.lat[place]].map((at, axis) => (Math.round(at * UNITS_A_DEGREE) + apart[axis]) / UNITS_A_DEGREE);
}

/** Parts of the whole file: {index, words, places, hours, trust, blocks}. */
export function decodeFile(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0) !== 0x4e584631) throw new Error("not an offline file");
  const size = view.getUint32(4, true);
  const index = JSON.parse(utf8.decode(new Uint8Array(buffer, 8, size)));
  let at = 8 + size;
  const next = ([, bytes]) => buffer.slice(at, at += bytes);
  const json = (told) => JSON.parse(utf8.decode(next(told)));
  return {
    index, words: json(index.words), places: json(index.places), hours: json(index.hours), trust: json(index.trust),
    blocks: index.blocks.map((told) => decodeBlock(next(told))),
  };
}
