-- Accounts: random ids with a public key. Days, never instants, and nothing that says who.
CREATE TABLE accounts (
    id         uuid  PRIMARY KEY,
    org_id     uuid  NOT NULL,
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    backup     bytea CHECK (octet_length(backup) <= 4096),
    made_on    date  NOT NULL
);
COMMENT ON COLUMN accounts.backup IS 'the private key, wrapped under a passphrase that only its owner knows';

CREATE TABLE credentials (
    digest     bytea PRIMARY KEY,
    id         uuid  NOT NULL UNIQUE,
    account_id uuid  NOT NULL REFERENCES accounts ON DELETE CASCADE,
    label      text  NOT NULL CHECK (label IN ('portal', 'agent', 'extension')),
    made_on    date  NOT NULL
);
CREATE INDEX ON credentials (account_id);

-- Spent once. Not tied to the account that spent it.
CREATE TABLE spent_vouchers (
    nonce_digest bytea       PRIMARY KEY,
    ends_at      timestamptz NOT NULL
);

CREATE TABLE months (
    account_id       uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month            text        NOT NULL,
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL,
    tier             text        NOT NULL,
    budget           bigint      NOT NULL CHECK (budget >= 0),
    rollover_percent smallint    NOT NULL CHECK (rollover_percent BETWEEN 0 AND 100),
    rollover         bigint      NOT NULL CHECK (rollover >= 0),
    bonus            bigint      NOT NULL DEFAULT 0,
    used             bigint      NOT NULL DEFAULT 0,
    told             bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, month)
);
COMMENT ON COLUMN months.told IS 'how much of `used` is in the figure that was published last';

CREATE TABLE bonuses (
    account_id uuid   NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id         uuid   NOT NULL,
    month      text   NOT NULL,
    tokens     bigint NOT NULL,
    reason     text   NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE holds (
    account_id uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key        uuid        NOT NULL,
    tokens     bigint      NOT NULL,
    ends_at    timestamptz NOT NULL,
    PRIMARY KEY (account_id, key)
);

-- Sealed to their owner where they were made, and again under their day's key.
CREATE TABLE records (
    account_id uuid  NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id         uuid  NOT NULL,
    day        date  NOT NULL,
    sealed     bytea NOT NULL,
    PRIMARY KEY (account_id, id, day)
) PARTITION BY RANGE (day);

CREATE TABLE aggregates (
    org_id       uuid  NOT NULL,
    month        text  NOT NULL,
    published_on date  NOT NULL,
    content      jsonb NOT NULL,
    PRIMARY KEY (org_id, month)
);
