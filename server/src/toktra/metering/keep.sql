-- Keeps staged events once, and changes every roll-up with them, in one statement (M2).
-- Rows are written in key order everywhere, so that concurrent writers cannot deadlock.
WITH senders AS MATERIALIZED (
    SELECT * FROM unnest(
        %(sender)s::int[], %(org_id)s::uuid[], %(user_id)s::uuid[], %(department_id)s::uuid[], %(device_id)s::uuid[]
    ) AS s (sender, org_id, user_id, department_id, device_id)
), fresh AS (
    INSERT INTO usage_events (
        org_id, id, user_id, department_id, device_id, occurred_at, received_at, source,
        provider, provider_host, model, reported_model, endpoint, application, estimator_version, price_version,
        hold_id, request_bytes, response_bytes, input_tokens, output_tokens,
        input_low, input_high, output_low, output_high, cost_micros, duration_ms, record_count, streaming)
    SELECT
        s.org_id, e.id, s.user_id, s.department_id, s.device_id, e.occurred_at, %(received_at)s, e.source,
        e.provider, e.provider_host, e.model, e.reported_model, e.endpoint, e.application, e.estimator_version,
        CASE WHEN e.cost_micros IS NOT NULL THEN %(price_version)s END,
        e.hold_id, e.request_bytes, e.response_bytes, e.input_tokens, e.output_tokens,
        e.input_low, e.input_high, e.output_low, e.output_high, e.cost_micros, e.duration_ms, e.record_count,
        e.streaming
    FROM staged_events e JOIN senders s USING (sender)
    ORDER BY s.org_id, e.id
    ON CONFLICT (org_id, id) DO NOTHING
    RETURNING org_id, user_id, department_id, occurred_at, source, provider, model,
              input_tokens, output_tokens, cost_micros
), hours AS MATERIALIZED (
    SELECT f.org_id, o.time_zone, date_trunc('hour', f.occurred_at, o.time_zone) AS starts_at,
           f.user_id, f.department_id, f.provider, f.model, f.source,
           count(*) AS requests, sum(f.input_tokens)::bigint AS input_tokens,
           sum(f.output_tokens)::bigint AS output_tokens, coalesce(sum(f.cost_micros), 0)::bigint AS cost_micros,
           count(*) - count(f.cost_micros) AS unpriced_requests, max(f.occurred_at) AS last_event_at
    FROM fresh f JOIN organizations o ON o.id = f.org_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), rolled AS (
    INSERT INTO usage_rollups AS kept (
        span, org_id, starts_at, user_id, department_id, provider, model, source,
        requests, input_tokens, output_tokens, cost_micros, unpriced_requests)
    SELECT span, org_id, CASE span WHEN 'hour' THEN starts_at ELSE date_trunc(span, starts_at, time_zone) END,
           user_id, department_id, provider, model, source,
           sum(requests)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_micros)::bigint,
           sum(unpriced_requests)::bigint
    FROM hours CROSS JOIN (VALUES ('hour'), ('day'), ('week'), ('month')) AS spans (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (org_id, starts_at, user_id, department_id, provider, model, source, span) DO UPDATE SET
        requests = kept.requests + excluded.requests,
        input_tokens = kept.input_tokens + excluded.input_tokens,
        output_tokens = kept.output_tokens + excluded.output_tokens,
        cost_micros = kept.cost_micros + excluded.cost_micros,
        unpriced_requests = kept.unpriced_requests + excluded.unpriced_requests
), totalled AS (
    INSERT INTO usage_totals AS kept (
        span, org_id, starts_at, department_id, provider, model, source,
        requests, input_tokens, output_tokens, cost_micros, unpriced_requests)
    SELECT span, org_id, date_trunc(span, starts_at, time_zone), department_id, provider, model, source,
           sum(requests)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_micros)::bigint,
           sum(unpriced_requests)::bigint
    FROM hours CROSS JOIN (VALUES ('day'), ('week'), ('month')) AS spans (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (org_id, span, starts_at, department_id, provider, model, source) DO UPDATE SET
        requests = kept.requests + excluded.requests,
        input_tokens = kept.input_tokens + excluded.input_tokens,
        output_tokens = kept.output_tokens + excluded.output_tokens,
        cost_micros = kept.cost_micros + excluded.cost_micros,
        unpriced_requests = kept.unpriced_requests + excluded.unpriced_requests
), ranked AS (
    INSERT INTO usage_by_user AS kept (
        span, org_id, starts_at, user_id, department_id, requests, input_tokens, output_tokens, cost_micros)
    SELECT span, org_id, date_trunc(span, starts_at, time_zone), user_id, department_id,
           sum(requests)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_micros)::bigint
    FROM hours CROSS JOIN (VALUES ('day'), ('week'), ('month')) AS spans (span)
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (org_id, starts_at, user_id, department_id, span) DO UPDATE SET
        requests = kept.requests + excluded.requests,
        input_tokens = kept.input_tokens + excluded.input_tokens,
        output_tokens = kept.output_tokens + excluded.output_tokens,
        cost_micros = kept.cost_micros + excluded.cost_micros
), active AS (
    INSERT INTO user_activity AS kept (org_id, user_id, last_event_at)
    SELECT org_id, user_id, max(last_event_at) FROM hours GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (org_id, user_id) DO UPDATE SET last_event_at = greatest(kept.last_event_at, excluded.last_event_at)
)
SELECT sum(requests)::bigint, org_id, user_id, department_id, date_trunc('day', starts_at, time_zone) AS day,
       sum(input_tokens + output_tokens)::bigint, sum(cost_micros)::bigint
FROM hours GROUP BY org_id, user_id, department_id, day
