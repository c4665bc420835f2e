-- Sets how many days ($3) the site with key $2 of the tenant with key $1 keeps
-- recordings, or only tells what that would remove ($4 false). One value
-- {"outcome", "what"}, see site_retain().
select site_retain($1, $2, $3::int, $4::boolean)
