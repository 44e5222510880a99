"""Links that hand a way over to a map app: each in the app's own format and datum, to the entrance where one is known.

    app       address that works everywhere                          addresses of the app itself
    AMap      https://uri.amap.com/navigation                        amapuri://route/plan/, iosamap://path
    Baidu     https://api.map.baidu.com/direction                    bdapp://map/direction, baidumap://map/direction
    Tencent   https://apis.map.qq.com/uri/v1/routeplan               -
    Apple     https://maps.apple.com/                                -

The https addresses open the app where it is installed and a page where it is not, so they are what a
button gets. The app's own scheme is for a phone's browser on which that page does not lead on; inside
WeChat no scheme is followed, and Tencent's address comes first, which WeChat opens in its own map.
All four take GCJ-02, Baidu because it is told so. Where one starts from is left to the app: no link
carries anybody's position.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from locator import datum
from locator.errors import BadValue
from locator.travel import WAYS
from web.agents import in_wechat, phone

APP = "nuanxin"
"""Who sends: the apps ask for a name, not for a key."""
DATUM = "gcj02"
_REGION = "北京"
_AMAP_APP = {"walk": "2", "ride": "3"}
_BAIDU = {"walk": "walking", "ride": "riding"}
_TENCENT = {"walk": "walk", "ride": "bike"}


@dataclass(frozen=True, slots=True)
class HandOff:
    """One app's way to a site."""

    app: str
    """amap, baidu, tencent or apple"""
    address: str
    """https: the app where it is installed, a page where it is not"""
    own: str | None
    """In the app's own scheme; None where it has none, and where the asker's browser follows none."""
    by: str
    """walk or ride: what the app is asked for, which is walk where its format has no bicycle"""
    datum: str
    lon: float
    """Degrees in `datum`, as in the link."""
    lat: float


def links(name: str, lon: float | None, lat: float | None, *, entrance: tuple[float | None, float | None] = (None, None),
          by: str = "walk", agent: str = "", region: str = _REGION) -> tuple[HandOff, ...]:
    """Return the ways to a site, the one to try first in front.

    Args:
        name: What the app calls the goal; any text, percent-encoded whole.
        lon: WGS-84 degrees of the site; None gives no link.
        lat: Likewise.
        entrance: (longitude, latitude) of its entrance, WGS-84; goes before the site's own where both are known.
        by: walk or ride.
        agent: The asker's User-Agent; decides order and schemes. Unknown: no scheme, AMap first.
        region: The city, which Baidu's page wants to know.

    Returns:
        AMap, Baidu, Tencent, Apple; inside WeChat Tencent first. Apple is left out on Android, which has no such app.
        Empty for a site without coordinates.

    Raises:
        BadValue: If `by` is another.
    """
    if by not in WAYS:
        raise BadValue("by", by, zh="应为 walk 或 ride", en="must be walk or ride")
    if entrance[0] is not None and entrance[1] is not None:
        lon, lat = entrance
    if lon is None or lat is None:
        return ()
    east, north = datum.point_from_wgs84(lon, lat, DATUM)
    x, y, called = f"{east:.6f}", f"{north:.6f}", quote(name, safe="", errors="replace")
    inside, schemes_of = in_wechat(agent), phone(agent)
    baidu = f"destination=latlng:{y},{x}%7Cname:{called}&mode={_BAIDU[by]}&coord_type={DATUM}"
    amap_app = f"sourceApplication={APP}&dlat={y}&dlon={x}&dname={called}&dev=0&t={_AMAP_APP[by]}"

    def way(app: str, address: str, own: dict[str, str] | None = None, *, asked: str = by) -> HandOff:
        scheme = None if inside else (own or {}).get(schemes_of)
        return HandOff(app, address, scheme, asked, DATUM, float(x), float(y))

    found = [
        way("amap", f"https://uri.amap.com/navigation?to={x},{y},{called}&mode={by}&src={APP}&callnative=1",
            {"android": f"amapuri://route/plan/?{amap_app}", "ios": f"iosamap://path?{amap_app}"}),
        way("baidu", f"https://api.map.baidu.com/direction?origin={quote('我的位置')}&{baidu}&region={quote(region, safe='')}"
                     f"&output=html&src=webapp.{APP}.{APP}",
            {"android": f"bdapp://map/direction?{baidu}&src=andr.{APP}.{APP}",
             "ios": f"baidumap://map/direction?{baidu}&src=ios.{APP}.{APP}"}),
        way("tencent", f"https://apis.map.qq.com/uri/v1/routeplan?type={_TENCENT[by]}&to={called}&tocoord={y},{x}"
                       f"&coord_type=2&referer={APP}"),
        # its format knows driving, walking and trains: who rides is shown the way on foot
        way("apple", f"https://maps.apple.com/?daddr={y},{x}&dirflg=w", asked="walk"),
    ]
    if schemes_of == "android":
        found.pop()
    if inside:
        found.sort(key=lambda one: one.app != "tencent")
    return tuple(found)
