"""Two stories are one matter only for specific reasons, never for the province they share."""

from __future__ import annotations

from alerts.attach import Matter, fingerprint, same_matter
from tests.alerts.town import COMMUNE, MEAL, OTHER, PROFILE, SCHOOL, SECTOR


def matter(title: str, text: str = "", unit: str = SECTOR.id, topic: str = MEAL) -> Matter:
    return Matter(unit, (topic,), fingerprint([(title, text)]))


HERE = matter("Bếp ăn ở Khe Lau, tỉnh Mây Trắng bị phản ánh")


def test_a_shared_specific_name_makes_one_matter() -> None:
    assert same_matter(matter("Đoàn kiểm tra đến Khe Lau, tỉnh Mây Trắng"), HERE, PROFILE, 2)
    assert same_matter(matter("Lấy mẫu ở Khe Lau", unit=COMMUNE.id), HERE, PROFILE, 2)


def test_the_name_of_the_province_alone_does_not() -> None:
    assert not same_matter(matter("Học sinh Vực Sim, tỉnh Mây Trắng nôn ói"), HERE, PROFILE, 2)


def test_another_topic_or_another_branch_does_not() -> None:
    other_topic = matter("Thu tiền ở Khe Lau", topic="khoan_thu")
    assert not same_matter(other_topic, HERE, PROFILE, 2)
    one, two = matter("Khe Lau", unit=SCHOOL.id), matter("Khe Lau", unit=OTHER.id)
    assert not same_matter(one, two, PROFILE, 2)


def test_the_same_school_and_topic_is_one_matter_whatever_the_words() -> None:
    one, two = matter("Phụ huynh lo", unit=SCHOOL.id), matter("Đã dừng bếp", unit=SCHOOL.id)
    assert same_matter(one, two, PROFILE, 2)


def test_rare_words_count_only_when_enough_of_them_stand_apart() -> None:
    one = matter("món chè bưởi rắc hạt điều mốc xanh")
    two = matter("hạt điều mốc xanh trong cặp lồng, lại món chè bưởi")
    assert same_matter(one, two, PROFILE, 2)
    assert not same_matter(one, two, PROFILE, 9)
