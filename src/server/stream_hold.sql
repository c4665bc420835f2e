-- Extends the event streams $1 (ids). One value: those that exist, {id: true}.
select coalesce(jsonb_object_agg(id, true), '{}')
from unnest(stream_hold($1::uuid[])) id
