"""Surveys of a part of the people.

raking (weights that make those asked look like the population), imputation (answers of the others).
"""
