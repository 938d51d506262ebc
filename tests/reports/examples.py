"""How the doors of this area are tried: reports."""

from __future__ import annotations

from tests.harness.doors import API, Example, Write, at, by_program, each, id_of, today

REPORT = "reports/<public_id>"
REPORTS = each("report", "public_id")

EXAMPLES: dict[str, Example] = {
    "reports/": Example(),
    "reports/new": Example(
        write=Write(
            body=lambda made: {
                "team": id_of(made, "team a"),
                "period": "month",
                "from_on": "",
                "to_on": "",
                "title": "",
                "note": "月次",
            },
            refers={"team": "team"},
        )
    ),
    REPORT: Example(REPORTS),
    f"{REPORT}/report.pdf": Example(REPORTS, slow=True),
    f"{REPORT}/issue": Example(REPORTS, write=Write("mana", at(public_id="report draft"))),
    f"{REPORT}/discard": Example(REPORTS, write=Write(at=at(public_id="report draft"))),
    f"GET {API}reports": Example(),
    f"GET {API}reports/<report_id>": Example(each("report", "report_id")),
    f"POST {API}reports": Example(
        write=by_program(
            body=lambda made: {
                "team": id_of(made, "team a"),
                "from_on": today(),
                "to_on": today(),
                "note": "月次",
            },
            allowed=("token alice", "token mana"),
            refers={"team": "team"},
        )
    ),
    f"POST {API}reports/<report_id>/issue": Example(
        each("report", "report_id"),
        write=by_program(
            at(report_id="report draft"), by="token mana", allowed=("token alice", "token mana")
        ),
    ),
    f"DELETE {API}reports/<report_id>": Example(
        each("report", "report_id"),
        write=by_program(at(report_id="report draft"), allowed=("token alice", "token mana")),
    ),
    f"GET {API}reports/<report_id>/pdf": Example(each("report", "report_id"), slow=True),
}
