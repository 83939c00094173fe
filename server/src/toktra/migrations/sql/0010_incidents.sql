-- Incidents: what is being looked into, by whom, and everything that happened to it.

CREATE TABLE incident_numbers (
    org_id uuid    NOT NULL PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    last   integer NOT NULL
);

CREATE TABLE incidents (
    org_id        uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id            uuid        NOT NULL,
    number        integer     NOT NULL,
    title         text        NOT NULL,
    description   text        NOT NULL,
    severity      text        NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    state         text        NOT NULL CHECK (state IN ('open', 'investigating', 'resolved')),
    owner_id      uuid,
    policy_id     uuid,
    firing_id     uuid,
    user_id       uuid,
    department_id uuid,
    opened_by     uuid,
    opened_at     timestamptz NOT NULL,
    resolved_at   timestamptz,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, number),
    FOREIGN KEY (org_id, owner_id) REFERENCES users (org_id, id) ON DELETE SET NULL (owner_id)
);
CREATE INDEX incidents_by_state ON incidents (org_id, state, id);

-- The timeline. Entries are added, and never changed or taken away.
CREATE TABLE incident_entries (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    incident_id uuid        NOT NULL,
    kind        text        NOT NULL,
    at          timestamptz NOT NULL,
    actor_id    uuid,
    details     jsonb       NOT NULL,
    PRIMARY KEY (org_id, incident_id, id),
    FOREIGN KEY (org_id, incident_id) REFERENCES incidents (org_id, id) ON DELETE CASCADE
);

CREATE TABLE incident_links (
    org_id      uuid        NOT NULL,
    incident_id uuid        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('alert', 'risk_event', 'usage_event')),
    target_id   uuid        NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (org_id, incident_id, kind, target_id),
    FOREIGN KEY (org_id, incident_id) REFERENCES incidents (org_id, id) ON DELETE CASCADE
);

REVOKE UPDATE ON incident_entries FROM toktra_corporate;
SELECT audit_table('incidents', 'incident');
SELECT audit_table('incident_links', 'incident_link');
