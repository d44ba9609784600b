"""Qualtrics: three header rows, line breaks inside questions, options in columns of their own."""

from __future__ import annotations

import csv
import io
import json

NAMES = [
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
    "ResponseId", "RecipientEmail", "UserLanguage", "Q1", "Q1_NPS_GROUP",
    "Q2_1", "Q2_2", "Q3_1", "Q3_2", "Q4", "Q5",
]  # fmt: skip
TEXTS = [
    "Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)", "Finished",
    "Response ID", "Recipient Email", "User Language",
    "How likely are you\nto recommend us,\nin points?", "How likely - Group",
    "How satisfied are you with - Price", "How satisfied are you with - Delivery, at home",
    "Where did you hear of us? - Selected Choice - Web",
    "Where did you hear of us? - Selected Choice - A friend",
    "Overall, how satisfied were you?", 'What would you "mend"?',
]  # fmt: skip
ROWS = [
    ["9", "Promoter", "5", "4", "Web", "", "Very satisfied", "said,\n\"nothing\""],
    ["10", "Promoter", "99", "3", "Web", "A friend", "Dissatisfied", "NA"],
    ["3", "Detractor", "1", "", "", "", "", ""],
]  # fmt: skip


def export(rows: list[list[str]] = ROWS, **meta: str) -> bytes:
    ids = [json.dumps({"ImportId": "startDate", "timeZone": "Asia/Seoul"})]
    ids += [json.dumps({"ImportId": f"QID{i}"}) for i in range(1, len(NAMES))]
    fixed = {
        "start": "2025-01-01 09:00:00", "end": "2025-01-01 09:05:00", "status": "IP Address",
        "ip": "203.0.113.9",
        "progress": "100", "duration": "300", "finished": "True",
    } | meta  # fmt: skip
    head = list(fixed.values())
    body = [[*head, f"R_{i}", "someone@example.org", "EN", *row] for i, row in enumerate(rows)]
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, TEXTS, ids, *body])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def test_a_draft_counts_respondents_not_lines(init) -> None:
    drafted = init("survey.csv", export())
    assert "read as qualtrics: its third record holds import ids." in drafted.said
    drafted.corrected("scale = [1, 5]", 'missing = { "99" = "dont_know" }\nscale = [1, 5]')
    assert drafted.check().exit_code == 0
    study, data = drafted.load()
    assert data.responses["respondent_id"].tolist() == ["R_0", "R_1", "R_2"]
    assert data.responses["Q1"].tolist() == [9, 10, 3]
    assert data.responses["duration_s"].tolist() == [300] * 3
    assert data.responses["language"].tolist() == ["EN"] * 3
    assert study.item("Q1").kind == "nps"
    assert study.item("Q1").label.en == "How likely are you to recommend us, in points?"
    assert study.time_zone == "Asia/Seoul"


def test_a_code_outside_the_scale_is_a_question_and_stops_the_check(init) -> None:
    drafted = init("survey.csv", export())
    assert 'kind = "rating"' in drafted.block("Q2_1")
    assert "code 99 in 1 row lies outside the scale: is it no answer?" in drafted.block("Q2_1")
    assert "missing =" not in drafted.block("Q2_1").split("# please check: code")[0]
    checked = drafted.check()
    assert checked.exit_code == 1
    assert "question 'Q2_1': undeclared code 99 in 1 row." in checked.stderr


def test_options_in_columns_of_their_own_are_one_question(init) -> None:
    drafted = init("survey.csv", export([ROWS[0], ROWS[1], [*ROWS[2][:2], "1", *ROWS[2][3:]]]))
    drafted.corrected(
        "scale = [1, 5]  # please check: the ends", 'missing = { "99" = "refused" }\nscale = [1, 5]#'
    )
    study, data = drafted.load()
    assert dict(study.item("Q3").columns) == {"web": "Q3_1", "a_friend": "Q3_2"}
    assert study.item("Q3").options["a_friend"].en == "A friend"
    assert data.responses["Q3.web"].tolist()[:2] == [1, 1]
    assert data.responses["Q3.a_friend"].tolist()[:2] == [0, 1]
    assert data.missing["Q3"].tolist() == ["", "", "no_answer"]


def test_words_of_a_known_scale_become_codes_with_their_labels(init) -> None:
    drafted = init("survey.csv", export())
    assert 'kind = "csat"' in drafted.block("Q4")
    assert '"5" = "Very satisfied"' in drafted.block("Q4")
    written = list(csv.DictReader(io.StringIO((drafted.folder / "raw/responses.csv").read_text("utf-8"))))
    assert [row["Q4"] for row in written] == ["5", "2", ""]
    assert written[0]["Q5"] == 'said,\n"nothing"'
    assert written[1]["Q5"] == "NA"


def test_columns_about_persons_are_not_carried_over(init) -> None:
    drafted = init("survey.csv", export())
    assert "left out, because they name people: IPAddress, RecipientEmail" in drafted.said
    every = "".join(p.read_text("utf-8") for p in drafted.folder.rglob("*") if p.is_file())
    assert "203.0.113.9" not in every
    assert "someone@example.org" not in every


def test_previews_and_unfinished_answers_are_counted_and_kept(init) -> None:
    drafted = init("survey.csv", export(status="Survey Preview", finished="False"))
    assert "# please check: 3 rows of previews or tests, kept: where = { Status = [...] }" in drafted.text
    assert "# please check: 3 rows unfinished, kept: where = { Finished = [...] }" in drafted.text


def test_a_cut_export_and_one_without_answers_are_refused(refused) -> None:
    whole = export()
    assert "is damaged" in refused("survey.csv", whole[: whole.rindex(b"said") + 6])
    assert "1 record not as long as the header" in refused("cut.csv", whole[: whole.rindex(b"R_2")])
    assert "has header rows but no answers" in refused("none.csv", export([]))
    assert "has no third header row" in refused("other.csv", "a,b\n1,2\n", "--as", "qualtrics")
