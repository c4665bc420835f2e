-- One value: of the recordings being sent, $1 [{"session", "id"}], those that
-- their sessions may still read: {session: {id: true}}.
select recordings_watched($1::jsonb)
