-- What events and holds say of budgets in periods: the counters are caches of this. Each period comes with the
-- instant up to which events count that arrived late.
WITH RECURSIVE wanted AS (
    SELECT w.*, b.department_id, b.user_id, b.unit, b.period, o.time_zone
    FROM unnest(%(org_id)s::uuid[], %(budget_id)s::uuid[], %(starts_at)s::timestamptz[], %(ends_at)s::timestamptz[],
        %(received_before)s::timestamptz[]) AS w (org_id, budget_id, starts_at, ends_at, received_before)
    JOIN budgets b ON b.org_id = w.org_id AND b.id = w.budget_id
    JOIN organizations o ON o.id = w.org_id
), below AS (
    SELECT DISTINCT org_id, budget_id, department_id FROM wanted WHERE department_id IS NOT NULL
    UNION
    SELECT d.org_id, a.budget_id, d.id
    FROM below a JOIN departments d ON d.org_id = a.org_id AND d.parent_id = a.department_id
), used AS (
    SELECT w.budget_id, w.starts_at,
           sum(CASE w.unit WHEN 'tokens' THEN e.input_tokens + e.output_tokens ELSE coalesce(e.cost_micros, 0) END)
               AS used
    FROM wanted w
    JOIN usage_events e ON e.org_id = w.org_id
        AND e.id >= lowest_event_id((w.starts_at - interval '40 days')::date)
        AND e.id < lowest_event_id((w.ends_at + interval '40 days')::date)
        AND date_trunc(w.period, e.occurred_at, w.time_zone) = w.starts_at
        AND e.received_at < w.received_before
    WHERE e.user_id = w.user_id OR EXISTS (
        SELECT FROM below b
        WHERE b.org_id = w.org_id AND b.budget_id = w.budget_id AND b.department_id = e.department_id)
    GROUP BY 1, 2
), held AS (
    SELECT h.budget_id, h.starts_at, sum(h.amount) AS held, sum(h.exempt) AS exempt_held
    FROM preflights p
    CROSS JOIN LATERAL unnest(p.budget_ids, p.period_starts, p.amounts, p.exempt_amounts)
        AS h (budget_id, starts_at, amount, exempt)
    WHERE p.org_id = ANY(%(org_id)s) AND p.ended_at IS NULL
    GROUP BY 1, 2
), exempted AS (
    SELECT h.budget_id, h.starts_at, sum(least(h.exempt, greatest(0,
               CASE w.unit WHEN 'tokens' THEN e.input_tokens + e.output_tokens ELSE coalesce(e.cost_micros, 0) END
               - (h.amount - h.exempt)))) AS exempt_used
    FROM preflights p
    CROSS JOIN LATERAL unnest(p.budget_ids, p.period_starts, p.amounts, p.exempt_amounts)
        AS h (budget_id, starts_at, amount, exempt)
    JOIN wanted w ON w.org_id = p.org_id AND w.budget_id = h.budget_id AND w.starts_at = h.starts_at
    JOIN usage_events e ON e.org_id = p.org_id AND e.id = p.event_id
    WHERE p.outcome = 'settled' AND p.exemption_ids <> '{}' AND p.ended_at < w.received_before
        AND date_trunc(w.period, e.occurred_at, w.time_zone) = w.starts_at
        AND (e.user_id = w.user_id OR EXISTS (
            SELECT FROM below b
            WHERE b.org_id = w.org_id AND b.budget_id = w.budget_id AND b.department_id = e.department_id))
    GROUP BY 1, 2
)
SELECT w.org_id, w.budget_id, w.starts_at, coalesce(u.used, 0)::bigint AS used, coalesce(h.held, 0)::bigint AS held,
       coalesce(x.exempt_used, 0)::bigint AS exempt_used, coalesce(h.exempt_held, 0)::bigint AS exempt_held
FROM wanted w
LEFT JOIN used u USING (budget_id, starts_at)
LEFT JOIN held h USING (budget_id, starts_at)
LEFT JOIN exempted x USING (budget_id, starts_at)
ORDER BY 1, 2, 3
