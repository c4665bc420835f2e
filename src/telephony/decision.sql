-- What becomes of a call of a number ($1) at an event ($2) in a state ($3), see
-- recording_decision().
select recording_decision($1, $2, $3)
