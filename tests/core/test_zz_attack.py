from __future__ import annotations
import random, threading
import pytest, sqlalchemy as sa
from langnghe.core.errors import LangNgheError, ConflictError, InputError, NotFoundError, ForbiddenError
from langnghe.core.hand import Kind
from langnghe.core.store import tables as t
from tests.core.handhouse import *
from tests.core.handhouse import HandHouse
from tests.conftest import *

def check(h, ids):
    with h.store.read() as s:
        rows=s.execute(sa.text("select m.id,m.story_id,sm.story_id,sm.copy_of,sm.id from mention m left join story_mention sm on sm.mention_id=m.id")).all()
        assert len(rows)==len(ids), 'double or lost membership'
        for r in rows: assert r[1]==r[2], r
        where={r[0]:r[1] for r in rows}
        for r in rows:
            if r[3] is not None: assert where[r[3]]==r[1], ('copy elsewhere',r)
        cnt={}
        cop={}
        for r in rows: cnt[r[1]]=cnt.get(r[1],0)+1; cop[r[1]]=cop.get(r[1],0)+(r[3] is not None)
        for r in s.execute(sa.text("select id,mention_count,copy_count,event_id,incident_id from story")):
            assert r[1]==cnt.get(r[0],0), ('count',r,cnt); assert r[2]==cop.get(r[0],0), ('copies',r)
            assert r[3] is not None
        ev={r[0] for r in s.execute(sa.text("select id from story"))}
        for r in s.execute(sa.text("select event_id from story")): assert r[0] in ev
        for r in s.execute(sa.text("select story_id from incident")): assert r[0] in ev

TXT=[FIRST,SECOND,THIRD,OTHER,OTHER_2, SECOND+LONG, "Trường TH&THCS Suối Mơ họp phụ huynh về bữa sáng", "Nhiều trẻ Trường THPT Đồi Thông đọc sách ở thư viện mới"]
@pytest.mark.parametrize('seed', range(14))
def test_storm(any_store, seed):
    r=random.Random(seed); h=HandHouse(any_store); ids=[]; decs=[]; pinned={}
    errs={}
    for step in range(70):
        op=r.random()
        if op<.35 or len(ids)<4:
            x=r.choice(TXT); ids.append(h.hear(x, x+LONG if r.random()<.5 else '', kind='comment' if r.random()<.2 else 'news'))
            if r.random()<.1: h.restart()
        else:
            before=None
            try:
                m=r.choice(ids); st=h.story(m); o=h.story(r.choice(ids))
                k=r.random()
                if k<.2: decs.append(h.hand().split(st,[m]).decision)
                elif k<.4: decs.append(h.hand().move(st,[m],o).decision)
                elif k<.55: decs.append(h.hand().merge(st,o).decision)
                elif k<.65: decs.append(h.hand().mark(Kind.SAME,st,o).decision)
                elif k<.75: decs.append(h.hand().mark(Kind.UNRELATED,st,o).decision)
                elif k<.8 and not h.row(st).incident_id: h.incident(st)
                elif decs: h.undo(r.choice(decs))
            except (ConflictError,InputError,NotFoundError) as e: errs[str(e)[:40]]=errs.get(str(e)[:40],0)+1
        if r.random()<.3: h.sweep()
        check(h,ids)
        # unrelated pairs never one event
    # undo all, newest first
    for d in reversed(decs):
        try: h.undo(d)
        except ConflictError as e: raise
        check(h,ids)
    h.restart(); ids.append(h.hear(FIRST)); check(h,ids)
    print(errs)

def test_undo_all_restores(any_store):
    h=HandHouse(any_store)
    ids=[h.hear(x,x+LONG if i%2 else '') for i,x in enumerate(TXT+TXT)]
    h.incident(h.story(ids[0])); 
    before=h.state()
    for seed in range(6):
        r=random.Random(100+seed); decs=[]
        for _ in range(25):
            m=r.choice(ids); st=h.story(m); o=h.story(r.choice(ids))
            try:
                k=r.random()
                if k<.3: decs.append(h.hand().split(st,[m]).decision)
                elif k<.5: decs.append(h.hand().move(st,[m],o).decision)
                elif k<.7: decs.append(h.hand().merge(st,o).decision)
                elif k<.85: decs.append(h.hand().mark(Kind.SAME,st,o).decision)
                else: decs.append(h.hand().mark(Kind.UNRELATED,st,o).decision)
            except (ConflictError,InputError): pass
            check(h,ids)
        for d in reversed(decs): assert h.undo(d)
        after=h.state()
        assert after==before,(seed,set(after)^set(before))

