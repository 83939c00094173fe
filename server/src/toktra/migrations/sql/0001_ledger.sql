-- The ledger of usage. Raw events are kept once by (organisation, id); roll-ups are caches of them.
--
-- M1: an event's partition follows from the time inside its id, so one id has exactly one place.
-- M2: the roll-ups change in the same statement that keeps the event.

CREATE TABLE usage_events (
    org_id            uuid        NOT NULL,
    id                uuid        NOT NULL,
    user_id           uuid        NOT NULL,
    department_id     uuid        NOT NULL,
    device_id         uuid,
    occurred_at       timestamptz NOT NULL,
    received_at       timestamptz NOT NULL,
    source            text        NOT NULL,
    provider          text        NOT NULL,
    provider_host     text        NOT NULL,
    model             text        NOT NULL,
    reported_model    text,
    endpoint          text,
    application       text,
    estimator_version text,
    price_version     text,
    hold_id           uuid,
    request_bytes     bigint      NOT NULL,
    response_bytes    bigint      NOT NULL,
    input_tokens      bigint      NOT NULL,
    output_tokens     bigint      NOT NULL,
    input_low         bigint,
    input_high        bigint,
    output_low        bigint,
    output_high       bigint,
    cost_micros       bigint,
    duration_ms       bigint,
    record_count      bigint,
    streaming         boolean,
    PRIMARY KEY (org_id, id)
) PARTITION BY RANGE (id);

-- One row per span (hour, day, week, month in the organisation's zone) and everything usage is asked by.
CREATE TABLE usage_rollups (
    span              text        NOT NULL,
    org_id            uuid        NOT NULL,
    starts_at         timestamptz NOT NULL,
    user_id           uuid        NOT NULL,
    department_id     uuid        NOT NULL,
    provider          text        NOT NULL,
    model             text        NOT NULL,
    source            text        NOT NULL,
    requests          bigint      NOT NULL,
    input_tokens      bigint      NOT NULL,
    output_tokens     bigint      NOT NULL,
    cost_micros       bigint      NOT NULL,
    unpriced_requests bigint      NOT NULL
) PARTITION BY LIST (span);
CREATE TABLE usage_hourly  PARTITION OF usage_rollups FOR VALUES IN ('hour')  WITH (fillfactor = 80);
CREATE TABLE usage_daily   PARTITION OF usage_rollups FOR VALUES IN ('day')   WITH (fillfactor = 80);
CREATE TABLE usage_weekly  PARTITION OF usage_rollups FOR VALUES IN ('week')  WITH (fillfactor = 80);
CREATE TABLE usage_monthly PARTITION OF usage_rollups FOR VALUES IN ('month') WITH (fillfactor = 80);
CREATE UNIQUE INDEX usage_rollups_key ON usage_rollups
    (org_id, starts_at DESC, user_id, department_id, provider, model, source, span);
CREATE INDEX usage_rollups_by_user ON usage_rollups (org_id, user_id, starts_at DESC);
-- In the order of the list, so that a page and a count read as far as they must, and no further. Not by the hour:
-- there are about as many hours as events.
CREATE INDEX usage_daily_by_department ON usage_daily
    (org_id, department_id, starts_at DESC, user_id, provider, model, source);
CREATE INDEX usage_daily_by_model ON usage_daily
    (org_id, model, starts_at DESC, user_id, department_id, provider, source);
CREATE INDEX usage_daily_by_provider ON usage_daily
    (org_id, provider, starts_at DESC, user_id, department_id, model, source);
CREATE INDEX usage_weekly_by_department ON usage_weekly
    (org_id, department_id, starts_at DESC, user_id, provider, model, source);
CREATE INDEX usage_weekly_by_model ON usage_weekly
    (org_id, model, starts_at DESC, user_id, department_id, provider, source);
CREATE INDEX usage_weekly_by_provider ON usage_weekly
    (org_id, provider, starts_at DESC, user_id, department_id, model, source);
CREATE INDEX usage_monthly_by_department ON usage_monthly
    (org_id, department_id, starts_at DESC, user_id, provider, model, source);
CREATE INDEX usage_monthly_by_model ON usage_monthly
    (org_id, model, starts_at DESC, user_id, department_id, provider, source);
CREATE INDEX usage_monthly_by_provider ON usage_monthly
    (org_id, provider, starts_at DESC, user_id, department_id, model, source);

-- What screens about the whole organisation read: days, weeks and months, without the users.
CREATE TABLE usage_totals (
    span              text        NOT NULL,
    org_id            uuid        NOT NULL,
    starts_at         timestamptz NOT NULL,
    department_id     uuid        NOT NULL,
    provider          text        NOT NULL,
    model             text        NOT NULL,
    source            text        NOT NULL,
    requests          bigint      NOT NULL,
    input_tokens      bigint      NOT NULL,
    output_tokens     bigint      NOT NULL,
    cost_micros       bigint      NOT NULL,
    unpriced_requests bigint      NOT NULL,
    PRIMARY KEY (org_id, span, starts_at, department_id, provider, model, source)
) WITH (fillfactor = 70);

-- What rankings of users read: one row per user and span (day, week, month).
CREATE TABLE usage_by_user (
    span              text        NOT NULL,
    org_id            uuid        NOT NULL,
    starts_at         timestamptz NOT NULL,
    user_id           uuid        NOT NULL,
    department_id     uuid        NOT NULL,
    requests          bigint      NOT NULL,
    input_tokens      bigint      NOT NULL,
    output_tokens     bigint      NOT NULL,
    cost_micros       bigint      NOT NULL,
    PRIMARY KEY (org_id, starts_at, user_id, department_id, span)
) PARTITION BY LIST (span);
CREATE TABLE usage_by_user_day   PARTITION OF usage_by_user FOR VALUES IN ('day')   WITH (fillfactor = 80);
CREATE TABLE usage_by_user_week  PARTITION OF usage_by_user FOR VALUES IN ('week')  WITH (fillfactor = 80);
CREATE TABLE usage_by_user_month PARTITION OF usage_by_user FOR VALUES IN ('month') WITH (fillfactor = 80);
CREATE INDEX usage_by_user_by_department ON usage_by_user (org_id, department_id, starts_at DESC);

CREATE TABLE user_activity (
    org_id        uuid        NOT NULL,
    user_id       uuid        NOT NULL,
    last_event_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, user_id)
) WITH (fillfactor = 70);

-- Every discard has a reason and a count.
CREATE TABLE refused_events (
    org_id  uuid   NOT NULL,
    day     date   NOT NULL,
    reason  text   NOT NULL,
    events  bigint NOT NULL,
    PRIMARY KEY (org_id, day, reason)
);

-- The least UUIDv7 of a day (UTC): its Unix milliseconds in the first 48 bits.
CREATE FUNCTION lowest_event_id(day date) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT
    RETURN (lpad(to_hex((extract(epoch FROM day)::bigint * 1000)), 12, '0') || repeat('0', 20))::uuid;

-- Daily partitions are made ahead and dropped whole. Both run with the owner's rights: the corporate
-- role may ask for exactly these two things and can change no table.
CREATE FUNCTION make_event_partitions(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = corporate, pg_temp AS $$
DECLARE
    day date;
    made integer := 0;
BEGIN
    IF last - first > 1200 THEN
        RAISE EXCEPTION 'too many partitions asked for: % to %', first, last;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_event_partitions'));
    FOR day IN SELECT generate_series(first, last, '1 day')::date LOOP
        IF to_regclass(format('corporate.usage_events_%s', to_char(day, 'YYYYMMDD'))) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE usage_events_%s PARTITION OF usage_events FOR VALUES FROM (%L) TO (%L)',
                to_char(day, 'YYYYMMDD'), lowest_event_id(day), lowest_event_id(day + 1));
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;

CREATE FUNCTION drop_event_partitions(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = corporate, pg_temp AS $$
DECLARE
    old regclass;
    dropped integer := 0;
BEGIN
    IF before > current_date - 30 THEN
        RAISE EXCEPTION 'events younger than 30 days are never dropped (asked for all before %)', before;
    END IF;
    FOR old IN
        SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'usage_events'::regclass
          AND relname ~ '^usage_events_\d{8}$' AND right(relname, 8) < to_char(before, 'YYYYMMDD')
        ORDER BY relname
    LOOP
        EXECUTE format('DROP TABLE %s', old);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
