"""The systems that several chapters name, as the inventory does."""

HQ = "本社 拠点VPN"
OSAKA = "大阪工場 拠点VPN"
NAGOYA = "名古屋営業所 拠点VPN"
MES = "大阪工場 生産実行システム"
DRAWING = "大阪工場 操作盤 作画PC"
VIEWER = "図面閲覧端末"
PORTAL = "部品受発注ポータル"
