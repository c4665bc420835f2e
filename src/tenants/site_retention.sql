-- How long the site ($2) of the customer ($1) keeps recordings: $3 days, and
-- whether to do it ($4) or to say what it would mean.
select site_retain($1, $2, $3::int, $4::boolean)
