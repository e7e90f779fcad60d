"""Reading posts: from text to labels and traits.

texts (what the model sees, and the language), encoder and heads (one network, many readings),
classifiers (whole networks of Hugging Face's form), reader (nothing is read twice), calibration
(which label to choose), labels (posts and people), labelling (a study's own sheet of labels).
"""
