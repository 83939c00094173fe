-- Risk events, where they come from, and whose GitHub login is whose.

CREATE TABLE risk_events (
    org_id        uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id            uuid        NOT NULL,
    source        text        NOT NULL CHECK (source IN ('github', 'api')),
    external_id   text        NOT NULL,
    kind          text        NOT NULL,
    level         text        NOT NULL CHECK (level IN ('low', 'medium', 'high', 'critical')),
    title         text        NOT NULL,
    repository    text,
    login         text,
    user_id       uuid,
    department_id uuid,
    occurred_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    details       jsonb       NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, source, external_id)
);
CREATE INDEX risk_events_by_time ON risk_events (org_id, occurred_at);
CREATE INDEX risk_events_by_age ON risk_events (received_at);

-- A GitHub App's webhook. `patterns`: of files that matter; the rest says when a push counts as a risk.
CREATE TABLE github_integrations (
    org_id        uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id            uuid        NOT NULL UNIQUE,
    name          text        NOT NULL,
    sealed_secret bytea       NOT NULL,
    patterns      text[]      NOT NULL,
    many_files    integer     NOT NULL,
    heavy_tokens  bigint      NOT NULL,
    within_hours  integer     NOT NULL,
    created_at    timestamptz NOT NULL,
    heard_at      timestamptz,
    archived_at   timestamptz,
    PRIMARY KEY (org_id, id)
);

-- Deliveries that were taken: the same one is not taken twice.
CREATE TABLE github_deliveries (
    org_id         uuid        NOT NULL,
    integration_id uuid        NOT NULL,
    delivery_id    uuid        NOT NULL,
    received_at    timestamptz NOT NULL,
    PRIMARY KEY (org_id, integration_id, delivery_id),
    FOREIGN KEY (org_id, integration_id) REFERENCES github_integrations (org_id, id) ON DELETE CASCADE
);
CREATE INDEX github_deliveries_by_age ON github_deliveries (received_at);

CREATE TABLE github_identities (
    org_id  uuid NOT NULL,
    login   text NOT NULL,
    user_id uuid NOT NULL,
    PRIMARY KEY (org_id, login),
    FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);

SELECT audit_table('risk_events', 'risk_event', operations => '{INSERT}');
SELECT audit_table('github_integrations', 'github_integration', ignored => '{heard_at}');
SELECT audit_table('github_identities', 'github_identity', named_by => '{login}');
