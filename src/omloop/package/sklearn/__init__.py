"""Estimators of scikit-learn as graphs."""
