-- Logs that the request's person was refused: $1 is {"method", "route"}.
select audit_seldom('refused', $1::jsonb)
