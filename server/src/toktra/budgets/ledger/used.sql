-- What was used of budgets in periods, from the daily roll-ups. Roll-ups and departments are named here
-- and not asked of their slices: it must be one statement, with one view of the database.
WITH RECURSIVE wanted AS (
    SELECT w.*, b.department_id, b.user_id, b.unit
    FROM unnest(%(org_id)s::uuid[], %(budget_id)s::uuid[], %(starts_at)s::timestamptz[], %(ends_at)s::timestamptz[])
        AS w (org_id, budget_id, starts_at, ends_at)
    JOIN budgets b ON b.org_id = w.org_id AND b.id = w.budget_id
), below AS (
    SELECT DISTINCT org_id, budget_id, department_id FROM wanted WHERE department_id IS NOT NULL
    UNION
    SELECT d.org_id, a.budget_id, d.id
    FROM below a JOIN departments d ON d.org_id = a.org_id AND d.parent_id = a.department_id
)
SELECT w.budget_id, w.starts_at,
       sum(CASE w.unit WHEN 'tokens' THEN t.input_tokens + t.output_tokens ELSE t.cost_micros END)::bigint AS used
FROM wanted w
JOIN below b ON b.org_id = w.org_id AND b.budget_id = w.budget_id
JOIN usage_totals t ON t.org_id = w.org_id AND t.span = 'day' AND t.department_id = b.department_id
    AND t.starts_at >= w.starts_at AND t.starts_at < w.ends_at
GROUP BY w.budget_id, w.starts_at
UNION ALL
SELECT w.budget_id, w.starts_at,
       sum(CASE w.unit WHEN 'tokens' THEN t.input_tokens + t.output_tokens ELSE t.cost_micros END)::bigint
FROM wanted w
JOIN usage_by_user_day t ON t.org_id = w.org_id AND t.user_id = w.user_id
    AND t.starts_at >= w.starts_at AND t.starts_at < w.ends_at
GROUP BY w.budget_id, w.starts_at
