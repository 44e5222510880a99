// Links that hand a way over to a map app, byte for byte as web/handoff.py makes them: there is why each is as it is.

import { toGcj02 } from "./datum.js";

const APP = "nuanxin";
const DATUM = "gcj02";
const REGION = "北京";
const AMAP_APP = { walk: "2", ride: "3" };
const BAIDU = { walk: "walking", ride: "riding" };
const TENCENT = { walk: "walk", ride: "bike" };

const quote = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Whose schemes a browser follows: android, ios, or neither. */
function phoneOf(agent) {
  if (agent.includes("Android") || agent.includes("OpenHarmony")) return "android";
  return ["iPhone", "iPad", "iPod"].some((name) => agent.includes(name)) ? "ios" : "";
}

/** [{app, address, own, by, lon, lat}], the one to try first in front; to the entrance [lon, lat] where that is known. */
export function links(name, lon, lat, { entrance = null, by = "walk", agent = "", region = REGION } = {}) {
  const [x, y] = toGcj02(...(entrance || [lon, lat])).map((degrees) => degrees.toFixed(6));
  const called = quote(name);
  const phone = phoneOf(agent);
  const inWechat = agent.includes("MicroMessenger");
  const baidu = `destination=latlng:${y},${x}%7Cname:${called}&mode=${BAIDU[by]}&coord_type=${DATUM}`;
  const amap = `sourceApplication=${APP}&dlat=${y}&dlon=${x}&dname=${called}&dev=0&t=${AMAP_APP[by]}`;
  const way = (app, address, own = {}, asked = by) => (
    { app, address, own: inWechat ? null : own[phone] || null, by: asked, lon: Number(x), lat: Number(y) });
  const found = [
    way("amap", `https://uri.amap.com/navigation?to=${x},${y},${called}&mode=${by}&src=${APP}&callnative=1`,
      { android: `amapuri://route/plan/?${amap}`, ios: `iosamap://path?${amap}` }),
    way("baidu", `https://api.map.baidu.com/direction?origin=${quote("我的位置")}&${baidu}&region=${quote(region)}&output=html&src=webapp.${APP}.${APP}`,
      { android: `bdapp://map/direction?${baidu}&src=andr.${APP}.${APP}`, ios: `baidumap://map/direction?${baidu}&src=ios.${APP}.${APP}` }),
    way("tencent", `https://apis.map.qq.com/uri/v1/routeplan?type=${TENCENT[by]}&to=${called}&tocoord=${y},${x}&coord_type=2&referer=${APP}`),
    way("apple", `https://maps.apple.com/?daddr=${y},${x}&dirflg=w`, {}, "walk"),
  ];
  if (phone === "android") found.pop();
  return inWechat ? [...found.filter(({ app }) => app === "tencent"), ...found.filter(({ app }) => app !== "tencent")] : found;
}
