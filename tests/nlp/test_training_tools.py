"""The tools that make the encoder anew, as far as they need neither torch nor onnx.

What needs them is tried by ``python -m nlp.training.tune --smoke``.
"""

from __future__ import annotations

import gzip
import json
import struct
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from langnghe.core.errors import InputError
from langnghe.core.types import Item
from nlp.encoder import MOST_PIECES, written
from nlp.labels import Labelled
from nlp.lexicon import taxonomy
from nlp.models import LinearModels, head_names
from nlp.training.archive import archive_items, comment_id
from nlp.training.base import named, unpack
from nlp.training.export import prune
from nlp.training.join import join, read_labels
from nlp.training.lesson import Showing, answers, batches, rarity, shown
from nlp.training.soft import Apart, Quota, choose, soft_answers
from nlp.training.vocabulary import choose_pieces, count_pieces, fewer_pieces
from nlp.training.vsfc import blend, read_part

TOPICS = taxonomy().topics
HEADS = head_names(TOPICS)
POISONED = "Hơn 40 học sinh Trường Tiểu học Suối Mơ nhập viện sau bữa ăn bán trú"
UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"


def article(identity: str, title: str = POISONED, text: str = "", kind: str = "news") -> Item:
    return Item(id=identity, kind=kind, title=title, text=text)


def small_tokenizer() -> str:
    words = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁học", "▁sinh", "a", "▁sparse", "▁trường"]
    tokenizer = Tokenizer(models.Unigram([(word, -float(at)) for at, word in enumerate(words)], 3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.enable_truncation(3)
    return str(tokenizer.to_str())


@pytest.fixture
def archives(tmp_path: Path) -> list[Path]:
    """Write an archive of news, one of comments and the articles those stand under."""
    news = tmp_path / "news.jsonl.gz"
    with gzip.open(news, "wt", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "n1", "title": POISONED, "text": "Đang theo dõi."}) + "\n")
        stream.write("{broken\n")
        stream.write(json.dumps({"id": "n1", "title": "Một bản khác", "text": "x"}) + "\n")
    comments = tmp_path / "comments.jsonl"
    lines = [
        {"commentId": UUID, "postId": "7", "text": "Mong các con sớm khỏe", "date": "2025-01-02"},
        {"commentId": "ffff", "postId": "8", "text": "Bài này không còn"},
    ]
    comments.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    articles = tmp_path / "articles.jsonl"
    articles.write_text(json.dumps({"postId": 7, "title": POISONED}), encoding="utf-8")
    return [news, comments, articles]


def test_labels_get_their_texts_from_archives_of_both_shapes(
    archives: list[Path], tmp_path: Path
) -> None:
    labels = tmp_path / "labels.tsv"
    rows = (
        f"{comment_id(UUID)}\tv\t0\tan_toan_thuc_pham,khac\t1", "gone\tn\t0\t.\t0",
        "n1\tv\t-\tan_toan_thuc_pham\t3",
    )  # fmt: skip
    labels.write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nlp.training.join", "--labels", str(labels), *map(str, archives)],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    comment, news = map(json.loads, done.stdout.splitlines())
    assert (comment["kind"], comment["title"]) == ("comment", POISONED)
    assert comment["topics"] == ["an_toan_thuc_pham", "khac"]
    assert (news["title"], news["sentiment"], news["risk"]) == (POISONED, "neg", 3)
    assert "2 rows joined, 1 ids not found" in done.stderr


@pytest.mark.parametrize(
    "line",
    ["a\tv\t0\t.", "a\tx\t0\t.\t0", "a\tv\t?\t.\t0", "a\tv\t0\tno_such\t0", "a\tv\t0\t.\t4",
     "a\tv\t0\t.\t", "\tv\t0\t.\t0", "b\tn\t0\t.\t0"],
)  # fmt: skip
def test_a_label_that_is_not_one_is_named_by_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(f"b\tn\t0\t.\t0\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="Dòng 2 "):
        read_labels(path)


def test_the_shipped_labels_are_good() -> None:
    told = read_labels()
    assert len(told) > 2000
    assert all(row["about_education"] or not row["topics"] for row in told.values())
    joined = join(told, [{"id": next(iter(told)), "title": "t", "text": "x"}])
    assert (len(joined.rows), len(joined.missing)) == (1, len(told) - 1)


def test_archives_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b'{"id": "a", "title": "t"}\n' * 99)[:-12])
    for path in (cut, tmp_path / "nowhere.jsonl"):
        with pytest.raises(InputError, match="Không đọc được kho"):
            list(archive_items([path]))


def test_fewer_pieces_spell_kept_words_as_before() -> None:
    whole = small_tokenizer()
    fewer = Tokenizer.from_str(fewer_pieces(whole, [0, 1, 2, 3, 4, 5, 6, 7, 9]))
    full = Tokenizer.from_str(whole)
    full.no_truncation()
    assert fewer.encode("học sinh trường").tokens == full.encode("học sinh trường").tokens
    assert fewer.encode("học sinh trường").ids == [0, 5, 6, 8, 2]
    assert "sparse" not in fewer.to_str()


def test_pieces_are_chosen_by_use_but_letters_always_stay() -> None:
    tokenizer = Tokenizer.from_str(small_tokenizer())
    tokenizer.no_truncation()
    counts = count_pieces(tokenizer, ["học sinh", "học"])
    assert counts[5] == 2  # the copies without marks are not these words
    pieces = [str(tokenizer.id_to_token(at)) for at in range(tokenizer.get_vocab_size())]
    keep, covered = choose_pieces(pieces, counts, 7)
    assert keep == [0, 1, 2, 3, 4, 5, 7]  # specials, «▁» and «a» always; one place left for «học»
    assert 0 < covered < 1
    assert choose_pieces(pieces, counts, 99)[1] == 1.0


def test_a_tuned_state_is_cut_to_the_pieces_named() -> None:
    spelling = small_tokenizer()
    words = np.arange(10.0)[:, None] * np.ones((1, 2))
    state = {"word.weight": words, "pos.weight": np.zeros((300, 2)), "ln.bias": np.ones(2)}
    cut, fewer = prune(state, spelling, [9, 5])
    assert cut["word.weight"][:, 0].tolist() == [0, 1, 2, 3, 5, 9]
    assert len(cut["pos.weight"]) == MOST_PIECES
    assert Tokenizer.from_str(fewer).encode("trường").ids[1] == 5
    with pytest.raises(InputError):
        prune(state, spelling, [10])
    with pytest.raises(InputError):
        prune({**state, "word.weight": words[:4]}, spelling, [])


def packed(arrays: dict[str, tuple[np.ndarray[Any, Any], bool]], pieces: int = 2) -> bytes:
    """Write arrays as the base package packs them: plain, or 4 bits in blocks of 32."""
    head = b"signatur" + struct.pack("<7i", 32, 1, 12, 64, 3, 4, 2) + struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5i", pieces, 0, 2, 1, 3) + struct.pack("<Q", 5)
    head += bytes(4 * (pieces + 1) + 4 * pieces) + b"piece" + struct.pack("<iI", 1, 3) + b"nrm"
    head += struct.pack("<i", len(arrays))
    blobs = []
    for values, small in arrays.values():
        if small:
            q = (values.reshape(-1, 32) + 8).astype(np.uint8)
            scale = np.full((len(q), 1), 1.0, np.float16).view(np.uint8).reshape(-1, 2)
            blobs.append(np.hstack([scale, q[:, :16] | (q[:, 16:] << 4)]).tobytes())
        else:
            blobs.append(values.astype(np.float32).tobytes())
    entry = [len(name.encode()) + 2 + 1 + 20 for name in arrays]
    at = len(head) + sum(entry)
    directory = b""
    for (name, (values, _)), blob in zip(arrays.items(), blobs, strict=True):
        directory += struct.pack("<H", len(name)) + name.encode() + b"\x01"
        directory += struct.pack("<IQQ", values.size, at, len(blob))
        at += len(blob)
    return head + directory + b"".join(blobs)


def test_packed_weights_come_out_as_they_went_in() -> None:
    dice = np.random.default_rng(1)
    shapes = {"q": (32, 32), "k": (32, 32), "v": (32, 32), "ao": (32, 32), "fi": (64, 32)}
    arrays: dict[str, tuple[np.ndarray[Any, Any], bool]] = {
        f"l0.{part}.w": (dice.integers(-8, 8, shape), True)
        for part, shape in {**shapes, "fo": (32, 64)}.items()
    }
    for part, size in {"q": 32, "k": 32, "v": 32, "ao": 32, "fi": 64, "fo": 32}.items():
        arrays[f"l0.{part}.b"] = (dice.random(size), False)
    for part in ("aln", "oln"):
        arrays[f"l0.{part}.w"] = arrays[f"l0.{part}.b"] = (np.ones(32), False)
    for part, rows in {"word": 3, "pos": 4, "type": 2}.items():
        arrays[f"emb.{part}"] = (dice.integers(-8, 8, (rows, 32)), True)
    arrays["emb.ln.w"] = arrays["emb.ln.b"] = (np.ones(32), False)
    out = named(unpack(packed(arrays)), [2, 0], 1)
    assert (out["word.weight"] == arrays["emb.word"][0][[2, 0]]).all()
    assert (out["pos.weight"] == arrays["emb.pos"][0] + arrays["emb.type"][0][0]).all()
    assert (out["layers.0.fo.weight"] == arrays["l0.fo.w"][0]).all()
    stacked = np.vstack([arrays[f"l0.{part}.w"][0] for part in "qkv"])
    assert (out["layers.0.qkv.weight"] == stacked).all()


def test_a_row_answers_only_what_it_was_asked() -> None:
    row = Labelled(
        item=article("1"), about_education=True, scope="vn", sentiment="neg",
        topics=frozenset({"an_toan_thuc_pham"}), topics_ok=frozenset({"co_so_vat_chat"}), risk=2,
    )  # fmt: skip
    told = dict(zip(HEADS, answers(row, TOPICS), strict=True))
    assert (told["education"], told["foreign"], told["sentiment:neg"]) == (1, 0, 1)
    assert (told["topic:an_toan_thuc_pham"], told["topic:khac"]) == (1, 0)
    assert np.isnan(told["topic:co_so_vat_chat"])
    assert [told[f"risk>={level}"] for level in (1, 2, 3)] == [1, 1, 0]
    other = Labelled(article("2"), False, "n/a", None, frozenset(), frozenset(), None)
    told = dict(zip(HEADS, answers(other, TOPICS), strict=True))
    assert told.pop("education") == 0
    assert all(np.isnan(value) for value in told.values())


def test_items_are_shown_as_they_will_be_read() -> None:
    long = "Nhà trường đã báo cáo phòng giáo dục và phối hợp với trạm y tế phường " * 9
    dice = Random(3)  # noqa: S311
    news, comment = article("1", text=long), article("2", text=long, kind="comment")
    assert shown(news, Showing(noised=0), dice) == written(news)
    for item in (news, comment):
        title, text = shown(item, Showing(noised=0, alone=1), dice)
        assert title == "bình luận: "
        assert text in (written(item)[1], POISONED)
    short = article("3", text="Thương quá", kind="comment")
    assert shown(short, Showing(noised=0, alone=1), dice) == written(short)
    title, text = shown(news, Showing(noised=1), dice)
    assert title.startswith("tin: ")
    assert (title, text) != written(news)


def test_batches_hold_every_row_once_and_rows_of_like_length() -> None:
    dice = Random(2)  # noqa: S311
    lengths = [dice.randint(1, 90) for _ in range(101)]
    made = batches(lengths, 8, dice)
    assert sorted(at for batch in made for at in batch) == list(range(101))
    assert max(np.ptp([lengths[at] for at in batch]) for batch in made) < 30


def test_a_yes_of_a_rare_topic_counts_more() -> None:
    wanted = np.zeros((900, len(HEADS)), dtype=np.float32)
    wanted[:, 5], wanted[:150, 6] = 1, 1
    weights = rarity(wanted, HEADS, 3.0)
    assert weights[5] == 1.0
    assert weights[6] == pytest.approx(2.0)
    assert weights[7] == 3.0
    assert set(weights[:5]) == {1.0}


def test_soft_rows_keep_away_from_what_is_labelled_or_measured() -> None:
    measured = article("dev", text="Bếp ăn tạm dừng, mẫu thức ăn được gửi đi xét nghiệm.")
    again = article("x1", title=POISONED + " chiều nay", text=measured.text or "")
    other = article("x2", title="Thầy trò vùng cao dựng lại lớp học sau cơn lũ quét trong đêm")
    apart = Apart([article("known", title="Đã gán nhãn")], [measured])
    assert apart.near([again, other]).tolist() == [True, False]
    assert apart.known(article("known", title="Tên khác"))
    assert apart.known(article("new", title="ĐÃ gán nhãn!"))
    archive = [again, other, other, article("y", title="Đã gán nhãn"),
               article("z", title="Giá vàng hôm nay tăng mạnh phiên thứ ba")]  # fmt: skip
    chosen = choose(
        archive, LinearModels.load(), apart, [Quota("news", 0.5, 1.0, 9)],
        seed=1, progress=lambda line: None,
    )  # fmt: skip
    assert [item.id for item in chosen.items] == ["x2"]
    assert chosen.by_words.shape == (1, len(HEADS))


def test_soft_answers_lie_between_both_readers() -> None:
    by_words = np.full((2, len(HEADS)), 0.5, dtype=np.float32)
    by_words[:, 0] = 0.9, 0.2
    scores = np.full((2, len(HEADS)), -1.0, dtype=np.float32)
    scores[:, 0] = 1.0, -3.0
    told = soft_answers(by_words, scores)
    assert 1 / (1 + np.exp(-1.0)) < told[0, 0] < 0.9
    assert told[:, 2:5].sum(axis=1) == pytest.approx([1, 1])
    assert not np.isnan(told[0]).any()
    assert np.isnan(told[1, [1, 5, 22]]).all()
    assert not np.isnan(told[1, [0, 2, 23, 25]]).any()


def test_the_benchmark_is_read_and_blended(tmp_path: Path) -> None:
    (tmp_path / "sents.txt").write_text("giảng dễ hiểu\nphòng học nóng\n", encoding="utf-8")
    (tmp_path / "sentiments.txt").write_text("2\n0\n", encoding="utf-8")
    assert [row.sentiment for row in read_part(tmp_path)] == ["pos", "neg"]
    with pytest.raises(InputError):
        read_part(tmp_path / "nowhere")
    dice = np.random.default_rng(4)
    truth = dice.integers(0, 3, 600)
    right = np.eye(3)[truth]
    good = (3 * right + dice.normal(size=(600, 3))).astype(np.float32)
    poor = (1 * right + dice.normal(size=(600, 3))).astype(np.float32)
    told = blend([poor[:300], poor[300:]], [good[:300], good[300:]], truth[:300])
    hits = [(part.argmax(axis=1) == truth[300:]).mean() for part in (told, good[300:], poor[300:])]
    assert hits[0] >= hits[1] > hits[2]
