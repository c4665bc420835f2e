-- One row: a page of the tenant's accounts that match the words $1 (null: all),
-- after the account $2 (null: the first page), and its "next". See
-- accounts_page().
select page, page ->> 'next' as next from accounts_page($1, $2::uuid) page
