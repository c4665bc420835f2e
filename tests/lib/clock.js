// Freezes now() of a database at an instant that the test sets, for tests of
// exact deadlines.
export const hour = 3600000, day = 24 * hour;
export const plus = (instant, ms) => new Date(Date.parse(instant) + ms).toISOString();

// Replaces pg_catalog.now() in a private database of the test.
export async function freeze(db, instant) {
	await db.sql(`set allow_system_table_mods = on;
		create or replace function pg_catalog.now() returns timestamptz
		language sql stable parallel safe
		as $$ select pg_catalog.current_setting('test.now')::timestamptz $$`);
	if (instant)
		await at(db, instant);
}

// Sets the instant for new connections. Open connections keep the old one.
export const at = (db, instant) => db.sql(`alter database "${db.name}" set test.now = '${instant}'`);
