-- One value: the sessions of the request's person, see own_sessions().
select own_sessions()
