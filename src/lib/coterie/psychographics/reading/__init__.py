"""Reading posts: from text to probabilities.

selection (which posts), texts (what the model sees, and the language), encoder and heads (one
network, many readings), classifiers (whole networks of Hugging Face's form), reader (nothing is
read twice), calibration (which label to choose).
"""
