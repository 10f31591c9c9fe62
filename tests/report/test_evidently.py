import numpy as np
import pytest

WORDS = {"age": (), "sex": ("f", "m")}


def test_the_real_library_draws_its_page_of_the_same_rows() -> None:
    pytest.importorskip("evidently", reason="needs omloop[evidently]")
    from omloop.report.evidently import evidently_page

    draw = np.random.default_rng(0)
    reference = {"age": draw.normal(20, 2, 200), "sex": draw.integers(0, 2, 200).astype(float)}
    live = {
        "age": np.append(draw.normal(25, 2, 299), np.nan),
        "sex": np.array([0.0, 7.0, np.nan] * 100),
        "more": np.zeros(300),
    }
    page = evidently_page(reference, live, WORDS).decode()
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert "Dataset Drift is detected" in page and len(page) < 20_000_000
