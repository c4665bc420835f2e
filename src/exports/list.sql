-- One value: the archives of the request's person, newest first, 50 after the
-- id $1 (null: the first page): {"items": [export_json()], "next"}.
with page as (
	select e, row_number() over (order by e.id desc) as n from export e
	where $1::uuid is null or e.id < $1::uuid
	order by e.id desc limit 51
)
select jsonb_build_object(
	'items', coalesce(jsonb_agg(export_json(e) order by n) filter (where n <= 50), '[]'),
	'next', case when count(*) > 50
		then (array_agg((e).id order by n))[50] end)
from page
