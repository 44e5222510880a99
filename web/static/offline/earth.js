// WGS-84 as in locator.earth: Earth-centred metres, and the geodesic from a chord. Degrees, longitude first.
// Up to 30 km the arc of the chord is the geodesic to 5 nm; beyond, Vincenty's inverse, within 1 mm of Karney's.

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const SECOND_E2 = E2 / (1 - E2);
const SHARPEST = B * B / A;
const FLATTEST = A * A / B;
const FARTHEST = Math.PI * A;
const SQUEEZE = SECOND_E2 / (B * B);
const FIFTH = 24 * 24 * 3 / 640;
const DIAMETER = 0.9999;
export const ARC_LIMIT_M = 30000;
export const ROUNDING_M = 2e-8;

const radians = (degrees) => degrees * Math.PI / 180;

/** Write the Earth-centred metres of a pair into three places of an array. */
export function ecef(lon, lat, into, at) {
  const sin = Math.sin(radians(lat));
  const cos = Math.cos(radians(lat));
  const normal = A / Math.sqrt(1 - E2 * sin * sin);
  into[at] = normal * cos * Math.cos(radians(lon));
  into[at + 1] = normal * cos * Math.sin(radians(lon));
  into[at + 2] = normal * (1 - E2) * sin;
}

/** The geodesic of a chord up to ARC_LIMIT_M between heights z and hereZ. */
export function arc(chord, z, hereZ) {
  const raised = 1 + SQUEEZE * hereZ * hereZ;
  const level = 1 / (24 * A * A) / raised;
  const slope = level * SQUEEZE * hereZ / raised;
  const rise = z - hereZ;
  const bent = SECOND_E2 * rise * rise / (chord + 1e-300) + chord;
  const turn = bent * bent * (rise * -slope + level);
  return (turn * FIFTH + 1) * turn * chord + chord;
}

/** The chord beyond which nothing can be as near, by geodesic, as something at this one. */
export function rivalChord(chord) {
  const ratio = chord / (2 * SHARPEST);
  if (ratio >= DIAMETER) return Infinity;
  const most = 2 * SHARPEST * Math.asin(ratio);
  return most >= FARTHEST ? Infinity : 2 * FLATTEST * Math.sin(most / (2 * FLATTEST)) + 2 * ROUNDING_M;
}

/** Vincenty (1975): metres between two pairs; near the antipode, where it does not settle, the sphere's (0.3 %). */
export function geodesic(lon1, lat1, lon2, lat2) {
  const reduced1 = Math.atan((1 - F) * Math.tan(radians(lat1)));
  const reduced2 = Math.atan((1 - F) * Math.tan(radians(lat2)));
  const [sin1, cos1, sin2, cos2] = [Math.sin(reduced1), Math.cos(reduced1), Math.sin(reduced2), Math.cos(reduced2)];
  let apart = radians(lon2 - lon1);
  apart = Math.atan2(Math.sin(apart), Math.cos(apart));
  let along = apart;
  for (let round = 0; round < 200; round++) {
    const sin = Math.sin(along);
    const cos = Math.cos(along);
    const sinArc = Math.hypot(cos2 * sin, cos1 * sin2 - sin1 * cos2 * cos);
    if (sinArc === 0) return 0;
    const cosArc = sin1 * sin2 + cos1 * cos2 * cos;
    const angle = Math.atan2(sinArc, cosArc);
    const sinAzimuth = cos1 * cos2 * sin / sinArc;
    const cos2Azimuth = 1 - sinAzimuth * sinAzimuth;
    const middle = cos2Azimuth === 0 ? 0 : cosArc - 2 * sin1 * sin2 / cos2Azimuth;
    const c = F / 16 * cos2Azimuth * (4 + F * (4 - 3 * cos2Azimuth));
    const next = apart + (1 - c) * F * sinAzimuth * (angle + c * sinArc * (middle + c * cosArc * (2 * middle * middle - 1)));
    if (Math.abs(next) > Math.PI) break;
    if (Math.abs(next - along) < 1e-12) {
      const u2 = cos2Azimuth * SECOND_E2;
      const big = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
      const small = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
      const less = small * sinArc * (middle + small / 4 * (cosArc * (2 * middle * middle - 1)
        - small / 6 * middle * (4 * sinArc * sinArc - 3) * (4 * middle * middle - 3)));
      return B * big * (angle - less);
    }
    along = next;
  }
  const cosSphere = Math.sin(radians(lat1)) * Math.sin(radians(lat2)) + Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * Math.cos(apart);
  return 6371008.7714 * Math.acos(Math.min(1, Math.max(-1, cosSphere)));
}
