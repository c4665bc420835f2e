-- Stops or removes one of one's archives ($1). No row: not one's own.
select x from export_cancel($1::uuid) x where x is not null
