"""Reading posts: from text to probabilities.

selection (which posts), texts (what the model sees), languages (what it can read), cards (what is
known of a head, and which label is chosen), encoder and heads (one network, many readings),
packing (the same network laid out for the processor),
classifiers (whole networks of Hugging Face's form), reader (nothing is read twice), calibration
(which label to choose).
"""
