-- Budgets: what may be used, what is used and held of it, and what was decided about requests.
--
-- M1: everything that a decision depends on stands in the period's row: whoever locks the row decides alone.
-- M2: `used`, `held` and `rolled_over` are caches of events and holds; they can be made anew from them.

CREATE TABLE budgets (
    org_id               uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id                   uuid        NOT NULL,
    name                 text        NOT NULL,
    department_id        uuid,
    user_id              uuid,
    unit                 text        NOT NULL CHECK (unit IN ('tokens', 'micros')),
    limit_amount         bigint      CHECK (limit_amount >= 0),
    period               text        NOT NULL CHECK (period IN ('day', 'week', 'month', 'quarter', 'year')),
    hard_cap             boolean     NOT NULL,
    rollover_cap_percent smallint    CHECK (rollover_cap_percent BETWEEN 0 AND 100),
    thresholds           smallint[]  NOT NULL,
    when_unsure          text        NOT NULL CHECK (when_unsure IN ('allow', 'warn', 'block')),
    created_at           timestamptz NOT NULL,
    archived_at          timestamptz,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, department_id) REFERENCES departments (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    CHECK (num_nonnulls(department_id, user_id) = 1)
);
COMMENT ON COLUMN budgets.limit_amount IS 'null: the sum of the budgets below';
CREATE UNIQUE INDEX budgets_one_for_each ON budgets
    (org_id, coalesce(department_id, user_id), unit, period) WHERE archived_at IS NULL;
CREATE INDEX budgets_of_users ON budgets (org_id, user_id) WHERE user_id IS NOT NULL AND archived_at IS NULL;
CREATE INDEX budgets_of_departments ON budgets (org_id, department_id)
    WHERE department_id IS NOT NULL AND archived_at IS NULL;

-- One row per budget and period, opened by the first use. Amounts are in the budget's unit.
CREATE TABLE budget_periods (
    org_id              uuid        NOT NULL,
    budget_id           uuid        NOT NULL,
    starts_at           timestamptz NOT NULL,
    ends_at             timestamptz NOT NULL,
    limit_amount        bigint      NOT NULL,
    rolled_over         bigint      NOT NULL DEFAULT 0,
    carried_cap_percent smallint,
    carried_limit       bigint,
    carried_used        bigint,
    carried_rolled_over bigint,
    used                bigint      NOT NULL DEFAULT 0,
    held                bigint      NOT NULL DEFAULT 0,
    exempt_used         bigint      NOT NULL DEFAULT 0,
    exempt_held         bigint      NOT NULL DEFAULT 0,
    alerted             smallint[]  NOT NULL DEFAULT '{}',
    PRIMARY KEY (org_id, budget_id, starts_at),
    FOREIGN KEY (org_id, budget_id) REFERENCES budgets (org_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);
CREATE INDEX budget_periods_by_end ON budget_periods (org_id, ends_at);
COMMENT ON COLUMN budget_periods.exempt_used IS 'the part of used that exemptions covered';

-- Extra tokens for one user in one period. What is left of it: tokens - used - held.
CREATE TABLE budget_exemptions (
    org_id       uuid        NOT NULL,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    requested_by uuid        NOT NULL,
    reason       text        NOT NULL,
    tokens       bigint      NOT NULL CHECK (tokens > 0),
    period       text        NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    status       text        NOT NULL CHECK (status IN ('pending', 'approved', 'denied', 'expired')),
    reviewed_by  uuid,
    reviewed_at  timestamptz,
    notes        text,
    used         bigint      NOT NULL DEFAULT 0,
    held         bigint      NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, requested_by) REFERENCES users (org_id, id) ON DELETE CASCADE
);
CREATE INDEX budget_exemptions_of_users ON budget_exemptions (org_id, user_id, status, ends_at);
CREATE INDEX budget_exemptions_by_status ON budget_exemptions (org_id, status, id);

-- What was decided about each request asked for under a hard cap. Admitted ones are holds until they end.
CREATE TABLE preflights (
    org_id           uuid        NOT NULL,
    id               uuid        NOT NULL,
    user_id          uuid        NOT NULL,
    device_id        uuid,
    key              text        NOT NULL,
    provider         text        NOT NULL,
    model            text        NOT NULL,
    tokens           bigint      NOT NULL,
    answer           bytea       NOT NULL,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    outcome          text        CHECK (outcome IN ('settled', 'cancelled', 'lapsed', 'blocked')),
    event_id         uuid,
    budget_ids       uuid[]        NOT NULL,
    period_starts    timestamptz[] NOT NULL,
    amounts          bigint[]      NOT NULL,
    exempt_amounts   bigint[]      NOT NULL,
    exemption_ids    uuid[]        NOT NULL,
    exemption_tokens bigint[]      NOT NULL,
    PRIMARY KEY (org_id, id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX preflights_key ON preflights (org_id, user_id, key);
CREATE INDEX preflights_live ON preflights (org_id, expires_at) WHERE ended_at IS NULL;
CREATE INDEX preflights_ended ON preflights (ended_at) WHERE ended_at IS NOT NULL;

-- Blocked requests since the last entry of the audit log about this user and budget.
CREATE TABLE blocked_requests (
    org_id    uuid        NOT NULL,
    user_id   uuid        NOT NULL,
    budget_id uuid        NOT NULL,
    noted_at  timestamptz NOT NULL,
    requests  bigint      NOT NULL,
    waiting   bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, user_id, budget_id)
);
COMMENT ON COLUMN blocked_requests.requests IS 'how many the latest entry speaks of';

CREATE TABLE alerts (
    org_id          uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id              uuid        NOT NULL,
    kind            text        NOT NULL,
    severity        text        NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    status          text        NOT NULL CHECK (status IN ('open', 'acknowledged', 'resolved')),
    department_id   uuid,
    user_id         uuid,
    budget_id       uuid,
    period_starts_at timestamptz,
    threshold       smallint,
    title           text        NOT NULL,
    details         jsonb       NOT NULL,
    created_at      timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    resolved_at     timestamptz,
    resolved_by     uuid,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX alerts_of_budgets ON alerts (org_id, budget_id, period_starts_at) WHERE status <> 'resolved';
CREATE INDEX alerts_by_status ON alerts (org_id, status, id);

SELECT audit_table('budgets', 'budget');
SELECT audit_table('budget_exemptions', 'exemption', ignored => '{used,held}');
SELECT audit_table('alerts', 'alert', operations => '{UPDATE}');
SELECT audit_table('blocked_requests', 'request.blocked', ignored => '{waiting}',
    named_by => '{user_id,budget_id}', operations => '{INSERT,UPDATE}');

-- Every server keeps an organisation's budgets and tree in memory, and is told when they change.
CREATE FUNCTION tell_budgets_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('toktra_budgets', coalesce(NEW.org_id, OLD.org_id)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON budgets
    FOR EACH ROW EXECUTE FUNCTION tell_budgets_changed();
CREATE TRIGGER tell AFTER INSERT OR DELETE OR UPDATE OF parent_id ON departments
    FOR EACH ROW EXECUTE FUNCTION tell_budgets_changed();
CREATE TRIGGER tell AFTER INSERT OR DELETE OR UPDATE OF status ON budget_exemptions
    FOR EACH ROW EXECUTE FUNCTION tell_budgets_changed();
