"""Facts and stance on invented texts whose answers were written before the rules were run."""

from tests.nlp.gold_facts import gold, score_facts, score_stance, total


def test_facts_reach_their_floor() -> None:
    rows = gold()
    assert len(rows) >= 120
    scores, errors = score_facts(rows)
    every = total(scores)
    assert every.precision >= 0.95, "\n".join(errors)
    assert every.recall >= 0.95, "\n".join(errors)
    for kind in ("dead", "hospitalised", "injured", "absent", "poisoned", "money"):
        assert min(scores[kind].precision, scores[kind].recall) >= 0.9, kind


def test_stance_reaches_its_floor() -> None:
    scores, errors = score_stance(gold())
    assert total(scores).recall >= 0.95, "\n".join(errors)
    assert scores["deny"].precision >= 0.95
    assert scores["deny"].recall >= 0.9
