"""How well a student does, from study habits and the use of AI: regression of `final_score`."""

from omloop import Column, Number, Project, Table, models

from .simulate import GENDERS, GRADES, PURPOSES, TOOLS, simulate

IGNORED = {
    "student_id": "it is a row number, which says nothing about a student",
    "passed": "it is computed from final_score (at least 40), so it would leak the target",
    "performance_category": "it is computed from final_score (50 and 75 divide it), so it would leak the target",
}

inputs = Table(
    columns=(
        Column("age", "integer", low=14, high=24, unit="years"),
        Column("gender", "category", categories=GENDERS),
        Column("grade_level", "category", categories=GRADES, description="School grade, or year of study."),
        Column("study_hours_per_day", "number", low=0.5, high=6, unit="h"),
        Column("uses_ai", "integer", low=0, high=1, description="1 for a student who says that they use AI."),
        Column("ai_usage_time_minutes", "integer", low=0, high=179, unit="min", description="A day."),
        Column("ai_tools_used", "category", categories=TOOLS, description="The word None is one of the answers."),
        Column("ai_usage_purpose", "category", categories=PURPOSES, description="The word None is one of the answers."),
        Column("ai_dependency_score", "integer", low=1, high=10),
        Column(
            "ai_generated_content_percentage",
            "integer",
            low=0,
            high=100,
            unit="%",
            description="Share of the work handed in that AI wrote, from 0 to 100 (not from 0 to 1).",
        ),
        Column("ai_prompts_per_week", "integer", low=0, high=119),
        Column("ai_ethics_score", "integer", low=1, high=10),
        Column("last_exam_score", "integer", low=20, high=99, unit="points"),
        Column("assignment_scores_avg", "number", low=30, high=100, unit="points"),
        Column("attendance_percentage", "number", low=40, high=100, unit="%"),
        Column("concept_understanding_score", "integer", low=1, high=10),
        Column("study_consistency_index", "number", low=1, high=10),
        Column("improvement_rate", "number", low=-20, high=40, unit="%"),
        Column("sleep_hours", "number", low=4, high=9, unit="h", description="A night."),
        Column("social_media_hours", "number", low=0, high=6, unit="h", description="A day."),
        Column("tutoring_hours", "number", low=0, high=5, unit="h", description="A week."),
        Column("class_participation_score", "integer", low=1, high=10),
    ),
    refused={**IGNORED, "final_score": "it is the target, which the model predicts"},
)

project = Project(
    name="student_performance",
    summary="Predicts a student's final score from study habits and the use of AI.",
    inputs=inputs,
    outputs=Number("final_score", unit="points", low=0, high=100),
    target="final_score",
    models={
        "mean": models.baseline(),
        "linear": models.linear(),
        "boosting": models.boosting(leaves=3),  # few leaves, because the score is nearly additive
        "mlp": models.mlp(),
    },
    baseline="mean",
    simulate=simulate,
    ignored=IGNORED,
    slices=("grade_level", "gender"),
)
