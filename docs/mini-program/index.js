// 微信小程序示例：最近的、到达时开放的站点。一页，不用框架，不用打包。
// A page of a WeChat mini program: the nearest sites that are open when you get there. No framework, no bundler.

const SERVICE = "https://example.org"; // 换成你的服务地址，并加入 request 合法域名 · your service, on the list of request domains
const ANSWERS = 20;
const FUZZY_M = 3000; // 微信不说模糊位置差多少，这是我们的假定 · WeChat does not say how vague a fuzzy position is: an assumption of ours
const CHOSEN_M = 30; // 在地图上点选的位置 · a position picked on the map

const MESSAGES = {
  locating: "正在获取位置…",
  loading: "正在查找…",
  denied: "没有位置权限。可以在设置里打开，或在地图上选一个位置。",
  unavailable: "手机现在无法定位。请在地图上选一个位置。",
  offline: "网络不通，请稍后再试。",
  empty: "没有符合条件的站点，请减少条件。",
  reported: "已反映，谢谢。",
};
const STATES = { open: "到达时开放", unknown: "是否开放不确定，请先打电话", closed: "到达时已关门" };

/** 距离说成范围：位置有多模糊，就说得多宽 · A distance as a range, as wide as the position is vague. */
function far(metres, accuracyM) {
  const words = (m) => (m < 995 ? `${Math.round(m / 10) * 10} 米` : `${(m / 1000).toFixed(1)} 公里`);
  if (accuracyM <= 50) return `约 ${words(metres)}`;
  const least = Math.floor(Math.max(0, metres - accuracyM) / 10) * 10;
  const most = Math.ceil((metres + accuracyM) / 10) * 10;
  return least === 0 ? `${words(most)}以内` : `${words(least)} 到 ${words(most)}`;
}

/** 一串随机字符 · Some random letters and digits. */
function madeUp() {
  let text = "";
  while (text.length < 32) text += Math.random().toString(36).slice(2);
  return text.slice(0, 32);
}

/** 这部手机自己编的标记：服务器只留当天的散列，用来看出是不是同一个人说了两次。
 *  What this phone made up for itself; the server keeps a hash of the day alone, to tell one person from two. */
function token() {
  let made = wx.getStorageSync("report-token");
  if (!made) {
    made = madeUp();
    wx.setStorageSync("report-token", made);
  }
  return made;
}

Page({
  data: { message: "", denied: false, sites: [], markers: [], latitude: 39.9073, longitude: 116.3914, needs: [] },

  /** 模糊位置，坐标系直接要 GCJ-02 · A fuzzy position, in GCJ-02 at once. */
  onLocate() {
    this.setData({ message: MESSAGES.locating, denied: false });
    wx.getFuzzyLocation({
      type: "gcj02",
      success: (here) => this.ask(here.longitude, here.latitude, FUZZY_M),
      fail: (error) => {
        const denied = /auth(orize)?[ :]*(no response|den)|permission denied/i.test(error.errMsg || "");
        this.setData({ message: denied ? MESSAGES.denied : MESSAGES.unavailable, denied });
      },
    });
  },

  /** 想要准确的距离：请用户自己在地图上点 · For exact distances people point at where they are. */
  onChoose() {
    wx.chooseLocation({
      success: (here) => this.ask(here.longitude, here.latitude, CHOSEN_M),
      fail: () => {}, // 用户取消 · cancelled
    });
  },

  /** 位置放在 POST 正文里，不进任何网址和日志 · The position travels in a body: in no address and no log. */
  ask(lon, lat, accuracyM) {
    this.setData({ message: MESSAGES.loading, denied: false });
    wx.request({
      url: `${SERVICE}/api/v1/nearest`,
      method: "POST",
      header: { "content-type": "application/json" },
      data: { lon, lat, datum: "gcj02", accuracy_m: accuracyM, k: ANSWERS, need: this.data.needs, lang: "zh-CN" },
      success: (response) => {
        if (response.statusCode !== 200) this.refused(response);
        else this.show(response.data.features, lon, lat, accuracyM);
      },
      fail: () => this.setData({ message: MESSAGES.offline }),
    });
  },

  /** 列表：到达时开放的在前，其次不确定的，最后关门的 · Open on arrival first, then uncertain, then closed. */
  show(features, longitude, latitude, accuracyM) {
    const order = ["open", "unknown", "closed"];
    const sites = features.map(({ id, geometry, properties: site }) => ({
      id,
      name: site.demo ? `${site.name}（演示数据）` : site.name,
      address: site.address || "",
      longitude: geometry.coordinates[0], // GCJ-02：问的是什么坐标系，答的就是什么 · answered in the datum that was asked in
      latitude: geometry.coordinates[1],
      far: far(site.distance_m, accuracyM + (site.accuracy_m || 0)),
      state: site.state_on_arrival,
      stateWords: STATES[site.state_on_arrival],
      reason: site.state_reason || "",
      reported: (site.reported || []).map((one) => one.message).join("；"),
    })).sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)); // 稳定排序，同类仍由近到远 · stable: nearest first within each
    const markers = sites.map((site, id) => ({ id, latitude: site.latitude, longitude: site.longitude, title: site.name, width: 28, height: 36 }));
    this.setData({ sites, markers, latitude, longitude, message: sites.length ? "" : MESSAGES.empty });
  },

  /** 服务器的拒绝有一句说明 · A refusal comes with a sentence that says why. */
  refused(response) {
    const told = ((response.data || {}).errors || []).map((one) => one.message).join("；");
    this.setData({ message: told || (response.data || {}).detail || MESSAGES.offline });
  },

  /** 交给微信的地图，它要 GCJ-02 · Hand over to WeChat's map, which wants GCJ-02. */
  onGo(event) {
    const { name, address, latitude, longitude } = this.data.sites[event.currentTarget.dataset.index];
    wx.openLocation({ name, address, latitude, longitude, scale: 18 });
  },

  /** 一键反映：locked 锁着，moved 搬走，gone 没有了，missing_facility 缺设施，wrong 其他有误 */
  onReport(event) {
    const { index, type, facility } = event.currentTarget.dataset;
    const report = { type, token: token(), key: madeUp() }; // 同一 key 重发只算一次 · the same key sent twice is one report
    if (facility) report.facility = facility;
    wx.request({
      url: `${SERVICE}/api/v1/sites/${encodeURIComponent(this.data.sites[index].id)}/reports`,
      method: "POST",
      header: { "content-type": "application/json" },
      data: report,
      success: (response) => {
        if (response.statusCode === 200 || response.statusCode === 201) this.setData({ message: MESSAGES.reported });
        else this.refused(response);
      },
      fail: () => this.setData({ message: MESSAGES.offline }),
    });
  },

  onOpenSetting() {
    wx.openSetting({});
  },
});
