"""The people of the story. Every name is invented, every address ends in ``.example``."""

from __future__ import annotations

from dataclasses import dataclass

from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import Circle, Organisation, Person, Role, Team
from noroshi.directory.viewer import Viewer, viewer_for

# slug → organisation, its team, both in Japanese and English; the first six are members.
TEAMS: dict[str, tuple[str, str, str, str]] = {
    "sazanami": ("さざなみ製作所", "Sazanami Works", "さざなみ製作所 CSIRT", "Sazanami Works CSIRT"),
    "tsukishiro": ("つきしろ電力", "Tsukishiro Power", "つきしろ電力 CSIRT", "Tsukishiro Power CSIRT"),
    "asagiri": ("あさぎり銀行", "Asagiri Bank", "あさぎり銀行 CSIRT", "Asagiri Bank CSIRT"),
    "hotarubi": ("ほたるび病院グループ", "Hotarubi Hospitals", "ほたるび病院 CSIRT", "Hotarubi Hospitals CSIRT"),
    "kazamidori": ("かざみどり物流", "Kazamidori Logistics", "かざみどり物流 SIRT", "Kazamidori Logistics SIRT"),
    "shiosai": ("しおさい市", "City of Shiosai", "しおさい市 情報セキュリティ班", "City of Shiosai Security Unit"),
    "meter": ("つきしろ電力", "Tsukishiro Power", "つきしろ電力 計量器 PSIRT", "Tsukishiro Power Metering PSIRT"),
    "jimukyoku": ("シーサート見本協会", "Sample CSIRT Association", "協会事務局", "Association Secretariat"),
}  # fmt: skip

_CSIRT, _MANAGER, _OPERATOR = Role.CSIRT, Role.MANAGER, Role.OPERATOR
_EXECUTIVE, _SECRETARIAT, _ADMIN = Role.EXECUTIVE, Role.SECRETARIAT, Role.ADMIN

# key → team, Japanese and English name, roles. The key is the address before the @.
PEOPLE: dict[str, tuple[str, str, str, tuple[Role, ...]]] = {
    "suzuki": ("sazanami", "鈴木", "Suzuki", (_CSIRT,)),
    "ito": ("sazanami", "伊藤", "Ito", (_CSIRT,)),
    "kimura": ("sazanami", "木村", "Kimura", (_CSIRT,)),  # leaves during the story
    "sato": ("sazanami", "佐藤", "Sato", (_MANAGER,)),
    "yamada": ("sazanami", "山田", "Yamada", (_OPERATOR,)),
    "takahashi": ("sazanami", "高橋", "Takahashi", (_OPERATOR,)),
    "tanaka": ("sazanami", "田中", "Tanaka", (_OPERATOR,)),
    "watanabe": ("sazanami", "渡辺", "Watanabe", (_EXECUTIVE,)),
    "mori": ("tsukishiro", "森", "Mori", (_CSIRT,)),
    "ishii": ("tsukishiro", "石井", "Ishii", (_MANAGER,)),
    "ogawa": ("tsukishiro", "小川", "Ogawa", (_OPERATOR,)),
    "maeda": ("tsukishiro", "前田", "Maeda", (_EXECUTIVE,)),
    "hayashi": ("asagiri", "林", "Hayashi", (_CSIRT,)),
    "shimizu": ("asagiri", "清水", "Shimizu", (_MANAGER,)),
    "ikeda": ("asagiri", "池田", "Ikeda", (_OPERATOR,)),
    "hashimoto": ("asagiri", "橋本", "Hashimoto", (_EXECUTIVE,)),
    "abe": ("hotarubi", "阿部", "Abe", (_CSIRT,)),
    "yamaguchi": ("hotarubi", "山口", "Yamaguchi", (_MANAGER,)),
    "matsumoto": ("hotarubi", "松本", "Matsumoto", (_OPERATOR,)),
    "anna": ("kazamidori", "アンナ", "Anna", (_CSIRT,)),  # reads English
    "inoue": ("kazamidori", "井上", "Inoue", (_MANAGER,)),
    "saito": ("kazamidori", "斎藤", "Saito", (_OPERATOR,)),
    "okada": ("shiosai", "岡田", "Okada", (_CSIRT,)),
    "goto": ("shiosai", "後藤", "Goto", (_MANAGER,)),
    "hasegawa": ("shiosai", "長谷川", "Hasegawa", (_OPERATOR,)),
    "fujita": ("meter", "藤田", "Fujita", (_CSIRT, _MANAGER)),
    "kobayashi": ("jimukyoku", "小林", "Kobayashi", (_SECRETARIAT, _CSIRT)),
    "nakamura": ("jimukyoku", "中村", "Nakamura", (_ADMIN,)),
}
READS_ENGLISH = frozenset({"anna"})

# key → name, name in English, purpose, teams
CIRCLES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "makers": (
        "製造の輪",
        "Makers",
        "工場の制御と物の流れを守る。つくる側と運ぶ側で、止めずに直す工夫を持ち寄る。",
        ("sazanami", "tsukishiro", "kazamidori"),
    ),
    "infrastructure": (
        "重要インフラの輪",
        "Critical infrastructure",
        "暮らしを支える事業と、その設備を納める会社で、悪用の兆しを早く知らせ合う。",
        ("sazanami", "tsukishiro", "asagiri", "hotarubi", "kazamidori", "shiosai", "meter"),
    ),
}


@dataclass(frozen=True)
class Cast:
    """Everybody, by the keys above."""

    teams: dict[str, Team]
    circles: dict[str, Circle]
    people: dict[str, Person]

    def viewer(self, key: str) -> Viewer:
        """The person with the rights of this moment of the story."""
        return viewer_for(Person.objects.get(pk=self.people[key].pk))

    def team_of(self, key: str) -> Team:
        """The team of a person."""
        return self.teams[PEOPLE[key][0]]


def gather() -> Cast:
    """Organisations, teams, circles and people, as an administrator would open them."""
    organisations: dict[str, Organisation] = {}
    teams: dict[str, Team] = {}
    for slug, (home, home_en, name, name_en) in TEAMS.items():
        if home not in organisations:
            organisations[home] = actions.open_organisation(name=home, name_en=home_en, by=SYSTEM)
        teams[slug] = actions.open_team(
            organisation=organisations[home],
            name=name,
            name_en=name_en,
            slug=slug,
            mail=f"csirt@{slug}.example",
            by=SYSTEM,
        )
    circles = {
        key: actions.open_circle(
            name=name,
            name_en=name_en,
            purpose=purpose,
            teams=[teams[slug] for slug in slugs],
            by=SYSTEM,
        )
        for key, (name, name_en, purpose, slugs) in CIRCLES.items()
    }
    people = {
        key: actions.add_person(
            mail=f"{key}@{slug}.example",
            name=f"{name}（見本）",
            name_en=f"{name_en} (sample)",
            team=teams[slug],
            roles=roles,
            language="en" if key in READS_ENGLISH else "ja",
            by=SYSTEM,
        )
        for key, (slug, name, name_en, roles) in PEOPLE.items()
    }
    return Cast(teams, circles, people)
