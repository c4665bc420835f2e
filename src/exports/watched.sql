-- One value: of the archives being sent, $1 [{"session", "id"}], those that
-- their sessions may still read: {session: {id: true}}.
select exports_watched($1::jsonb)
