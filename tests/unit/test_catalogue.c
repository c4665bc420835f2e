/* Every catalogued statement has its name and its text in the binary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"

static void
names_each_file(void **state)
{
	(void)state;
	assert_string_equal(sql_name(SQL_DB_MIGRATION_LIST),
	    "db/migration_list");
	assert_string_equal(sql_name(SQL_SERVER_SESSION_FIND),
	    "server/session_find");
}

static void
holds_each_text(void **state)
{
	int	i;

	(void)state;
	for (i = 0; i < SQL_COUNT; i++) {
		assert_non_null(strchr(sql_name((enum sql)i), '/'));
		assert_true(strlen(sql_text((enum sql)i)) > 10);
	}
	assert_non_null(strstr(sql_text(SQL_DB_MIGRATION_LIST),
	    "from migration"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(names_each_file),
		cmocka_unit_test(holds_each_text),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
