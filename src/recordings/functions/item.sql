set local role smartrecord_owner;

-- Returns a recording as lists, pages and the API show it; times are RFC 3339,
-- duration_ms milliseconds, "match" null. "audio" is the stored audio and the
-- file as it was delivered, of which "kept" says: as_stored (nothing is known
-- of it), same (it is the stored audio) or beside (another object). One
-- expression, so that PostgreSQL inlines it.
create function recording_item(r recording, s site, a account) returns json
language sql stable parallel safe
as $$
select json_build_object(
	'id', r.id,
	'site', json_build_object('id', s.public_id, 'name', s.name,
		'time_zone', s.time_zone),
	'account', json_build_object('id', a.public_id,
		'name', btrim(a.first_name || ' ' || a.last_name)),
	'direction', r.direction,
	'caller', json_build_object('kind', r.caller_kind,
		'value', r.caller_value, 'name', r.caller_name),
	'callee', json_build_object('kind', r.callee_kind,
		'value', r.callee_value, 'name', r.callee_name),
	'started_at', rfc3339(r.started_at),
	'duration_ms', r.duration_ms,
	'mood', r.mood,
	'subject', r.subject,
	'mode', r.mode,
	'status', case when r.subject is null then 'pending' else 'ready' end,
	'has_audio', r.audio_key is not null,
	'audio', case when r.audio_key is not null then json_build_object(
		'format', r.audio_format, 'rate', r.audio_rate,
		'channels', r.audio_channels, 'samples', r.audio_samples,
		'sha256', r.audio_sha256,
		'delivered', json_build_object('kept', case
				when r.original_sha256 is null then 'as_stored'
				when r.original_sha256 = r.audio_sha256 then 'same'
				else 'beside' end,
			'kind', r.original_kind, 'bytes', r.original_bytes,
			'sha256', r.original_sha256)) end,
	'expires_at', rfc3339(r.expires_at),
	'match', null)
$$;

grant execute on function recording_item(recording, site, account)
	to smartrecord_admin, smartrecord_app;

-- Returns audit_listeners() of a recording within the request's scope; null for
-- others.
create function recording_listeners(recording uuid) returns jsonb
language plpgsql stable security definer
set search_path from current
as $$
declare
	listeners jsonb := audit_listeners(recording);
begin
	if listeners is not null and exists (
		select from recording r
		where r.tenant_id = app_tenant() and r.id = recording_listeners.recording
		and r.expires_at > now()
		and (app_team() = 'all' or r.site_id = any (app_sites())
			or app_team() = '' and r.account_id = app_account())) then
		return listeners;
	end if;
	return null;
end $$;

grant execute on function recording_listeners(uuid) to smartrecord_app;
