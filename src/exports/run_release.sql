-- Ends the lease of worker $2 on archive $1: $3 the reason that it failed, or
-- null for another attempt, at once if $4; $5 {reason: calls left out}.
select export_release($1::uuid, $2, $3, $4::boolean, $5::jsonb)
