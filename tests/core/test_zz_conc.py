"""two groupers on PG + a person."""
from __future__ import annotations
import random, threading, time
import pytest, sqlalchemy as sa
from langnghe.core.errors import LangNgheError
from langnghe.core.hand import Kind
from langnghe.core.store.mentions import keep
from langnghe.pipeline import SWEEP, House, turn
from langnghe.core.store.engine import Store
from tests.core.handhouse import *
from tests.core.test_zz_attack import check
from tests.core.test_pipeline import with_people, Letterbox
from langnghe.core.clock import VirtualClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from nlp.stage import Grouper, understand_due

def test_two_processes(database_url,tmp_path):
    st=Store(database_url); st.migrate(); st2=Store(database_url); h=HandHouse(st)
    stop=threading.Event(); errs=[]; n=[0]
    profile=with_people(PROFILE); box=Letterbox()
    clock=VirtualClock(NOW)
    def house(s): return House(Services(store=s,settings=Settings(home=tmp_path),clock=clock,policy=load_policy(),profile=profile),FakeReader(),Grouper(s),None,box)
    def work(s):
        hs=house(s)
        while not stop.is_set():
            t=turn(hs,SWEEP)
            if t.failed: errs.append(t.failed)
    def person():
        r=random.Random(1); decs=[]
        while not stop.is_set():
            with st.read() as s: ids=[x for (x,) in s.execute(sa.text("select mention_id from story_mention"))]
            if len(ids)<3: time.sleep(.05); continue
            try:
                m=r.choice(ids); a=h.story(m); b=h.story(r.choice(ids)); k=r.random()
                if k<.3: decs.append(h.hand().split(a,[m]).decision)
                elif k<.5: decs.append(h.hand().move(a,[m],b).decision)
                elif k<.7: decs.append(h.hand().merge(a,b).decision)
                elif k<.8: decs.append(h.hand().mark(Kind.UNRELATED,a,b).decision)
                elif decs: h.undo(r.choice(decs))
                n[0]+=1
            except LangNgheError as e:
                if 'cơ sở dữ liệu' in str(e).lower() or 'bận' in str(e): errs.append(str(e))
            except AssertionError: pass
            except Exception as e: errs.append(repr(e)[:300])
    def feed():
        r=random.Random(2); T=[FIRST,SECOND,THIRD,OTHER,OTHER_2,SECOND+LONG,FIRST+LONG]
        for i in range(150):
            if stop.is_set(): return
            with st.write() as s: keep(s,[Item(id=f'b{i}-{j}',title=r.choice(T),text=LONG if r.random()<.4 else None,source=f'Báo {j}',seen_at=NOW+timedelta(minutes=10*i)) for j in range(3)],now=NOW,secret=b'k')
            clock.move_to(NOW+timedelta(minutes=10*i)); time.sleep(.05)
    ts=[threading.Thread(target=work,args=(s,)) for s in (st,st2)]+[threading.Thread(target=person)]
    f=threading.Thread(target=feed); 
    for x in ts+[f]: x.start()
    f.join(); time.sleep(3); stop.set()
    for x in ts: x.join(60); assert not x.is_alive()
    for _ in range(5):
        t=turn(house(st),SWEEP); 
    print(t, 'person',n[0],'errs',len(errs),errs[:5])
    pass
    with st.read() as s: ids=[x for (x,) in s.execute(sa.text("select id from mention"))]
    print(len(ids), 'mails',len(box.mails))
    dup={}
    for m in box.mails: dup[m.key]=dup.get(m.key,0)+1
    print('double keys',[k for k,v in dup.items() if v>1])
    check(h,ids)
    with st.read() as s:
        print([tuple(r) for r in s.execute(sa.text("select stage,count(*) from mention group by 1"))],[tuple(r) for r in s.execute(sa.text("select id,story_id,level from incident"))])
    st2.close(); st.close()
    assert not errs
