#!/usr/bin/env python3
"""A small store → one of many episodes, for the report's size and speed.

Its conversations that have an episode are repeated under new ids until there
are N episodes; models and times vary, so that the page has groups and a trend.
Codes of single replies are left out: the page reads those of episodes.

usage: many.py SMALL.sqlite BIG.sqlite EPISODES"""
import os
import sqlite3
import sys

small, big, episodes = sys.argv[1], sys.argv[2], int(sys.argv[3])
OF_CONVERSATION = ["population", "turn", "episode", "refusal", "code", "span", "contact", "gate", "warning"]
ONLY = {"code": " AND x.episode IS NOT NULL",
        "span": " AND EXISTS (SELECT 1 FROM s.code y WHERE y.conversation = x.conversation AND y.i = x.code"
                " AND y.episode IS NOT NULL)"}

if os.path.exists(big):
    os.unlink(big)
db = sqlite3.connect(big, isolation_level=None)
for pragma in ("page_size = 8192", "journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
    db.execute("PRAGMA " + pragma)
db.execute("ATTACH ? AS s", (small,))


def schema(kinds):
    for (sql,) in db.execute(f"SELECT sql FROM s.sqlite_schema WHERE type IN ({kinds}) AND sql IS NOT NULL").fetchall():
        db.execute(sql)


def columns(table, **instead):
    return ", ".join(instead.get(r[1], "x." + r[1]) for r in db.execute(f"PRAGMA s.table_info({table})").fetchall())


schema("'table'")
db.execute("BEGIN")
for (t,) in db.execute("SELECT name FROM s.sqlite_schema WHERE type = 'table'").fetchall():
    if t != "conversation" and t not in OF_CONVERSATION:
        db.execute(f"INSERT INTO {t} SELECT * FROM s.{t}")
db.execute("CREATE TEMP TABLE base AS SELECT id, row_number() OVER (ORDER BY id) AS k FROM s.conversation WHERE n_episode > 0")
n_conv, n_episode = db.execute("SELECT count(*), (SELECT sum(n_episode) FROM s.conversation) FROM base").fetchone()
times = -(-episodes // n_episode)
db.execute("CREATE TEMP TABLE copy AS WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ?)"
           " SELECT n FROM c", (times,))
NEW_ID = f"c.n * {n_conv} + x.base_k"
VARIED = {"cid": "x.cid || '-' || c.n", "model": "'model-' || (c.n % 5)", "record": "c.n + 1", "id": NEW_ID,
          "first_ts": "1735689600000 + (c.n * 7919 % 400) * 86400000"}
for t in ["conversation", *OF_CONVERSATION]:
    key = "id" if t == "conversation" else "conversation"
    db.execute(f"CREATE TEMP TABLE part AS SELECT x.*, b.k AS base_k FROM base b JOIN s.{t} x ON x.{key} = b.id"
               f"{ONLY.get(t, '')} ORDER BY b.k")
    which = columns(t, **VARIED) if t == "conversation" else columns(t, conversation=NEW_ID)
    db.execute(f"INSERT INTO {t} SELECT {which} FROM copy c CROSS JOIN part x")
    db.execute("DROP TABLE part")
db.execute("COMMIT")
schema("'index', 'view'")
db.execute("DETACH s")
for pragma in ("application_id", "user_version"):
    value = sqlite3.connect(small).execute("PRAGMA " + pragma).fetchone()[0]
    db.execute(f"PRAGMA {pragma} = {value}")
print(f"{times * n_episode} episodes, {times * n_conv} conversations")
