// WGS-84 → GCJ-02 and BD-09, for map apps and for pins on a map whose tiles are GCJ-02: the formulas of locator.datum, inside the mainland.

const MAJOR_M = 6378245;
const E2 = 0.00669342162296594323;
const { PI, sin, sqrt, abs, cos } = Math;
const BAIDU = PI * 3000 / 180;

/** Degrees [lon, lat] as a GCJ-02 map draws them; meant for Beijing, where the whole of the offset applies. */
export function toGcj02(lon, lat) {
  const x = lon - 105;
  const y = lat - 35;
  const root = sqrt(abs(x));
  const wave = (sin(6 * PI * x) + sin(2 * PI * x)) * 20;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    + (wave + sin(PI * y) * 20 + sin(PI / 3 * y) * 40 + sin(PI / 12 * y) * 160 + sin(PI / 30 * y) * 320) * 2 / 3;
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    + (wave + sin(PI * x) * 20 + sin(PI / 3 * x) * 40 + sin(PI / 12 * x) * 150 + sin(PI / 30 * x) * 300) * 2 / 3;
  const upright = lat * PI / 180;
  const squared = 1 - E2 * sin(upright) ** 2;
  const meridian = MAJOR_M * (1 - E2) / (squared * sqrt(squared));
  const parallel = MAJOR_M / sqrt(squared) * cos(upright);
  return [lon + east / parallel * 180 / PI, lat + north / meridian * 180 / PI];
}

/** Degrees [lon, lat] as Baidu writes them. */
export function toBd09(lon, lat) {
  const [x, y] = toGcj02(lon, lat);
  const length = Math.hypot(x, y) + 0.00002 * sin(y * BAIDU);
  const angle = Math.atan2(y, x) + 0.000003 * cos(x * BAIDU);
  return [length * cos(angle) + 0.0065, length * sin(angle) + 0.006];
}
