"""Measuring what a project serves: under load, by settings, from outside, and where its time goes."""
