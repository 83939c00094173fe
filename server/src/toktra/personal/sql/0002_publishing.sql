-- How many accounts left a tier since its figures last moved. A count, and nothing of the accounts.
CREATE TABLE left_since (
    org_id   uuid    NOT NULL,
    month    text    NOT NULL,
    tier     text    NOT NULL,
    accounts integer NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (org_id, month, tier)
);

COMMENT ON COLUMN aggregates.content IS 'the figures of each group of tiers, none of fewer than five accounts';
