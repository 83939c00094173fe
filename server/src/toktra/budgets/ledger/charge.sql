-- Counts new usage against every budget above it, and ends the holds that the events name: one statement,
-- so that each period's row is changed once, and rows are locked in the order of their keys.
WITH RECURSIVE used AS MATERIALIZED (
    SELECT u.*, o.time_zone
    FROM unnest(
        %(org_id)s::uuid[], %(user_id)s::uuid[], %(department_id)s::uuid[], %(day)s::timestamptz[],
        %(tokens)s::bigint[], %(cost_micros)s::bigint[]
    ) AS u (org_id, user_id, department_id, day, tokens, cost_micros)
    JOIN organizations o ON o.id = u.org_id
), above AS (
    SELECT DISTINCT org_id, department_id, department_id AS above_id FROM used
    UNION
    SELECT d.org_id, a.department_id, d.parent_id
    FROM above a JOIN departments d ON d.org_id = a.org_id AND d.id = a.above_id
    WHERE d.parent_id IS NOT NULL
), applying AS (
    SELECT b.*, u.day, u.time_zone, u.tokens, u.cost_micros
    FROM used u JOIN budgets b ON b.org_id = u.org_id AND b.user_id = u.user_id AND b.archived_at IS NULL
    UNION ALL
    SELECT b.*, u.day, u.time_zone, u.tokens, u.cost_micros
    FROM used u
    JOIN above a ON a.org_id = u.org_id AND a.department_id = u.department_id
    JOIN budgets b ON b.org_id = a.org_id AND b.department_id = a.above_id AND b.archived_at IS NULL
), settled AS MATERIALIZED (
    UPDATE preflights p SET
        ended_at = %(now)s, event_id = s.event_id,
        outcome = CASE WHEN p.expires_at > %(now)s THEN 'settled' ELSE 'lapsed' END
    FROM unnest(
        %(hold_org_id)s::uuid[], %(hold_id)s::uuid[], %(hold_user_id)s::uuid[], %(hold_device_id)s::uuid[],
        %(event_id)s::uuid[], %(hold_tokens)s::bigint[], %(hold_cost_micros)s::bigint[],
        %(hold_department_id)s::uuid[], %(hold_occurred_at)s::timestamptz[]
    ) AS s (org_id, hold_id, user_id, device_id, event_id, tokens, cost_micros, department_id, occurred_at)
    WHERE p.org_id = s.org_id AND p.id = s.hold_id AND p.user_id = s.user_id
        AND p.device_id IS NOT DISTINCT FROM s.device_id AND p.ended_at IS NULL
    RETURNING p.org_id, p.id, p.event_id, p.expires_at > %(now)s AS in_time, p.tokens AS held_tokens,
              s.tokens AS used_tokens, s.cost_micros AS used_micros, p.user_id, s.department_id, s.occurred_at,
              p.budget_ids, p.period_starts, p.amounts,
              p.exempt_amounts, p.exemption_ids, p.exemption_tokens
), freed AS (
    SELECT s.org_id, f.budget_id, f.starts_at, f.amount, f.exempt,
           -- What an exemption covers is counted where the usage is: in the same period of the same budget.
           CASE WHEN s.in_time AND date_trunc(b.period, s.occurred_at, o.time_zone) = f.starts_at
               AND (b.user_id = s.user_id OR EXISTS (
                   SELECT FROM above a WHERE a.org_id = s.org_id AND a.department_id = s.department_id
                       AND a.above_id = b.department_id)) THEN least(f.exempt, greatest(0,
               CASE b.unit WHEN 'tokens' THEN s.used_tokens ELSE s.used_micros END - (f.amount - f.exempt)))
           ELSE 0 END AS exempt_used
    FROM settled s
    CROSS JOIN LATERAL unnest(s.budget_ids, s.period_starts, s.amounts, s.exempt_amounts)
        AS f (budget_id, starts_at, amount, exempt)
    JOIN budgets b ON b.org_id = s.org_id AND b.id = f.budget_id
    JOIN organizations o ON o.id = s.org_id
), deltas AS MATERIALIZED (
    SELECT org_id, budget_id, starts_at, sum(used)::bigint AS used, sum(held)::bigint AS held,
           sum(exempt_used)::bigint AS exempt_used, sum(exempt_held)::bigint AS exempt_held
    FROM (
        SELECT org_id, id AS budget_id, date_trunc(period, day, time_zone) AS starts_at,
               CASE unit WHEN 'tokens' THEN tokens ELSE cost_micros END AS used,
               0 AS held, 0 AS exempt_used, 0 AS exempt_held
        FROM applying WHERE day >= date_trunc(period, created_at, time_zone)
        UNION ALL
        SELECT org_id, budget_id, starts_at, 0, amount, exempt_used, exempt FROM freed
    ) d GROUP BY 1, 2, 3
), locked AS MATERIALIZED (
    SELECT d.*
    FROM budget_periods p JOIN deltas d USING (org_id, budget_id, starts_at)
    ORDER BY p.org_id, p.budget_id, p.starts_at
    FOR UPDATE OF p
), changed AS (
    UPDATE budget_periods p SET
        used = p.used + l.used, held = p.held - l.held,
        exempt_used = p.exempt_used + l.exempt_used, exempt_held = p.exempt_held - l.exempt_held
    FROM locked l
    WHERE p.org_id = l.org_id AND p.budget_id = l.budget_id AND p.starts_at = l.starts_at
    RETURNING p.*
), drawn AS (
    SELECT org_id, exemption_id, sum(tokens)::bigint AS held,
           sum(CASE WHEN in_time THEN least(tokens, greatest(0, over - before)) ELSE 0 END)::bigint AS used
    FROM (
        SELECT s.org_id, s.in_time, x.exemption_id, x.tokens,
               least(total.tokens, greatest(0, s.used_tokens - (s.held_tokens - total.tokens))) AS over,
               sum(x.tokens) OVER (PARTITION BY s.org_id, s.id ORDER BY x.place) - x.tokens AS before
        FROM settled s
        CROSS JOIN LATERAL (SELECT coalesce(sum(t), 0) AS tokens FROM unnest(s.exemption_tokens) t) total
        CROSS JOIN LATERAL unnest(s.exemption_ids, s.exemption_tokens)
            WITH ORDINALITY AS x (exemption_id, tokens, place)
    ) d GROUP BY 1, 2
), locked_exemptions AS MATERIALIZED (
    SELECT d.* FROM budget_exemptions x JOIN drawn d ON d.org_id = x.org_id AND d.exemption_id = x.id
    ORDER BY x.org_id, x.id FOR UPDATE OF x
), exempted AS (
    UPDATE budget_exemptions x SET used = x.used + l.used, held = x.held - l.held
    FROM locked_exemptions l WHERE x.org_id = l.org_id AND x.id = l.exemption_id
)
SELECT 'missing' AS what, d.org_id, d.budget_id AS id, d.starts_at
FROM deltas d LEFT JOIN locked l USING (org_id, budget_id, starts_at) WHERE l.org_id IS NULL AND d.used <> 0
UNION ALL
SELECT 'late', c.org_id, c.budget_id, c.starts_at FROM changed c
WHERE c.ends_at <= %(now)s + interval '1 minute' OR EXISTS (  -- the next one is open, or about to be
    SELECT FROM budget_periods n
    WHERE n.org_id = c.org_id AND n.budget_id = c.budget_id AND n.starts_at = c.ends_at)
UNION ALL
SELECT 'passed', c.org_id, c.budget_id, c.starts_at
FROM changed c JOIN budgets b ON b.org_id = c.org_id AND b.id = c.budget_id
WHERE c.used > c.exempt_used AND c.ends_at > %(now)s AND EXISTS (
    SELECT FROM unnest(b.thresholds || 100::smallint) AS t (percent)
    WHERE t.percent <> ALL (c.alerted)
        AND (c.used - c.exempt_used)::numeric * 100 >= t.percent::numeric * (c.limit_amount + c.rolled_over))
UNION ALL
SELECT CASE WHEN in_time THEN 'settled' ELSE 'ended' END, org_id, event_id, NULL FROM settled
