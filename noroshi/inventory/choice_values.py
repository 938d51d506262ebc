"""The words that lists use for exposure, criticality and environment, and their stored values."""

from __future__ import annotations

from noroshi.inventory.models import Criticality, Environment, Exposure
from noroshi.inventory.products import normal

_WORDS: dict[str, dict[str, str]] = {
    "exposure": {
        Exposure.INTERNET: "internet|public|external|dmz|インターネット|公開|外部|社外",
        Exposure.PARTNER: "partner|partners|extranet|取引先|パートナー|関係会社|協力会社",
        Exposure.INTERNAL: "internal|intranet|internal network|lan|社内|内部|社内網|イントラ",
        Exposure.ISOLATED: "isolated|air gap|air-gapped|offline|隔離|閉域|閉域網|分離|スタンドアロン",
    },
    "criticality": {
        Criticality.LOW: "low|1|低|小",
        Criticality.MEDIUM: "medium|moderate|middle|2|中",
        Criticality.HIGH: "high|3|高|大",
        Criticality.VERY_HIGH: "very high|critical|highest|4|最高|非常に高い|最重要|特大",
    },
    "environment": {
        Environment.PRODUCTION: "production|prod|prd|live|本番|本番環境|商用",
        Environment.STANDBY: "standby|dr|disaster recovery|待機|予備|待機系|災対",
        Environment.STAGING: "staging|stage|stg|test|qa|検証|検証環境|ステージング|試験",
        Environment.DEVELOPMENT: "development|dev|開発|開発環境",
    },
}
_VALUES = {
    field: {normal(word): value for value, words in meanings.items() for word in words.split("|")}
    for field, meanings in _WORDS.items()
}


def choice_value(field: str, text: str) -> str:
    """The stored value that ``text`` means in one of the three fields, else empty."""
    return _VALUES[field].get(normal(text), "")
