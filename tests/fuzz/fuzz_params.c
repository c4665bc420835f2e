/*
 * Query strings: what parses must survive being written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/params.h"
#include "base/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
keep_all(const char *name)
{
	(void)name;
	return (false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };
	struct buf	 text = { NULL, 0, 0 };
	struct params	 first, second;
	size_t		 i;

	if (params_parse(&first, &a, (const char *)data, size) == OK) {
		params_encode(&first, &text, keep_all);
		if (params_parse(&second, &a, text.data, text.len) != OK ||
		    second.count != first.count)
			abort();
		for (i = 0; i < first.count; i++) {
			if (strcmp(first.list[i].name,
			    second.list[i].name) != 0 ||
			    strcmp(first.list[i].value,
			    second.list[i].value) != 0 ||
			    !utf8_valid(first.list[i].value,
			    strlen(first.list[i].value)))
				abort();
		}
	}
	buf_dispose(&text);
	arena_dispose(&a);

	return (0);
}
