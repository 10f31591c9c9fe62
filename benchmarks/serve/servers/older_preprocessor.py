"""What a service of a table does before its network: python older_preprocessor.py folder"""

import json
import sys
from pathlib import Path

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = [
    "study_hours_per_day",
    "attendance_percentage",
    "sleep_hours",
    "social_media_hours",
    "ai_usage_time_minutes",
    "ai_generated_content_percentage",
]
GRADE = "grade_level"
GRADES = ["10th", "11th", "12th", "1st Year", "2nd Year", "3rd Year"]

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    frame = pd.DataFrame([{**dict.fromkeys(NUMBERS, float(index)), GRADE: grade} for index, grade in enumerate(GRADES)])
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    made = ColumnTransformer([("numbers", StandardScaler(), NUMBERS), ("grade", one_hot, [GRADE])]).fit(frame)
    joblib.dump(made, folder / "preprocessor.joblib")
    (folder / "columns.json").write_text(json.dumps([*NUMBERS, GRADE]))
