"""A pass here is a pass in the course, question by question."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.course.oracle import ASKED, USUAL, oracle, oracle_answers
from tests.report.course.synthetic import PICTURE, report, words

from omloop.report.course import LIMITS, document_of, judge, log_lines

PARTS = ["Answer:", "Answer :", "##", "###", "#", PICTURE, "![", "](", ")", "```", "> ", "---", "<img src=a>", "one"]
PARTS += ["two words ", "\n", "\n\n", "\r\n", "\r", " ", "\t", "\x0b", "\x1c", "\x85", "\xa0", "\u200b", "\u2028", "|"]
FRAGMENTS = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)
INSIDE = st.lists(st.sampled_from([one for one in PARTS if "##" not in one]), max_size=40).map("".join)
LENGTHS = st.sampled_from([0, 1, 49, 50, 51, 99, 100, 101, 199, 200, 201, 299, 300, 301, 399, 400, 401]).map(words)


def judged(text: str, year: str = "2026") -> tuple[list[str], int]:
    found = judge(document_of(text).answers, LIMITS[year])
    return [failure for one in found for failure in one.failures], sum(one.passed for one in found)


@given(FRAGMENTS)
def test_any_text_is_cut_as_the_checker_cuts_it(text: str) -> None:
    document = document_of(text)
    expected = oracle_answers(document.text) if document.pieces else []
    assert [one.text.strip("\n") for one in document.answers] == expected


@given(
    st.dictionaries(st.integers(1, 31), st.tuples(LENGTHS, INSIDE).map(" ".join), max_size=6),
    st.sampled_from(list(LIMITS)),
)
def test_any_report_gets_the_verdicts_of_the_checker(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[int, str], year: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.md"
    path.write_bytes(report(answers).encode())
    try:
        expected = oracle(path, year)
    except ValueError:
        assert len(document_of(path.read_bytes().decode()).answers) != 31
    else:
        assert judged(path.read_bytes().decode(), year) == expected


@pytest.mark.parametrize("number", range(1, 32))
def test_each_question_takes_its_limits_and_nothing_beside_them(number: int) -> None:
    asked = {what: (low, high) for what, low, high in ASKED.get(number, [USUAL])}
    low, high = asked.get("words", (0, 10_000))
    least, most = asked.get("screenshots", (0, 9))
    for count in {0, 99, 100, 200, 201, low - 1, low, high, high + 1} - {-1, 10_001}:
        pictures = min(least, count)
        text = "\n".join([words(count - pictures), *[PICTURE] * pictures])
        assert judged(report({number: text}))[1] == 30 + (low <= count <= high and pictures == least)
    for pictures in range(5):
        text = "\n".join([words(max(low - pictures, 0)), *[PICTURE] * pictures])
        assert judged(report({number: text}))[1] == 30 + (least <= pictures <= most)


def test_the_third_question_is_another_in_2025() -> None:
    for count, passes in ((0, False), (99, False), (100, True), (200, True), (201, False)):
        assert judged(report({3: words(count)}), "2025")[1] == 30 + passes
        assert judged(report({3: words(count)}))[1] == 30 + (count <= 200)


def test_the_last_question_is_another_in_the_first_template_of_2025() -> None:
    for count, passes in ((49, False), (50, True), (200, True), (201, False)):
        assert judged(report({31: words(count)}, year="2025-first"), "2025-first")[1] == 30 + passes


def test_two_faults_of_one_question_are_two_warnings_and_one_failure() -> None:
    warnings, passed = judged(report({14: "nothing"}))
    assert passed == 30 and [" ".join(one.split()[7:11]) for one in warnings] == [
        "words to be between",
        "screenshots to be between",
    ]


def test_an_untouched_template_passes_four_questions_and_in_2025_three() -> None:
    blank = {number: f"--- question {number} fill here ---" for number in range(1, 32)}
    assert judged(report(blank))[1] == 4
    assert judged(report(blank, year="2025"), "2025")[1] == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_picture_ends_with_its_line_whatever_ends_that(end: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(report({19: f"![over{end}two lines](a.png)"}).encode())
    assert judged((tmp_path / "a.md").read_bytes().decode()) == oracle(tmp_path / "a.md")
    assert oracle(tmp_path / "a.md")[1] == 30


def test_windows_ends_of_lines_change_nothing() -> None:
    text = report({5: words(99), 9: "a\n\n" + words(99), 19: PICTURE + "\n" + PICTURE})
    assert judged(text.replace("\n", "\r\n")) == judged(text) == judged(text.replace("\n", "\r"))


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (f"--- {words(98)} ---", 100),
        (f"> {words(99)}", 100),
        (f"{words(100)}\n## Sub\n{words(50)}", 100),
        (f"{words(98)}\n```bash\n## a comment\n```\n{words(50)}", 99),
        (f"{words(50)} issue ##12 {words(50)}", 51),
        (f"{words(50)}\n#### Deep\n{words(50)}", 50),
        (f"{words(300)} Answer: {words(100)}", 100),
        (f"{words(98)} # no", 100),
        (f"| a | b |\n{words(95)}", 100),
        (f"{words(99)} ![two words](a b.png)", 102),
    ],
)
def test_what_counts_as_a_word(answer: str, count: int) -> None:
    found = judge(document_of(report({5: answer})).answers, LIMITS["2026"])[4]
    assert found.words == count and found.passed == (100 <= count <= 200)


def test_the_last_answer_goes_on_to_the_end_of_the_file() -> None:
    warnings, _ = judged(report() + "\n## Appendix\n" + words(300))
    assert warnings == ["Question 31 failed check. Expected number of words to be between 50 and 300 but got 352"]


def test_the_lines_look_as_the_course_counts_them() -> None:
    found = judge(document_of(report({5: "short"})).answers, LIMITS["2026"])
    warning, last = log_lines(found, datetime(2026, 1, 20, 10, 0, 0, 7000))
    sentence = "Question 5 failed check. Expected number of words to be between 100 and 200 but got 1"
    assert warning == f"2026-01-20 10:00:00.007 | WARNING  | __main__:check:{found[4].line} - {sentence}"
    assert last.endswith("- Total number of questions passed: 30/31") and "WARNING" not in last


def test_a_line_is_where_the_answer_begins() -> None:
    text = report({5: "here it is"})
    assert text.split("\n")[judge(document_of(text).answers, LIMITS["2026"])[4].line - 1] == "here it is"


def test_five_megabytes_are_judged(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text(report({30: words(1_000_000), 8: "![" * 300_000}))
    assert judged((tmp_path / "long.md").read_text())[0][-1].endswith("between 200 and 400 but got 1000000")
