-- One's own sessions.
select own_sessions()
