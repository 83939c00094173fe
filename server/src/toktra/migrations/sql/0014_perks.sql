-- The corporate side of Token Perks. No table here says what anybody used.

-- With which an organisation signs vouchers.
CREATE TABLE perks_keys (
    org_id     uuid        PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    public_key bytea       NOT NULL CHECK (octet_length(public_key) = 32),
    sealed_key bytea       NOT NULL,
    created_at timestamptz NOT NULL
);

-- `rollover_percent`: NULL where there is no cap, and all that is unused rolls over.
CREATE TABLE perks_tiers (
    org_id           uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id               uuid        NOT NULL,
    name             text        NOT NULL,
    monthly_tokens   bigint      NOT NULL CHECK (monthly_tokens > 0),
    rollover_percent smallint    CHECK (rollover_percent BETWEEN 0 AND 100),
    created_at       timestamptz NOT NULL,
    archived_at      timestamptz,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX perks_tiers_by_name ON perks_tiers (org_id, lower(name)) WHERE archived_at IS NULL;

CREATE TABLE perks_enrollments (
    org_id       uuid        NOT NULL,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    tier_id      uuid        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('invited', 'enrolled', 'withdrawn')),
    invited_at   timestamptz NOT NULL,
    enrolled_at  timestamptz,
    withdrawn_at timestamptz,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, user_id),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, tier_id) REFERENCES perks_tiers (org_id, id)
);

-- That a month's voucher was handed out. Not the voucher, and not its nonce.
CREATE TABLE perks_issued (
    org_id  uuid NOT NULL,
    user_id uuid NOT NULL,
    month   text NOT NULL,
    PRIMARY KEY (org_id, user_id, month),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);

-- `subject`: the one course, certification or programme; NULL for any. `limit_*`: how often somebody gets it.
CREATE TABLE perks_bonus_rules (
    org_id          uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id              uuid        NOT NULL,
    name            text        NOT NULL,
    trigger         text        NOT NULL CHECK (trigger IN ('training_completed', 'certification_completed',
                                                            'program_joined', 'efficiency_score')),
    subject         text,
    min_score       smallint    CHECK (min_score BETWEEN 0 AND 100),
    bonus_tokens    bigint      NOT NULL CHECK (bonus_tokens > 0),
    limit_per_month integer     CHECK (limit_per_month > 0),
    limit_total     integer     CHECK (limit_total > 0),
    created_at      timestamptz NOT NULL,
    archived_at     timestamptz,
    PRIMARY KEY (org_id, id),
    CHECK ((trigger = 'efficiency_score') = (min_score IS NOT NULL))
);

CREATE TABLE perks_achievements (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    user_id     uuid        NOT NULL,
    kind        text        NOT NULL,
    subject     text        NOT NULL,
    external_id text        NOT NULL,
    achieved_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, external_id),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);

-- Bonuses granted; `issued_at`: when the voucher was handed out.
CREATE TABLE perks_bonuses (
    org_id         uuid        NOT NULL,
    id             uuid        NOT NULL,
    user_id        uuid        NOT NULL,
    rule_id        uuid        NOT NULL,
    achievement_id uuid        NOT NULL,
    tokens         bigint      NOT NULL,
    reason         text        NOT NULL,
    month          text        NOT NULL,
    granted_at     timestamptz NOT NULL,
    issued_at      timestamptz,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, rule_id, achievement_id),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, rule_id) REFERENCES perks_bonus_rules (org_id, id),
    FOREIGN KEY (org_id, achievement_id) REFERENCES perks_achievements (org_id, id) ON DELETE CASCADE
);
CREATE INDEX perks_bonuses_by_user ON perks_bonuses (org_id, user_id);

-- What the personal ledger told of a month: of five people or more, or nothing.
CREATE TABLE perks_figures (
    org_id       uuid  NOT NULL REFERENCES organizations ON DELETE CASCADE,
    month        text  NOT NULL,
    published_on date  NOT NULL,
    content      jsonb NOT NULL,
    PRIMARY KEY (org_id, month)
);

SELECT audit_table('perks_keys', 'perks_key');
SELECT audit_table('perks_tiers', 'perks_tier');
SELECT audit_table('perks_enrollments', 'perks_enrollment');
SELECT audit_table('perks_issued', 'perks_voucher', named_by => '{user_id,month}', operations => '{DELETE}');
SELECT audit_table('perks_bonus_rules', 'perks_bonus_rule');
SELECT audit_table('perks_achievements', 'perks_achievement');
SELECT audit_table('perks_bonuses', 'perks_bonus', ignored => '{issued_at}');
