-- Sends an invitation to the person of an account ($1). {"outcome"}.
select account_invite($1::int)
