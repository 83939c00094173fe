-- The Slack app of an organisation. Its token writes into every channel that the app is in.
CREATE TABLE slack_apps (
    org_id       uuid        PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    sealed_token bytea       NOT NULL,
    connected_by uuid        NOT NULL,
    connected_at timestamptz NOT NULL
);
SELECT audit_table('slack_apps', 'slack_app', hidden => '{sealed_token}');

ALTER TABLE webhooks
    ALTER COLUMN url DROP NOT NULL,
    ADD COLUMN channel       text,
    ADD COLUMN alert_kinds   text[],
    ADD COLUMN from_percent  integer,
    ADD COLUMN below_percent integer,
    DROP CONSTRAINT webhooks_kind_check,
    ADD CONSTRAINT webhooks_kind_check CHECK (kind IN ('signed', 'slack', 'slack_app')),
    ADD CHECK ((kind = 'slack_app') = (url IS NULL)),
    ADD CHECK ((kind = 'slack_app') = (channel IS NOT NULL));
COMMENT ON COLUMN webhooks.alert_kinds IS 'the alerts it is told of; null for all';
COMMENT ON COLUMN webhooks.from_percent IS 'of alerts of budgets only those at this share of the limit or above';
COMMENT ON COLUMN webhooks.below_percent IS 'and only those below this share';

ALTER TABLE webhook_deliveries ADD COLUMN last_error text;
COMMENT ON COLUMN webhook_deliveries.last_error IS 'the word by which Slack says why it takes no message';
