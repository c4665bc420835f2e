set local role smartrecord_admin;

-- Returns the numbers that stand in a cell, as they are written: one number, or
-- several between semicolons, commas, bars, line ends or slashes, which may also
-- be inside a number: "06/12/34/56/78", "tel:…;ext=12".
create function number_list(cell text) returns setof text
language plpgsql immutable strict
set search_path from current
as $$
declare
	parts text[] := array[cell];
	part text;
begin
	if cell ~ E'[;,|\n]| / ' and (number_parts(cell)).number is null then
		parts := regexp_split_to_array(cell, E'[;,|\n]| / ');
	end if;
	foreach part in array parts loop
		if part ~ '/' and (number_parts(part)).number is null then
			return query select btrim(p) from string_to_table(part, '/') p
			where btrim(p) <> '';
		elsif btrim(part) <> '' then
			return next btrim(part);
		end if;
	end loop;
end $$;

-- Returns the text composed, without the blanks and invisible characters around
-- it: as line_read() makes a cell, see text_trim().
create function cell_trimmed(cell text) returns text
language sql immutable strict
as $$
	select regexp_replace(normalize(cell, NFC), '^' || b || '+|' || b || '+$', '', 'g')
	from (select '[\u0009-\u000d\u0020\u0085\u00a0\u00ad\u034f\u061c\u115f\u1160'
		'\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f'
		'\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]') x (b)
$$;

-- Returns the lines with the keys that accounts have already: one that was stored
-- otherwise, decomposed or with blanks around it, is found by what it shows.
create function accounts_keyed(lines jsonb) returns jsonb
language sql stable
set search_path from current
as $$
	with own as materialized (
		select cell_trimmed(a.key) as shown, min(a.key) as key from account a
		where a.tenant_id = app_tenant() and a.key <> cell_trimmed(a.key)
		group by 1
	)
	select coalesce(jsonb_agg(case when o.key is null or exists (select from account a
			where a.tenant_id = app_tenant() and a.key = line ->> 'key') then line
		else line || jsonb_build_object('key', o.key) end order by l.place), '[]')
	from jsonb_array_elements(lines) with ordinality l (line, place)
	left join own o on o.shown = line ->> 'key';
$$;

-- Returns the lines with their numbers in the stored form; a number that is not
-- valid becomes an error of its line, unless the tenant has it already. For the
-- shape see accounts_plan().
create function accounts_read(lines jsonb) returns jsonb
language sql stable
set search_path from current
set jit = off	-- the planner expects millions of numbers
as $$
	with written as materialized (
		select l.place, k.field, coalesce(n.number, (
				select o.number from account_number o where o.tenant_id = app_tenant()
				and o.number = btrim(w.number) and n.number is null)) as number,
			case when n.number is null then 'number_'
				|| coalesce(number_problem(w.number), 'invalid') end as problem
		from jsonb_array_elements(lines) with ordinality l (line, place),
		lateral (values ('fixed'), ('mobile')) k (field),
		lateral jsonb_array_elements_text(case jsonb_typeof(line -> k.field)
			when 'array' then line -> k.field else '[]' end) c (cell),
		lateral number_list(c.cell) with ordinality w (number, n),
		-- at most 20 in a cell
		lateral number_read(case when w.n <= 20 then w.number end) n (number)
	), cells as (
		select place, field,
			coalesce(jsonb_agg(number) filter (where number is not null), '[]') as numbers
		from written group by place, field
	), wrong as (
		select place, jsonb_agg(distinct jsonb_build_object('field', field,
			'problem', problem)) as errors
		from written where number is null group by place
	), read as materialized (
		select c.place, jsonb_object_agg(c.field, c.numbers) as numbers
		from cells c group by c.place
	)
	select coalesce(jsonb_agg(line || coalesce(r.numbers, '{}')
		|| jsonb_build_object('errors', coalesce(line -> 'errors', '[]')
			|| coalesce(w.errors, '[]')) order by l.place), '[]')
	from jsonb_array_elements(lines) with ordinality l (line, place)
	left join read r on r.place = l.place
	left join wrong w on w.place = l.place;
$$;

-- Returns what lines [{"line", "key", "last_name", "first_name", "email",
-- "site", "fixed": [], "mobile": [], "errors": []}] would do in the request's
-- tenant: [{"line", "key", "outcome": create, change, same or error, "account",
-- "site" (public ids or null), "changes": [{"field", "from", "to"}], "errors":
-- [{"field", "problem"}]}].
create function accounts_plan(lines jsonb) returns jsonb
language sql stable
set search_path from current
set jit = off
set enable_nestloop = off	-- the planner can't know the number of lines
as $$
with l as materialized (
	select x.*, a.id as account, a.public_id, a.person_id, a.site_id as was_site,
		a.last_name as was_last, a.first_name as was_first, a.email as was_email,
		count(*) over (partition by x.key) as same_key,
		count(*) over (partition by x.email) as same_email
	from jsonb_to_recordset(lines) x (line int, key text, last_name text,
		first_name text, email text, site text, fixed jsonb, mobile jsonb,
		errors jsonb)
	left join account a on a.tenant_id = app_tenant() and a.key = x.key
), place as materialized (
	-- a line names a site by its key, or by a name that only one site has
	select w.site as word, coalesce(
		(select s.id from site s where s.tenant_id = app_tenant()
			and s.key = lower(w.site)),
		(select min(s.id) from site s where s.tenant_id = app_tenant()
			and lower(unaccent(s.name)) = lower(unaccent(w.site))
			having count(*) = 1)) as id
	from (select distinct site from l) w
), given as materialized (
	select l.line, l.account, k.kind, n.number,
		count(*) over (partition by n.number) as times
	from l, lateral (values ('fixed', l.fixed), ('mobile', l.mobile)) k (kind, numbers),
		lateral jsonb_array_elements_text(k.numbers) n (number)
), had as materialized (
	select n.account_id, n.kind, string_agg(n.number, ' / ' order by n.number) as numbers
	from account_number n
	where n.tenant_id = app_tenant() and n.account_id in (select account from l)
	group by n.account_id, n.kind
), wanted as materialized (
	select line, kind, string_agg(number, ' / ' order by number) as numbers
	from given group by line, kind
), wrong as (
	select distinct g.line, g.kind as field, case when g.times > 1 then 'number_twice'
		else 'number_taken' end as problem
	from given g
	where g.times > 1 or exists (
		select from account_number n
		where n.tenant_id = app_tenant() and n.number = g.number
		and n.account_id is distinct from g.account
		and (n.account_id, n.kind) not in (select r.account, r.kind from given r
			where r.account is not null))
	union all
	-- Calls are assigned by number: an administrator must not give
	-- themselves the number, and thus the calls, of another person.
	select distinct g.line, g.kind, 'number_own'
	from given g
	where g.account = app_account() and not exists (
		select from account_number n
		where n.tenant_id = app_tenant() and n.number = g.number
		and n.account_id = g.account)
	union all
	select l.line, v.field, v.problem
	from l left join place p on p.word = l.site,
	lateral (values
		(l.same_key > 1 and l.key is not null, 'key', 'key_twice'),
		(l.account is null and l.key is not null and l.last_name is null,
			'last_name', 'needed'),
		(l.account is null and l.key is not null and l.site is null, 'site', 'needed'),
		(l.site is not null and p.id is null, 'site', 'site_unknown'),
		(l.last_name is distinct from l.was_last and name_unfit(l.last_name)
			and coalesce(l.errors, '[]') = '[]', 'last_name', 'name_unfit'),
		(l.first_name is distinct from l.was_first and name_unfit(l.first_name)
			and coalesce(l.errors, '[]') = '[]', 'first_name', 'name_unfit'),
		(l.account is null and l.key ~ '://|[\r\n]', 'key', 'name_unfit'),
		(l.same_email > 1 and l.email is not null, 'email', 'email_twice'),
		-- the profiles of an account are suspended while its new address waits
		(l.email is not null and l.email <> lower(l.was_email) and (l.account = app_account() or exists (
			select from account a join profile r on r.tenant_id = a.tenant_id
				and r.account_id = a.id and r.kind = 'administrator'
			where a.tenant_id = app_tenant() and a.id = l.account
			and not administrator_remains(a))), 'email', 'email_stays'),
		(l.email is not null and exists (select from account o
			where o.tenant_id = app_tenant() and o.email <> '' and lower(o.email) = l.email
			and o.id is distinct from l.account), 'email', 'email_taken')
		) v (is_wrong, field, problem)
	where v.is_wrong
), told as materialized (
	select w.line, jsonb_agg(jsonb_build_object('field', w.field, 'problem', w.problem)
		order by w.field, w.problem) as problems
	from wrong w group by w.line
), judged as (
	select l.*, (select s.public_id from site s where s.tenant_id = app_tenant()
			and s.id = p.id) as new_site,
		coalesce(l.errors, '[]') || coalesce(m.problems, '[]') as problems,
		coalesce((
			select jsonb_agg(jsonb_build_object('field', c.field, 'from', c.was, 'to', c.becomes)
				order by c.n)
			from (values
				(1, 'last_name', l.was_last, l.last_name),
				(2, 'first_name', l.was_first, l.first_name),
				(3, 'email', l.was_email, l.email),
				(4, 'site', (select s.name from site s where s.tenant_id = app_tenant()
					and s.id = l.was_site), (select s.name from site s
					where s.tenant_id = app_tenant() and s.id = p.id)),
				(5, 'fixed', hf.numbers, wf.numbers),
				(6, 'mobile', hm.numbers, wm.numbers)) c (n, field, was, becomes)
			where cell_trimmed(c.becomes) is distinct from coalesce(cell_trimmed(c.was), '')
			and c.becomes is not null), '[]') as changes
	from l
	left join place p on p.word = l.site
	left join told m on m.line = l.line
	left join had hf on hf.account_id = l.account and hf.kind = 'fixed'
	left join had hm on hm.account_id = l.account and hm.kind = 'mobile'
	left join wanted wf on wf.line = l.line and wf.kind = 'fixed'
	left join wanted wm on wm.line = l.line and wm.kind = 'mobile'
)
select coalesce(jsonb_agg(jsonb_build_object('line', j.line, 'key', j.key,
	'outcome', case when j.problems <> '[]' then 'error'
		when j.account is null then 'create'
		when j.changes <> '[]' then 'change' else 'same' end,
	'account', j.public_id, 'site', j.new_site,
	'changes', j.changes, 'errors', j.problems) order by j.line), '[]')
from judged j
$$;

-- Mails the people of accounts whose address lines change, at their address of
-- before. kind: "address_asked" while that waits, "address_changed" when it is
-- done.
create function address_tell(lines jsonb, kind text) returns void
language sql volatile
set search_path from current
set jit = off
as $$
	select mail_queue(p.id, address_tell.kind, jsonb_build_object('becomes', w.email,
		'tenant', (select t.name from tenant t where t.id = a.tenant_id)),
		null, a.tenant_id, a.id)
	from jsonb_to_recordset(lines) w (key text, email text)
	join account a on a.tenant_id = app_tenant() and a.key = w.key
	join person p on p.id = a.person_id and p.password_hash is not null
		and account_used(a, p)
	where w.email <> lower(a.email);
$$;

-- Carries out a plan on the lines that it was made of. many: marks the rows of
-- the access log as one action on many accounts.
create function accounts_apply(plan jsonb, lines jsonb, many boolean) returns void
language plpgsql volatile
set search_path from current
set jit = off
as $$
declare
	-- each line that creates or changes, merged with its item of the plan
	work jsonb := (
		select coalesce(jsonb_agg(x.line || p.act), '[]')
		from jsonb_array_elements(lines) x (line)
		join (select a as act from jsonb_array_elements(plan) e (a)
			where a ->> 'outcome' in ('create', 'change')) p
		on p.act -> 'line' = x.line -> 'line');
	proven text[] := array(select n.number from account_number n
		where n.tenant_id = app_tenant() and not n.declared);
begin
	perform address_tell(work, 'address_changed');
	insert into account (tenant_id, key, site_id, first_name, last_name, email)
	select app_tenant(), w.key, s.id, coalesce(w.first_name, ''),
		w.last_name, coalesce(w.email, '')
	from jsonb_to_recordset(work) w (key text, outcome text, site uuid, email text,
		first_name text, last_name text)
	join site s on s.tenant_id = app_tenant() and s.public_id = w.site
	where w.outcome = 'create';
	update account a set
		site_id = coalesce(n.id, a.site_id),
		-- calls that had expired at the old site stay expired at the
		-- new one
		expired_until = case when n.id <> a.site_id then (
			select greatest(a.expired_until, s.expired_until,
				now() - s.retention_days * interval '24 hours')
			from site s where s.tenant_id = a.tenant_id and s.id = a.site_id)
			else a.expired_until end,
		first_name = coalesce(w.first_name, a.first_name),
		last_name = coalesce(w.last_name, a.last_name),
		email = coalesce(w.email, a.email),
		-- whoever has the new address claims the account with a link
		person_id = case when w.email <> lower(a.email) then null else a.person_id end,
		entered = a.entered and not coalesce(w.email <> lower(a.email), false)
	from jsonb_to_recordset(work) w (key text, outcome text, site uuid, email text,
		first_name text, last_name text)
	left join site n on n.tenant_id = app_tenant() and n.public_id = w.site
	where w.outcome = 'change' and a.tenant_id = app_tenant() and a.key = w.key
	and (n.id <> a.site_id or w.first_name <> a.first_name or w.last_name <> a.last_name
		or w.email <> a.email);
	-- first all deletions: a number may move between accounts of the file
	delete from account_number n
	using jsonb_to_recordset(work) w (key text, fixed jsonb, mobile jsonb)
	join account a on a.tenant_id = app_tenant() and a.key = w.key
	where n.tenant_id = app_tenant() and n.account_id = a.id
	and (n.kind = 'fixed' and jsonb_typeof(w.fixed) = 'array'
		or n.kind = 'mobile' and jsonb_typeof(w.mobile) = 'array'
		or w.fixed ? n.number or w.mobile ? n.number);
	insert into account_number (tenant_id, account_id, number, kind, declared)
	select a.tenant_id, a.id, n.number, k.kind, n.number <> all (proven)
	from jsonb_to_recordset(work) w (key text, fixed jsonb, mobile jsonb)
	join account a on a.tenant_id = app_tenant() and a.key = w.key,
	lateral (values ('fixed', w.fixed), ('mobile', w.mobile)) k (kind, numbers),
	lateral jsonb_array_elements_text(k.numbers) n (number);
	insert into audit (tenant_id, kind, person_id, account_id, session_id, detail)
	select app_tenant(), 'account', app_person(), app_account(), app_session(),
		jsonb_strip_nulls(jsonb_build_object('many', nullif(many, false),
			'account', a.public_id, 'fields',
			(select jsonb_agg(c -> 'field') from jsonb_array_elements(w.changes) c),
			'created', w.outcome = 'create'))
	from jsonb_to_recordset(work) w (key text, outcome text, changes jsonb)
	join account a on a.tenant_id = app_tenant() and a.key = w.key;
end $$;

-- Returns the parts of lines that wait for a second person, of what a plan
-- changes: {"lines": [{"line", "key" and the fields that wait}], "changes":
-- [{"key", "field", "from", "to"}]}. E-mails and numbers wait; a site waits
-- when people who supervise single sites would hear more by it, or when an open
-- act names the new site.
create function accounts_waiting(plan jsonb, lines jsonb) returns jsonb
language sql stable
set search_path from current
set jit = off
set enable_nestloop = off	-- the planner can't know the number of lines
as $$
with items as (
	select l.place, p.item ->> 'key' as key, l.line, c.change
	from jsonb_array_elements(plan) p (item)
	join jsonb_array_elements(lines) with ordinality l (line, place)
		on l.line -> 'line' = p.item -> 'line',
	lateral jsonb_array_elements(p.item -> 'changes') c (change)
	where c.change ->> 'field' in ('email', 'fixed', 'mobile')
	or c.change ->> 'field' = 'site' and p.item ->> 'outcome' = 'change' and exists (
		select from account a join site s on s.tenant_id = a.tenant_id
			and s.public_id = (p.item ->> 'site')::uuid
		join profile r on r.tenant_id = a.tenant_id and s.id = any (r.site_ids)
			and a.site_id <> all (r.site_ids)
		where a.tenant_id = app_tenant() and a.key = p.item ->> 'key'
		union all
		select from confirmation r where r.tenant_id = app_tenant()
			and r.outcome is null and r.wanted -> 'supervisor' ? (p.item ->> 'site'))
), per_line as (
	select place, key, line, array_agg(change ->> 'field') as fields
	from items group by place, key, line
)
select jsonb_build_object(
	'lines', (select coalesce(jsonb_agg(jsonb_build_object('line', line -> 'line',
			'key', key, 'errors', '[]'::jsonb)
			|| (select jsonb_object_agg(f, line -> f) from unnest(fields) f)
			order by place), '[]') from per_line),
	'changes', (select coalesce(jsonb_agg(change || jsonb_build_object('key', key)
		order by place), '[]') from items))
$$;

-- Does what a plan does at once, and files what waits, see accounts_waiting().
-- An earlier act that waits gives up the accounts that this one names. Returns
-- the public id of the filed act, or null.
create function accounts_file(plan jsonb, lines jsonb, waits jsonb) returns uuid
language plpgsql volatile
set search_path from current
set jit = off
set enable_nestloop = off
as $$
declare
	keys text[] := array(select w ->> 'key' from jsonb_array_elements(waits -> 'lines') w);
	now_lines jsonb;
	touched int[];
	old confirmation;
	filed uuid;
begin
	select coalesce(jsonb_agg(case when w.line is null then l.line else l.line - array(
			select k from jsonb_object_keys(w.line) k where k not in ('line', 'key', 'errors'))
			end order by l.place), '[]') into now_lines
	from jsonb_array_elements(lines) with ordinality l (line, place)
	left join jsonb_array_elements(waits -> 'lines') w (line)
		on w.line -> 'line' = l.line -> 'line';
	perform accounts_apply(accounts_plan(now_lines), now_lines, true);
	touched := array(select a.id from jsonb_array_elements(plan) p
		join account a on a.tenant_id = app_tenant() and a.key = p ->> 'key'
		where p ->> 'outcome' <> 'same');
	perform account_touched(touched);
	if keys = '{}' then
		return null;
	end if;
	for old in select c.* from confirmation c where c.tenant_id = app_tenant()
		and c.outcome is null and c.kind = 'accounts' order by c.id
	loop
		old.wanted := jsonb_build_object(
			'lines', (select coalesce(jsonb_agg(x), '[]') from jsonb_array_elements(old.wanted -> 'lines') x
				where x ->> 'key' not in (select unnest(keys))),
			'changes', (select coalesce(jsonb_agg(x), '[]') from jsonb_array_elements(old.wanted -> 'changes') x
				where x ->> 'key' not in (select unnest(keys))));
		if old.wanted -> 'lines' = '[]' then
			perform confirmation_close(old, 'replaced', app_account());
		else
			update confirmation c set wanted = old.wanted
			where c.tenant_id = old.tenant_id and c.id = old.id;
		end if;
	end loop;
	-- whoever may confirm is told before a profile is suspended
	filed := confirmation_file('accounts', waits, touched);
	perform address_tell(waits -> 'lines', 'address_asked');
	update profile p set suspended_at = now()
	from account a
	where a.tenant_id = app_tenant() and p.tenant_id = a.tenant_id and p.account_id = a.id
	and p.suspended_at is null
	and a.key in (select w ->> 'key' from jsonb_array_elements(waits -> 'lines') w where w ? 'email');
	-- of accounts that an earlier act has given up
	perform suspensions_end(app_tenant());
	return filed;
end $$;

-- Imports a file, for an administrator: returns {"outcome", "digest", "counts":
-- {"create", "change", "same", "error"}, "lines": accounts_plan(), "waiting":
-- how many changes wait or would wait for a second person, "confirmation": id
-- of the act that waits, or null}. Without a
-- digest only a "preview". With the digest of a preview: "applied"; "changed"
-- when the file would now do something else; "wrong" when a line has an error.
-- One import at a time per tenant. SR403: no administrator. SR409: an account
-- was changed at the same time.
create function accounts_import(lines jsonb, digest text) returns jsonb
language plpgsql volatile security definer
set search_path from current
set jit = off
as $$
declare
	read jsonb := accounts_read(accounts_keyed(lines));
	plan jsonb;
	now_digest text;
	wrong boolean;
	outcome text := 'preview';
	waits jsonb;
	filed uuid;
begin
	if digest is not null then
		-- as confirmation_settle(): the last administrator stays
		perform pg_advisory_xact_lock(hashtext('account_rights_set'), app_tenant());
		perform pg_advisory_xact_lock(hashtext('accounts_import'), app_tenant());
	end if;
	perform administrator_needed();
	plan := accounts_plan(read);
	waits := accounts_waiting(plan, read);
	now_digest := encode(sha256(convert_to(plan::text, 'UTF8')), 'hex');
	wrong := plan @? '$[*] ? (@.outcome == "error")';
	if digest is not null then
		outcome := case when wrong then 'wrong' when digest <> now_digest then 'changed'
			else 'applied' end;
	end if;
	if outcome = 'applied' then
		filed := accounts_file(plan, read, waits);
		perform audit_record('accounts_import', detail => jsonb_build_object(
			'created', (select count(*) from jsonb_array_elements(plan) p
				where p ->> 'outcome' = 'create'),
			'changed', (select count(*) from jsonb_array_elements(plan) p
				where p ->> 'outcome' = 'change')));
	end if;
	return jsonb_build_object('outcome', outcome, 'digest', now_digest,
		'counts', (select jsonb_object_agg(o, (select count(*)
			from jsonb_array_elements(plan) e where e ->> 'outcome' = o))
			from unnest(array['create', 'change', 'same', 'error']) o),
		'waiting', jsonb_array_length(waits -> 'changes'),
		'confirmation', filed,
		'lines', plan);
exception when unique_violation then
	raise exception using errcode = 'SR409',
		message = 'Un de ces comptes vient d’être modifié par ailleurs. Recommencez.';
end $$;

grant execute on function accounts_import(jsonb, text)
	to smartrecord_app;
