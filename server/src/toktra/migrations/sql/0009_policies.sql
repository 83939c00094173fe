-- Policies: what they say, in versions; when they fired; and who is blocked by one.

CREATE TABLE policies (
    org_id       uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id           uuid        NOT NULL,
    name         text        NOT NULL,
    description  text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('draft', 'shadow', 'published', 'disabled')),
    version      integer     NOT NULL CHECK (version > 0),
    content      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    created_by   uuid,
    changed_at   timestamptz NOT NULL,
    live_since   timestamptz,
    archived_at  timestamptz,
    PRIMARY KEY (org_id, id)
);

-- What a policy said, each time it was changed. A firing names its version.
CREATE TABLE policy_versions (
    org_id     uuid        NOT NULL,
    policy_id  uuid        NOT NULL,
    version    integer     NOT NULL,
    name       text        NOT NULL,
    content    jsonb       NOT NULL,
    made_at    timestamptz NOT NULL,
    made_by    uuid,
    PRIMARY KEY (org_id, policy_id, version),
    FOREIGN KEY (org_id, policy_id) REFERENCES policies (org_id, id) ON DELETE CASCADE
);

-- A policy fired: once for a version, a subject and a window, with how many events of it there were.
CREATE TABLE policy_firings (
    org_id           uuid        NOT NULL,
    id               uuid        NOT NULL,
    policy_id        uuid        NOT NULL,
    version          integer     NOT NULL,
    shadow           boolean     NOT NULL,
    subject_kind     text        NOT NULL CHECK (subject_kind IN ('user', 'department')),
    subject_id       uuid        NOT NULL,
    meter_id         uuid        NOT NULL,
    window_starts_at timestamptz NOT NULL,
    window_ends_at   timestamptz NOT NULL,
    user_id          uuid,
    reason           text        NOT NULL,
    events           bigint      NOT NULL,
    tokens           bigint      NOT NULL,
    fired_at         timestamptz NOT NULL,
    last_at          timestamptz NOT NULL,
    alert_id         uuid,
    incident_id      uuid,
    PRIMARY KEY (org_id, id),
    -- Two budgets of one department are two windows of it.
    UNIQUE (org_id, policy_id, version, shadow, subject_id, meter_id, window_starts_at),
    FOREIGN KEY (org_id, policy_id) REFERENCES policies (org_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX policy_firings_by_policy ON policy_firings (org_id, policy_id, id);

-- Somebody's requests are refused, until it ends or is lifted.
CREATE TABLE blocks (
    org_id     uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    models     text[]      NOT NULL,
    reason     text        NOT NULL,
    policy_id  uuid        NOT NULL,
    firing_id  uuid        NOT NULL,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    lifted_at  timestamptz,
    lifted_by  uuid,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, firing_id, user_id),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);
CREATE INDEX blocks_in_force ON blocks (org_id, ends_at) WHERE lifted_at IS NULL;

-- A policy tried on what happened before: asked for, under way, done.
CREATE TABLE policy_tests (
    org_id      uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id          uuid        NOT NULL,
    policy_id   uuid,
    content     jsonb       NOT NULL,
    days        integer     NOT NULL,
    status      text        NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed')),
    asked_at    timestamptz NOT NULL,
    asked_by    uuid,
    events_done bigint      NOT NULL DEFAULT 0,
    events_all  bigint,
    result      jsonb,
    PRIMARY KEY (org_id, id)
);

SELECT audit_table('policies', 'policy', ignored => '{changed_at,live_since}');
SELECT audit_table('blocks', 'block');

-- Every server keeps an organisation's policies and blocks in memory with its budgets, and is told of changes.
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON policies
    FOR EACH ROW EXECUTE FUNCTION tell_budgets_changed();
CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON blocks
    FOR EACH ROW EXECUTE FUNCTION tell_budgets_changed();
