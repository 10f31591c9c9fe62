"""Students of a known truth, in the 26 columns of the real file."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

GENDERS = ("Female", "Male", "Other")
GRADES = ("10th", "11th", "12th", "1st Year", "2nd Year", "3rd Year")
TOOLS = ("None", "ChatGPT", "Gemini", "Claude", "Copilot", "ChatGPT+Gemini")
PURPOSES = ("None", "Notes", "Homework", "Coding", "Doubt Solving", "Exam Prep")

INTERCEPT = 5.0
NOISE = 5.0


def simulate(rows: int, seed: int, drift: float) -> dict[str, Any]:
    """Generate `rows` students; `drift` from 0 to 1 is the share who belong to a later cohort.

    Columns are independent and uniform over their ranges, as in the real file, and the truth is the plane that fits
    it (R2 0.86): final_score = 5 + 0.40 last_exam_score + 0.30 assignment_scores_avg + 2 concept_understanding_score
    - 0.05 ai_generated_content_percentage + noise of 5 points, rounded to 0.1 and kept from 0 to 100.

    In the later cohort AI writes most of the work: ai_generated_content_percentage is uniform from 70 to 100,
    ai_usage_time_minutes from 110 to 179, assignment_scores_avg from 65 to 100 (covariates). Such assignments say
    little and cost understanding (concept): their weight falls to 0.10 for what lies above 65, each per cent of AI
    content above 70 costs 0.30 points more, and the last exam weighs 0.45. In the earlier cohort 5 % of students live
    in that same corner by chance, and for them the first plane holds.

    The same arguments give the same students; for one seed, who moves at a small drift also moves at a larger one.
    """
    random = np.random.default_rng(seed)
    columns = _habits(rows, random)
    noise, moves = random.normal(0.0, NOISE, rows), random.random(rows) < drift
    later = _later(rows, random)
    columns |= {name: np.where(moves, values, columns[name]) for name, values in later.items()}
    score = np.where(moves, _later_truth(columns), _truth(columns)) + noise
    return _ordered(columns, np.clip(score, 0.0, 100.0).round(1))


def _habits(rows: int, random: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Every feature of the earlier cohort, in the file's order."""

    def whole(low: int, high: int) -> NDArray[np.int64]:
        return random.integers(low, high + 1, rows)

    def tenths(low: float, high: float) -> NDArray[np.float64]:
        return random.uniform(low, high, rows).round(1)

    return {
        "age": whole(14, 24),
        "gender": random.choice(GENDERS, rows, p=(0.475, 0.49, 0.035)),
        "grade_level": random.choice(GRADES, rows),
        "study_hours_per_day": tenths(0.5, 6),
        "uses_ai": (random.random(rows) < 0.64).astype(np.int64),
        "ai_usage_time_minutes": whole(0, 179),
        "ai_tools_used": random.choice(TOOLS, rows),
        "ai_usage_purpose": random.choice(PURPOSES, rows),
        "ai_dependency_score": whole(1, 10),
        "ai_generated_content_percentage": whole(0, 100),
        "ai_prompts_per_week": whole(0, 119),
        "ai_ethics_score": whole(1, 10),
        "last_exam_score": whole(20, 99),
        "assignment_scores_avg": tenths(30, 100),
        "attendance_percentage": tenths(40, 100),
        "concept_understanding_score": whole(1, 10),
        "study_consistency_index": tenths(1, 10),
        "improvement_rate": tenths(-20, 40),
        "sleep_hours": tenths(4, 9),
        "social_media_hours": tenths(0, 6),
        "tutoring_hours": tenths(0, 5),
        "class_participation_score": whole(1, 10),
    }


def _later(rows: int, random: np.random.Generator) -> dict[str, NDArray[Any]]:
    """The features that the later cohort has otherwise."""
    return {
        "ai_generated_content_percentage": random.integers(70, 101, rows),
        "ai_usage_time_minutes": random.integers(110, 180, rows),
        "assignment_scores_avg": random.uniform(65, 100, rows).round(1),
    }


def _truth(columns: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    plane: NDArray[np.float64] = (
        INTERCEPT
        + 0.40 * columns["last_exam_score"]
        + 0.30 * columns["assignment_scores_avg"]
        + 2.00 * columns["concept_understanding_score"]
        - 0.05 * columns["ai_generated_content_percentage"]
    )
    return plane


def _later_truth(columns: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    above = columns["assignment_scores_avg"] - 65
    written = columns["ai_generated_content_percentage"] - 70
    return _truth(columns) - 0.20 * above - 0.30 * written + 0.05 * (columns["last_exam_score"] - 60)


def _ordered(columns: dict[str, NDArray[Any]], score: NDArray[np.float64]) -> dict[str, Any]:
    """The 26 columns in the file's order, texts as plain texts, and what the file derives from the score."""
    features = {name: values.tolist() if values.dtype.kind == "U" else values for name, values in columns.items()}
    return {
        "student_id": np.arange(1, len(score) + 1),
        **features,
        "final_score": score,
        "passed": (score >= 40).astype(np.int64),
        "performance_category": np.select([score <= 50, score <= 75], ["Low", "Medium"], "High").tolist(),
    }
