"""Everyday words on a page name nobody, though somebody may be called so."""

import pandas as pd

from coterie.disclosure import find_leaks, identifier_tokens, words_found
from coterie.runner.publishing.own_words import own_words
from coterie.study import STAGES, Study

FILES = [{"path": "export_ana_b99.csv", "platform": "friendster"}]
BLOCKS = {stage: {} for stage in STAGES} | {"02_sourcing": {"files": FILES, "source": "in/carla99"}}
STUDY = Study("s", "Who buys mugs?", None, BLOCKS, {}, None, "", 1, 1, everyday_words=("Kiln",))


def known(*handles):
    vault = pd.DataFrame({"kind": "handle", "identifier": list(handles)})
    return identifier_tokens(vault, common=own_words(STUDY))


def test_words_of_platforms_interests_and_settings_pass_and_handles_do_not():
    words = ["instagram", "fitness", "travel", "friendster", "kiln"]
    identifiers = known(*words, "ana_b99", "carla99")
    assert find_leaks(f"we saw {' '.join(words)}", identifiers) == []
    assert find_leaks("we saw @fitness", identifiers) == ["handle"]
    for person in ("ana_b99", "carla99"):  # files may be called after a person
        assert find_leaks(f"we saw {person}", identifiers) == ["handle"]


def test_which_word_it_was_can_be_told_to_the_owner():
    assert words_found("seen: ana_b99 and fitness", known("ana_b99", "fitness")) == ["ana_b99"]
