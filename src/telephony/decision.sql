-- One value: what event $2 does in a call of number $1 in state $3 (null:
-- before the call), see recording_decision().
select recording_decision($1, $2, $3)
