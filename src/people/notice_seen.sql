-- Marks the notice $1 as seen. One value: whether there was one.
select notice_seen($1::uuid)
