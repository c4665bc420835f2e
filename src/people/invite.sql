-- Mails an invitation to the person of account $1 (public id). One value
-- {"outcome", "why"}, see account_invite().
select account_invite($1::uuid)
