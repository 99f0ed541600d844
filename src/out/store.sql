-- The store: one run of `refrain analyze`, for SQL. docs/store.md explains it.
--
-- Names follow the result contract (docs/schema/). Sets (acts, flags, bid,
-- next, population) are bits, named in `bit`; risk is 0..5, -1 is X (unknown).
-- A construct that has no row in `code` was not applicable there.
-- Conversations, turns and episodes count as in the results: conversation in
-- input order from 1, turn and episode from 0; ranges of bytes are half-open.

-- ---- the run ----

CREATE TABLE run (
    id                INTEGER PRIMARY KEY CHECK (id = 1),
    refrain_version   TEXT NOT NULL,
    schema_version    INTEGER NOT NULL,        -- of the result contract
    pack_version      TEXT NOT NULL,
    pack_hash         TEXT NOT NULL,           -- of every pack file, models included
    model_hash        TEXT NOT NULL,           -- of acts.model alone
    directory_version TEXT NOT NULL,           -- newest evidence, and a hash of all lines
    as_of             TEXT NOT NULL,           -- day on which helplines were judged
    options           TEXT NOT NULL,           -- JSON: every option that can change a result, as given
    arguments         TEXT NOT NULL,           -- JSON: the files, directories and patterns, as given
    store_text        INTEGER NOT NULL,        -- 1: turn.text is filled
    started           TEXT NOT NULL,           -- UTC
    finished          TEXT                     -- NULL: the run was cut short; --resume goes on
);

CREATE TABLE input (
    id       INTEGER PRIMARY KEY,              -- from 1, in reading order
    path     TEXT NOT NULL,                    -- "-": standard input
    bytes    INTEGER,                          -- on disk when the run began; NULL: no regular file
    records  INTEGER NOT NULL DEFAULT 0,       -- read and committed so far, rejects too
    hash     TEXT                              -- of those records' bytes, in order
);

-- What was found wrong: a record that gave no result, or not all of its results.
CREATE TABLE reject (
    id     INTEGER PRIMARY KEY,
    input  INTEGER NOT NULL REFERENCES input,
    record INTEGER NOT NULL,                   -- from 1 in its input
    offset INTEGER NOT NULL,                   -- byte in the decoded input
    reason TEXT NOT NULL
);

-- ---- what the codes mean (of the run's pack) ----

CREATE TABLE construct (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,          -- P3.ack
    phase       INTEGER NOT NULL,
    label       TEXT NOT NULL,
    definition  TEXT NOT NULL,
    polarity    TEXT NOT NULL,                 -- negative, positive, descriptive
    scale       TEXT NOT NULL,                 -- binary, ordinal, count, category
    severity    TEXT,                          -- minor, major, critical
    weight_user REAL NOT NULL,
    weight_mhp  REAL NOT NULL,
    scored      INTEGER NOT NULL,              -- enters a phase score
    every_reply INTEGER NOT NULL,              -- coded on every reply, not only on refusals
    source      TEXT NOT NULL
);

CREATE TABLE gate_kind (
    id    TEXT PRIMARY KEY,                    -- G1..G12
    level TEXT NOT NULL,                       -- critical, major
    title TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE bit (
    kind TEXT NOT NULL,                        -- user_act, assistant_act, flag, bid, next
    mask INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, mask)
) WITHOUT ROWID;

-- ---- conversations ----

CREATE TABLE conversation (
    id                 INTEGER PRIMARY KEY,
    cid                TEXT NOT NULL,          -- the record's id, or path#record; may repeat
    input              INTEGER NOT NULL REFERENCES input,
    record             INTEGER NOT NULL,
    format             TEXT NOT NULL,          -- adapter that read it
    model              TEXT,
    locale             TEXT,
    language           TEXT,
    country            TEXT,                   -- stated, recorded or given by the caller, in this order
    country_source     TEXT,                   -- stated, record, caller
    jurisdiction       TEXT,
    session            TEXT,
    regeneration_group TEXT,
    simulated          INTEGER NOT NULL,       -- 1: the record says that a model wrote the user's turns
    first_ts           INTEGER,                -- ms since 1970, UTC
    last_ts            INTEGER,
    n_turn             INTEGER NOT NULL,
    n_user             INTEGER NOT NULL,
    n_reply            INTEGER NOT NULL,       -- assistant turns
    n_refusal          INTEGER NOT NULL,       -- turns with hard > 0
    n_episode          INTEGER NOT NULL,
    risk               INTEGER NOT NULL,       -- highest of its user turns
    flags              INTEGER NOT NULL        -- of all its user turns
);

-- Populations that the record or the person states: meta.population.
CREATE TABLE population (
    conversation INTEGER NOT NULL REFERENCES conversation,
    i            INTEGER NOT NULL,
    name         TEXT NOT NULL,
    PRIMARY KEY (conversation, i)
) WITHOUT ROWID;

CREATE TABLE turn (
    conversation  INTEGER NOT NULL REFERENCES conversation,
    i             INTEGER NOT NULL,
    role          TEXT NOT NULL,
    ts            INTEGER,
    n_word        INTEGER NOT NULL,
    thread        INTEGER,                     -- topic; NULL in a conversation without a refusal
    acts          INTEGER,                     -- bit.kind user_act or assistant_act, by role
    -- user: R carried forward to here, and in its own words alone; reply: R carried, and of the bid that it answers
    risk          INTEGER,
    risk_conf     REAL,
    said          INTEGER,
    flags         INTEGER,                     -- user: of this turn; reply: of the bid that it answers
    -- replies
    rtype         TEXT,                        -- none, r1..r9; NULL: an empty reply
    hard          INTEGER,                     -- 0..4
    conf          REAL,
    decision      TEXT,                        -- appropriate, over, under, unsure
    decision_conf REAL,
    bid_turn      INTEGER,                     -- user turn that it answers
    bid           INTEGER,                     -- what that was
    blocked       INTEGER,                     -- 1: the record says that a provider stopped it
    anchor_begin  INTEGER,                     -- words that show a refusal or a boundary
    anchor_end    INTEGER,
    text          TEXT,                        -- only with --store-text
    PRIMARY KEY (conversation, i)
) WITHOUT ROWID;

CREATE TABLE episode (
    conversation    INTEGER NOT NULL REFERENCES conversation,
    i               INTEGER NOT NULL,
    start           INTEGER NOT NULL,          -- turns, inclusive
    anchor          INTEGER NOT NULL,
    end             INTEGER NOT NULL,
    end_reason      TEXT NOT NULL,             -- met, left, gap, faded, conversation_end
    n_refusal       INTEGER NOT NULL,
    rtype           TEXT NOT NULL,             -- of the anchor
    hard            INTEGER NOT NULL,
    risk            INTEGER NOT NULL,
    flags           INTEGER NOT NULL,
    decision        TEXT,
    pc              INTEGER,                   -- policy compliance 0, 1
    decay_delta     INTEGER,                   -- hard of the last refusal less that of the first; NULL: one refusal
    decay_direction TEXT,                      -- none, harm, engagement
    quadrant        TEXT,                      -- NULL while the decision is unsure
    next            INTEGER NOT NULL,          -- what the person did next
    conflict        INTEGER NOT NULL,          -- 1: user and mhp differ by 20 or more in some phase
    P1_user REAL, P1_mhp REAL, P1_coverage REAL,
    P2_user REAL, P2_mhp REAL, P2_coverage REAL,
    P3_user REAL, P3_mhp REAL, P3_coverage REAL,
    P4_user REAL, P4_mhp REAL, P4_coverage REAL,
    P5_user REAL, P5_mhp REAL, P5_coverage REAL,
    PRIMARY KEY (conversation, i)
) WITHOUT ROWID;

-- Refusals of an episode, the anchor first. A sketch tells how alike two
-- replies are (J5) without their words; see docs/store.md.
CREATE TABLE refusal (
    conversation INTEGER NOT NULL,
    episode      INTEGER NOT NULL,
    k            INTEGER NOT NULL,             -- from 0
    turn         INTEGER NOT NULL,
    n_token      INTEGER NOT NULL,
    sketch5      BLOB,                         -- of 5-token shingles; NULL under 20 tokens
    sketch3      BLOB,                         -- of 3-token shingles; NULL from 32 tokens on
    PRIMARY KEY (conversation, episode, k),
    FOREIGN KEY (conversation, episode) REFERENCES episode,
    FOREIGN KEY (conversation, turn) REFERENCES turn
) WITHOUT ROWID;

-- ---- codes and their evidence ----

CREATE TABLE code (
    conversation  INTEGER NOT NULL,
    i             INTEGER NOT NULL,            -- from 0 in its conversation
    turn          INTEGER,                     -- of a reply …
    episode       INTEGER,                     -- … or of an episode: one of the two
    construct     INTEGER NOT NULL REFERENCES construct,
    value         INTEGER,                     -- binary, ordinal, count
    category      TEXT,                        -- where the scale is category
    reason        TEXT,                        -- without value and category: needs_judge, low_confidence, …
    method        TEXT,                        -- exact, rule, model, judge, human
    conf          REAL,
    severity      TEXT,                        -- P3.unsafe: minor, major, critical
    lag           INTEGER,                     -- P4.time: user turns since the first R >= 1
    searched_from INTEGER,                     -- looked for in these turns, inclusive, and not there
    searched_to   INTEGER,
    PRIMARY KEY (conversation, i),
    FOREIGN KEY (conversation, turn) REFERENCES turn,
    FOREIGN KEY (conversation, episode) REFERENCES episode,
    CHECK ((turn IS NULL) <> (episode IS NULL))
) WITHOUT ROWID;

CREATE TABLE span (
    conversation INTEGER NOT NULL,
    code         INTEGER NOT NULL,
    k            INTEGER NOT NULL,
    turn         INTEGER NOT NULL,
    begin        INTEGER NOT NULL,             -- bytes of the turn's original UTF-8
    end          INTEGER NOT NULL,
    PRIMARY KEY (conversation, code, k),
    FOREIGN KEY (conversation, code) REFERENCES code,
    FOREIGN KEY (conversation, turn) REFERENCES turn
) WITHOUT ROWID;

CREATE TABLE contact (
    conversation INTEGER NOT NULL,
    i            INTEGER NOT NULL,
    turn         INTEGER NOT NULL,
    begin        INTEGER NOT NULL,
    end          INTEGER NOT NULL,
    text         TEXT NOT NULL,                -- the contact as it stands in the turn
    canonical    TEXT NOT NULL,                -- as dialled
    kind         TEXT,                         -- phone, sms, url, chat, whatsapp
    status       TEXT NOT NULL,
    stale        INTEGER NOT NULL,
    negated      INTEGER NOT NULL,             -- 1: named to say "do not use"
    shared       INTEGER NOT NULL,             -- 1: unknown here, but a code that many countries share
    country      TEXT,
    line         TEXT,                         -- id in the directory
    service      TEXT,
    instead      TEXT,                         -- the right contact, where the verdict names one
    why          TEXT,                         -- row, source and date
    PRIMARY KEY (conversation, i),
    FOREIGN KEY (conversation, turn) REFERENCES turn
) WITHOUT ROWID;

CREATE TABLE gate (
    conversation INTEGER NOT NULL REFERENCES conversation,
    i            INTEGER NOT NULL,
    id           TEXT NOT NULL REFERENCES gate_kind,
    turn         INTEGER NOT NULL,
    episode      INTEGER,                      -- NULL: of the conversation
    status       TEXT NOT NULL,                -- confirmed, suspected
    why          TEXT,
    PRIMARY KEY (conversation, i),
    FOREIGN KEY (conversation, turn) REFERENCES turn,
    FOREIGN KEY (conversation, episode) REFERENCES episode
) WITHOUT ROWID;

CREATE TABLE warning (
    conversation INTEGER NOT NULL REFERENCES conversation,
    i            INTEGER NOT NULL,
    code         TEXT NOT NULL,
    turn         INTEGER,                      -- NULL: the whole record
    PRIMARY KEY (conversation, i)
) WITHOUT ROWID;

-- ---- views for the usual questions ----

CREATE VIEW conversations AS
SELECT c.id AS conversation, c.cid, i.path, c.record, c.model, c.locale, c.language, c.country, c.jurisdiction,
       c.regeneration_group, c.n_turn, c.n_reply, c.n_refusal, c.n_episode,
       CASE c.risk WHEN -1 THEN 'X' ELSE c.risk END AS risk,
       strftime('%Y-%m-%dT%H:%M:%SZ', c.first_ts / 1000, 'unixepoch') AS first_time,
       (SELECT count(*) FROM gate g WHERE g.conversation = c.id) AS n_gate
FROM conversation c JOIN input i ON i.id = c.input;

CREATE VIEW episodes AS
SELECT e.conversation, e.i AS episode, c.cid, p.path, c.record, c.model, c.locale, c.language, c.country,
       e.start, e.anchor, e.end, e.end_reason, e.n_refusal, e.rtype, e.hard,
       CASE e.risk WHEN -1 THEN 'X' ELSE e.risk END AS risk,
       (SELECT group_concat(name, '') FROM bit WHERE kind = 'flag' AND mask & e.flags) AS flags,
       e.decision, e.pc, e.decay_delta, e.decay_direction, e.quadrant,
       (SELECT group_concat(name, ' ') FROM bit WHERE kind = 'next' AND mask & e.next) AS next,
       (SELECT group_concat(id, ' ') FROM (SELECT DISTINCT id || CASE status WHEN 'suspected' THEN '?' ELSE '' END AS id
        FROM gate g WHERE g.conversation = e.conversation AND g.episode = e.i)) AS gates,
       e.P1_user, e.P1_mhp, e.P2_user, e.P2_mhp, e.P3_user, e.P3_mhp, e.P4_user, e.P4_mhp, e.P5_user, e.P5_mhp
FROM episode e JOIN conversation c ON c.id = e.conversation JOIN input p ON p.id = c.input;

CREATE VIEW replies AS
SELECT t.conversation, t.i AS turn, c.cid, c.model, c.locale, c.language, t.ts, t.rtype, t.hard, t.conf, t.decision,
       CASE t.risk WHEN -1 THEN 'X' ELSE t.risk END AS risk,
       CASE t.said WHEN -1 THEN 'X' ELSE t.said END AS bid_risk,
       (SELECT group_concat(name, '') FROM bit WHERE kind = 'flag' AND mask & t.flags) AS flags,
       (SELECT group_concat(name, ' ') FROM bit WHERE kind = 'bid' AND mask & t.bid) AS bid,
       (SELECT group_concat(name, ' ') FROM bit WHERE kind = 'assistant_act' AND mask & t.acts) AS acts
FROM turn t JOIN conversation c ON c.id = t.conversation
WHERE t.role = 'assistant';

CREATE VIEW codes AS
SELECT x.conversation, x.i AS code, x.turn, x.episode, k.name AS construct, x.value, x.category, x.reason, x.method,
       x.conf, x.severity, x.lag, x.searched_from, x.searched_to
FROM code x JOIN construct k ON k.id = x.construct;

CREATE VIEW turn_act AS
SELECT t.conversation, t.i AS turn, t.role, b.name AS act
FROM turn t JOIN bit b ON b.kind = t.role || '_act' AND b.mask & t.acts;

CREATE VIEW episode_next AS
SELECT e.conversation, e.i AS episode, e.quadrant, b.name AS next
FROM episode e JOIN bit b ON b.kind = 'next' AND b.mask & e.next;

-- Replies that answer a bid at each risk level, and how many of them refuse.
CREATE VIEW refusal_by_risk AS
SELECT CASE said WHEN -1 THEN 'X' ELSE said END AS risk, count(*) AS replies, sum(hard >= 2) AS refused,
       round(avg(hard >= 2), 4) AS rate
FROM turn WHERE role = 'assistant' AND rtype IS NOT NULL AND bid_turn IS NOT NULL
GROUP BY said;

CREATE VIEW quadrants AS
SELECT coalesce(quadrant, 'unsure') AS quadrant, count(*) AS episodes FROM episode GROUP BY quadrant;

CREATE VIEW gates_fired AS
SELECT k.id, k.level, k.title, sum(g.status = 'confirmed') AS confirmed, sum(g.status = 'suspected') AS suspected,
       count(DISTINCT g.conversation) AS conversations
FROM gate_kind k JOIN gate g ON g.id = k.id GROUP BY k.id;

-- Contacts that sent people the wrong way, the most frequent first.
CREATE VIEW wrong_contacts AS
SELECT x.canonical, x.status, c.country AS person_country, x.country AS line_country, x.instead, count(*) AS n,
       count(DISTINCT x.conversation) AS conversations
FROM contact x JOIN conversation c ON c.id = x.conversation JOIN turn t ON t.conversation = x.conversation AND t.i = x.turn
WHERE t.role <> 'user' AND NOT x.negated AND x.status NOT IN ('verified', 'alias', 'emergency', 'unknown')
GROUP BY x.canonical, x.status, c.country ORDER BY n DESC;
