-- Addresses of an organisation's own programs that are told of events.
CREATE TABLE webhooks (
    org_id                 uuid        NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id                     uuid        NOT NULL,
    name                   text        NOT NULL,
    url                    text        NOT NULL,
    events                 text[]      NOT NULL,
    status                 text        NOT NULL CHECK (status IN ('active', 'disabled')),
    sealed_secret          bytea       NOT NULL,
    sealed_previous_secret bytea,
    previous_until         timestamptz,
    taken_at               timestamptz,
    created_by             uuid        NOT NULL,
    created_at             timestamptz NOT NULL,
    disabled_at            timestamptz,
    archived_at            timestamptz,
    PRIMARY KEY (org_id, id)
);
COMMENT ON COLUMN webhooks.taken_at IS 'when the receiver last answered that it has a message';

-- One message to one webhook. `turn` counts what was scheduled: only the job of the present turn sends.
CREATE TABLE webhook_deliveries (
    org_id       uuid        NOT NULL,
    id           uuid        NOT NULL,
    webhook_id   uuid        NOT NULL,
    event        text        NOT NULL,
    subject_id   uuid        NOT NULL,
    body         text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('waiting', 'delivered', 'failed')),
    turn         integer     NOT NULL,
    failures     smallint    NOT NULL,
    trying_since timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    next_try_at  timestamptz,
    last_try_at  timestamptz,
    last_answer  smallint,
    last_failure text,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, webhook_id, event, subject_id),
    FOREIGN KEY (org_id, webhook_id) REFERENCES webhooks (org_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (org_id, webhook_id, id);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);
COMMENT ON COLUMN webhook_deliveries.failures IS 'in a row, since it was first sent or sent again by hand';

SELECT audit_table('webhooks', 'webhook', ignored => '{taken_at}');
