"""The words shown for a topic are those that weigh, whichever way a topic is asked for."""

import numpy as np

from langnghe.core.types import Item
from nlp.evidence import Evidence
from nlp.features import Vocabulary, names, view
from nlp.lexicon import taxonomy
from nlp.models import LinearModels, head_names

ITEM = Item(
    id="1",
    title="Chợ phiên Lùng Vảng đông khách",
    text="Bà con xuống chợ phiên mua khoai lang, đón gió lạnh đầu mùa.",
)
TOPICS = taxonomy().topics


def model(weights: dict[str, dict[str, float]]) -> LinearModels:
    """Return a model that knows a few words, each with its weight for some topics."""
    words, heads = sorted(weights), head_names(TOPICS)
    coef = np.zeros((len(words), len(heads)), dtype=np.float32)
    for row, word in enumerate(words):
        for topic, weight in weights[word].items():
            coef[row, heads.index(f"topic:{topic}")] = weight
    flat = np.zeros(len(heads), dtype=np.float32)
    return LinearModels(
        vocabulary=Vocabulary(words, np.ones(len(words), dtype=np.float32)),
        topics=TOPICS,
        coef=coef,
        bias=flat,
        slope=flat + 1,
        shift=flat,
        phrase_weight=np.zeros(len(TOPICS), dtype=np.float32),
        thresholds={},
        lexicon_version="",
    )


def test_the_heaviest_words_come_first_and_each_topic_has_its_own() -> None:
    first, second = TOPICS[:2]
    known = model(
        {
            "~khoai lang": {first: 3.0},
            "~gio": {first: 2.0, second: -4.0},
            "~t:khach": {second: 2.5},
            "~mua": {second: 0.1},
            "~ba": {first: 9.0},  # of two letters: says nothing alone
        }
    )
    seen = view(ITEM, taxonomy())
    asked = Evidence(seen, names(seen), known, ITEM.full_text)
    assert asked.of(first) == ("khoai lang", "gió")
    assert asked.of(second) == ("khách",)


def test_what_the_shield_hides_is_no_evidence() -> None:
    topic = TOPICS[0]
    known = model({"~khoai lang": {topic: 3.0}})
    seen = view(ITEM, taxonomy())
    assert Evidence(seen, names(seen), known, "Bà con xuống chợ.").of(topic) == ()
