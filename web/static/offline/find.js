// Where to start from without a network: districts, landmarks and sites by characters; landmarks by pinyin and initials too.

const MOST = 20;

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

/** The best of what goes by some words: [{type, code | row, pair, lon, lat}]; areas first, then landmarks, then sites. */
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
  for (const [zh, en, lon, lat, reading, aliases] of copy.places) {
    note(least([grade(zh, wanted), grade(en, wanted), ...aliases.map((name) => grade(name, wanted)), byReading(reading, spelt)]), 1,
      { type: "place", pair: [zh, en], lon, lat });
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
