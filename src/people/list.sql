-- A page of the customer's accounts: $1 what is looked for, or null, $2 the
-- last account of the page before, or null. See accounts_page().
select page, page ->> 'next' from accounts_page($1, $2::int) page
